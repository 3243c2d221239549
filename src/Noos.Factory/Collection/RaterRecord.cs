using Noos.Corpus.Preferences;

namespace Noos.Factory.Collection;

/// <summary>What is known of a rater: how they do on items with a known answer, and how far they agree with themselves.</summary>
/// <param name="Rater">Who.</param>
/// <param name="KnownPairs">Pairs with a known order that they judged.</param>
/// <param name="KnownRight">So many of them rightly.</param>
/// <param name="RepeatedPairs">Pairs that they were shown twice.</param>
/// <param name="RepeatedSame">So many of them judged the same way again.</param>
public sealed record RaterRecord(string Rater, int KnownPairs, int KnownRight, int RepeatedPairs, int RepeatedSame)
{
    // Of a normal distribution: nine of ten are below.
    const double Quantile = 1.2816;
    const double Margin = 0.1;

    /// <summary>Known prompts that the pairs are of.</summary>
    public int KnownItems { get; init; }

    /// <summary>Prompts that they were shown twice.</summary>
    public int RepeatedItems { get; init; }

    /// <summary>Whether what they say is learned.</summary>
    public bool IsReliable(CollectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return IsGood(KnownPairs, KnownRight, KnownItems, options) && IsGood(RepeatedPairs, RepeatedSame, RepeatedItems, options);
    }

    /// <summary>Whether a label is about answers of which it is known which are better.</summary>
    public static bool IsKnown(Label label, CollectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(label);
        return KnownPairsOf(label, options).Any();
    }

    /// <summary>The records of all raters of some labels.</summary>
    public static IReadOnlyList<RaterRecord> Measure(IEnumerable<Label> labels, CollectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(options);
        return
        [
            .. labels.Where(label => label.Places.Count > 0).GroupBy(label => label.Rater, StringComparer.Ordinal)
                .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
                {
                    bool[][] known = [.. group.Where(label => !label.IsRepeat).Select(label => KnownPairsOf(label, options).ToArray())
                        .Where(pairs => pairs.Length > 0)];
                    bool[][] repeated = [.. group.GroupBy(label => label.Item, StringComparer.Ordinal).Where(item => item.Count() > 1)
                        .Select(item => RepeatedPairsOf([.. item]).ToArray())];
                    return new RaterRecord(
                        group.Key, known.Sum(pairs => pairs.Length), known.Sum(pairs => pairs.Count(isRight => isRight)),
                        repeated.Sum(pairs => pairs.Length), repeated.Sum(pairs => pairs.Count(isSame => isSame)))
                    {
                        KnownItems = known.Length,
                        RepeatedItems = repeated.Length,
                    };
                }),
        ];
    }

    // Few prompts say little, and the pairs of one are right or wrong together: the upper end of Wilson's interval (1927) over the prompts
    // must be below what is asked for, but for a tenth.
    static bool IsGood(int pairs, int right, int items, CollectionOptions options)
    {
        if (pairs < options.MinRatedPairs || (double)right / pairs >= options.MinRaterAccuracy)
        {
            return true;
        }

        var (share, z2) = ((double)right / pairs, Quantile * Quantile);
        var upper = (share + (z2 / (2 * items)) + (Quantile * Math.Sqrt((share * (1 - share) / items) + (z2 / (4.0 * items * items)))))
            / (1 + (z2 / items));
        return upper >= options.MinRaterAccuracy + Margin;
    }

    static IEnumerable<bool> KnownPairsOf(Label label, CollectionOptions options)
    {
        var answers = label.Group.Answers;
        for (var first = 0; first < answers.Count && label.Places.Count > 0; first++)
        {
            for (var second = first + 1; second < answers.Count; second++)
            {
                if (answers[first].TrueScore is { } one && answers[second].TrueScore is { } other
                    && Math.Abs(one - other) >= options.KnownGap)
                {
                    yield return Math.Sign(label.Places[second] - label.Places[first]) == Math.Sign(one - other);
                }
            }
        }
    }

    static IEnumerable<bool> RepeatedPairsOf(Label[] same)
    {
        var count = same.Min(label => label.Places.Count - (label.HasEdit ? 1 : 0));
        for (var again = 1; again < same.Length; again++)
        {
            for (var first = 0; first < count; first++)
            {
                for (var second = first + 1; second < count; second++)
                {
                    yield return Verdict(same[0]) == Verdict(same[again]);

                    int Verdict(Label label) => Math.Sign(label.Places[first] - label.Places[second]);
                }
            }
        }
    }
}
