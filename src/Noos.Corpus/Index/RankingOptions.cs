namespace Noos.Corpus.Index;

/// <summary>
/// How passages are put in order. The defaults were chosen on questions that are not those of the measurement in
/// bench/results/retrieval.md.
/// </summary>
public sealed record RankingOptions
{
    /// <summary>How many passages of each index BM25 chooses to be looked at closely.</summary>
    public int Candidates { get; init; } = 100;

    /// <summary>How many times a word in the title counts when they are chosen.</summary>
    public double CandidateTitleWeight { get; init; } = 4;

    /// <summary>
    /// How many times a word in the title counts, of a title that has no other words; of others the share that the question has.
    /// </summary>
    public double TitleWeight { get; init; } = 1.4;

    /// <summary>How soon more of the same word adds nothing (BM25's k1).</summary>
    public double Saturation { get; init; } = 2;

    /// <summary>How much a long passage is held against it (BM25's b).</summary>
    public double LengthPenalty { get; init; } = 0.3;

    /// <summary>Words of a passage of usual length.</summary>
    public double UsualLength { get; init; } = 70;

    /// <summary>What two words add that stand together as they do in the question, as a share of how rare they are together.</summary>
    public double PairWeight { get; init; } = 0.7;

    /// <summary>How much passages lose for words of the question that they lack: the power of the share that they have.</summary>
    public double Coverage { get; init; } = 0.7;

    /// <summary>What a title adds that stands in the question as a whole, as a share of the weights of its words.</summary>
    public double WholeTitle { get; init; } = 0.7;

    /// <summary>What the first passage of a document adds, which says what the document is about, as a share of all.</summary>
    public double FirstPassage { get; init; } = 0.1;

    /// <summary>
    /// Where the question has an ordinal: what a document adds whose first words say all that is asked for ("George Washington: first
    /// President of the United States"), rather than tell of it by the way, as a share of all.
    /// </summary>
    public double Lead { get; init; } = 0.4;

    /// <summary>How many words are the first.</summary>
    public double LeadWords { get; init; } = 12;

    /// <summary>What the first passage of an article about a person adds where the question is "who", as a share of all.</summary>
    public double Person { get; init; } = 0.4;
}
