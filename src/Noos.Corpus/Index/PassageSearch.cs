using Microsoft.Extensions.AI;

namespace Noos.Corpus.Index;

/// <summary>Searches one index or several as if they were one. Thread-safe.</summary>
/// <param name="indexes">Not owned.</param>
/// <param name="options">How passages are put in order.</param>
public sealed class PassageSearch(IReadOnlyList<SearchIndex> indexes, RankingOptions? options = null)
{
    readonly RankingOptions _options = options ?? new RankingOptions();

    /// <summary>The passages that answer a question best, by its words (BM25).</summary>
    /// <param name="question">Whatever a person or a model writes.</param>
    /// <param name="limit">How many at most.</param>
    public IReadOnlyList<SearchHit> Search(string question, int limit) =>
        [.. Rank(SearchQuery.Parse(question)).Take(limit).Select(found => new SearchHit(found.Passage, found.Score))];

    /// <summary>
    /// The same, and by meaning: the order by words and the order of the vectors that the indexes have of this generator's model, fused.
    /// </summary>
    /// <param name="question">Whatever a person or a model writes.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="generator">Makes the vector of the question.</param>
    /// <param name="cancellationToken">Stops the generator.</param>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(
        string question, int limit, IEmbeddingGenerator<string, Embedding<float>> generator, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        if (string.IsNullOrWhiteSpace(question))
        {
            return [];
        }

        var byWords = Rank(SearchQuery.Parse(question));
        var made = await generator.GenerateAsync([question], cancellationToken: cancellationToken);
        var model = PassageVectors.ModelOf(generator);
        var byMeaning = indexes.SelectMany((index, number) => PassageVectors.FindNearest(index, model, made[0].Vector, _options.Candidates)
                .Select(near => (Key: (number, near.Id), near.Passage, near.Similarity)))
            .OrderByDescending(near => near.Similarity).Take(_options.Candidates).ToArray();
        var passages = byMeaning.Select(near => (near.Key, near.Passage))
            .Concat(byWords.Select(found => (found.Key, found.Passage)))
            .DistinctBy(found => found.Key).ToDictionary(found => found.Key, found => found.Passage);
        var fused = RankFusion.Fuse<(int, long)>([.. byWords.Select(found => found.Key)], [.. byMeaning.Select(near => near.Key)]);
        return [.. fused.Take(limit).Select(found => new SearchHit(passages[found.Item], found.Score))];
    }

    ((int Index, long Id) Key, Passage Passage, double Score)[] Rank(SearchQuery query)
    {
        if (query.IsEmpty || indexes.Count == 0)
        {
            return [];
        }

        var passages = indexes.Sum(index => index.CountPassages());
        double[] weights =
        [
            .. query.Words.Select(word => PassageRanker.WeightOf(indexes.Sum(index => index.CountPassages(word.ToMatch())), passages)),
        ];
        // "First" is frequent, but without it another president is meant.
        var rarest = weights.Max();
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = query.Words[i].IsOrdinal ? rarest : weights[i];
        }

        var pairs = query.Pairs().ToDictionary(
            pair => pair.First,
            pair => PassageRanker.WeightOf(indexes.Sum(index => index.CountPassages(SearchQuery.ToMatch(pair.First, pair.Second))),
                passages));
        double[] pairWeights = [.. query.Words.Select(word => pairs.GetValueOrDefault(word))];
        var ranker = new PassageRanker(query, weights, pairWeights, _options);
        return
        [
            .. indexes.SelectMany((index, number) => index.FindCandidates(query, _options.Candidates, _options.CandidateTitleWeight)
                    .Select(found => (Key: (number, found.Id), found.Passage, Score: ranker.Score(found.Passage))))
                // Of equal ones the one that BM25 put first.
                .OrderByDescending(found => found.Score),
        ];
    }
}
