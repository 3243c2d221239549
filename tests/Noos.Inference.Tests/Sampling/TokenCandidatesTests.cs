using CsCheck;
using Noos.Inference.Sampling;

namespace Noos.Inference.Tests.Sampling;

/// <summary>The filters beside their plain reference: sorted lists and double precision.</summary>
public sealed unsafe class TokenCandidatesTests
{
    // Logits as models give them: a few likely tokens above a broad rest, flat ones, many equal ones, forbidden ones; of odd lengths too.
    static readonly Gen<float[]> s_logits = Gen.Select(
        Gen.OneOf(Gen.Int[1, 3_000], Gen.Int[1, 300], Gen.Int[4_000, 6_000]), Gen.Int[0, 5], Gen.Int[0, int.MaxValue])
        .Select((length, shape, seed) =>
    {
        var random = new Random(seed);
        var logits = new float[length];
        for (var i = 0; i < length; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            logits[i] = shape switch
            {
                0 => (float)(normal * 3) + (random.Next(100) == 0 ? 12 : 0),
                1 => (float)(normal * 0.1),
                2 => random.Next(4),
                3 => random.Next(3) == 0 ? float.NegativeInfinity : (float)normal * 2,
                // Whole blocks without a candidate, as a constraint leaves them.
                4 => i / 200 % 3 > 0 ? float.NegativeInfinity : (float)normal * 2,
                _ => (float)Math.Exp(normal * 2),
            };
        }

        logits[random.Next(length)] = 1;
        return logits;
    });

    [Fact]
    public void Top_k_keeps_what_sorting_keeps() => Gen.Select(s_logits, Gen.Int[1, 200]).Sample(
        (logits, count) =>
            AssertSame(logits, candidates => candidates.KeepFirst(Math.Min(count, Allowed(logits))), sorted => sorted.KeepFirst(count)));

    [Fact]
    public void Min_p_keeps_what_sorting_keeps() => Gen.Select(s_logits, Gen.Float[0.001f, 1]).Sample(
        (logits, ratio) => AssertSame(logits, candidates => candidates.KeepComparable(ratio), sorted => sorted.KeepComparable(ratio)));

    [Fact]
    public void Top_n_sigma_keeps_what_sorting_keeps() => Gen.Select(s_logits, Gen.Float[0.1f, 4]).Sample(
        (logits, count) => AssertSame(
            logits, candidates => candidates.KeepWithinDeviations(count), sorted => sorted.KeepWithinDeviations(count), tolerance: 1e-4));

    [Fact]
    public void Top_p_keeps_what_sorting_keeps() => Gen.Select(s_logits, Gen.Float[0, 0.999f]).Sample(
        (logits, share) =>
            AssertSame(logits, candidates => candidates.KeepProbable(share), sorted => sorted.KeepProbable(share), tolerance: 1e-4));

    [Fact]
    public void Typical_keeps_what_sorting_keeps() => Gen.Select(s_logits, Gen.Float[0.05f, 0.99f]).Sample(
        (logits, share) =>
            AssertSame(
                logits,
                candidates => candidates.KeepTypical(share),
                sorted => sorted.KeepTypical(share),
                tolerance: 1e-3,
                DistancesFromEntropy(logits)));

    [Fact]
    public void Xtc_excludes_what_sorting_excludes() => Gen.Select(s_logits, Gen.Float[0.01f, 0.5f]).Sample(
        (logits, threshold) => AssertSame(
            logits, candidates => candidates.ExcludeTopChoices(threshold), sorted => sorted.ExcludeTopChoices(threshold), tolerance: 1e-4));

    [Fact]
    public void Chain_keeps_what_sorting_keeps() =>
        Gen.Select(s_logits, Gen.Int[1, 100], Gen.Float[0.3f, 0.99f], Gen.Float[0.001f, 0.2f]).Sample(
        (logits, count, share, ratio) => AssertSame(
            logits,
            candidates =>
            {
                candidates.KeepWithinDeviations(2);
                candidates.KeepFirst(count);
                candidates.KeepTypical(share);
                candidates.KeepProbable(share);
                candidates.KeepComparable(ratio);
            },
            sorted =>
            {
                sorted.KeepWithinDeviations(2);
                sorted.KeepFirst(count);
                sorted.KeepTypical(share);
                sorted.KeepProbable(share);
                sorted.KeepComparable(ratio);
            },
            tolerance: 1e-3));

    [Fact]
    public void Filters_worked_out_keep_what_sorting_keeps() =>
        Gen.Select(s_logits, Gen.Float[0.05f, 0.99f], Gen.Float[0.001f, 0.2f]).Sample(
        (logits, share, ratio) =>
        {
            // Filters behind them need the whole set; the last one alone is tested token by token.
            AssertSame(
                logits,
                candidates =>
                {
                    candidates.KeepTypical(share);
                    candidates.KeepProbable(share);
                    candidates.KeepComparable(ratio);
                    candidates.KeepFirst(1_000_000);
                },
                sorted =>
                {
                    sorted.KeepTypical(share);
                    sorted.KeepProbable(share);
                    sorted.KeepComparable(ratio);
                },
                tolerance: 1e-3);
            AssertSame(
                logits,
                candidates =>
                {
                    candidates.KeepProbable(share);
                    candidates.ExcludeTopChoices(0.1f);
                },
                sorted =>
                {
                    sorted.KeepProbable(share);
                    sorted.ExcludeTopChoices(0.1f);
                },
                tolerance: 1e-3);
        });

    [Fact]
    public void Ranked_tokens_are_in_the_order_of_sorting() => Gen.Select(s_logits, Gen.Int[1, 300]).Sample((logits, count) =>
    {
        var sorted = new SortedCandidates();
        sorted.Fill(logits);
        sorted.Sort();
        sorted.KeepFirst(count);
        var candidates = new TokenCandidates();
        fixed (float* pointer = logits)
        {
            candidates.Begin(pointer, logits.Length);
            candidates.KeepFirst(count);

            Assert.Equal(Enumerable.Range(0, sorted.Count).Select(index => sorted[index].Token), candidates.Ranked.ToArray());
        }
    });

    [Fact]
    public void Largest_token_is_the_first_of_equals_and_never_one_that_is_no_number() => s_logits.Sample(logits =>
    {
        for (var i = 0; i < logits.Length; i += 3)
        {
            logits[i] = float.NaN;
        }

        var candidates = new TokenCandidates();
        fixed (float* pointer = logits)
        {
            candidates.Begin(pointer, logits.Length);
            var numbers = logits.Where(logit => !float.IsNaN(logit)).ToArray();
            var largest = numbers.Length == 0 ? float.NegativeInfinity : numbers.Max();

            Assert.Equal(largest, candidates.Largest);
            Assert.Equal(largest == float.NegativeInfinity ? -1 : Array.IndexOf(logits, largest), candidates.IndexOfLargest());
        }
    });

    [Fact]
    public void Exact_draws_follow_the_probabilities_over_the_whole_vocabulary()
    {
        const int Length = 5_003;
        const int Draws = 400_000;
        var random = new Random(3);
        float[] logits = [.. Enumerable.Range(0, Length).Select(_ => (float)random.NextDouble() * 6)];
        var total = logits.Sum(logit => Math.Exp(logit / 0.8));
        var counts = new int[Length];
        var candidates = new TokenCandidates();
        fixed (float* pointer = logits)
        {
            candidates.Begin(pointer, Length);
            for (var i = 0; i < Draws; i++)
            {
                counts[candidates.DrawBySums(0.8f, (i + 0.5) / Draws)]++;
            }
        }

        // Evenly spaced numbers leave each token its share, give or take one.
        Assert.All(logits.Select((logit, token) => Math.Abs(counts[token] - (Draws * Math.Exp(logit / 0.8) / total))), off =>
            Assert.InRange(off, 0, 1.2));
    }

    [Fact]
    public void Draws_of_any_chain_follow_the_probabilities_of_what_sorting_leaves()
    {
        const int Draws = 10_000;
        const float Temperature = 0.8f;
        var random = new Random(4);
        foreach (var spread in new[] { 0.1, 2, 5 })
        {
            float[] logits = [.. Enumerable.Range(0, 1_003).Select(_ => (float)((random.NextDouble() + random.NextDouble() - 1) * spread))];
            foreach (var (filter, reference) in Chains())
            {
                var sorted = new SortedCandidates();
                sorted.Fill(logits);
                sorted.Sort();
                reference(sorted);
                var weights = Enumerable.Range(0, sorted.Count)
                    .ToDictionary(index => sorted[index].Token, index => Math.Exp((sorted[index].Logit - sorted[0].Logit) / Temperature));
                var counts = new int[logits.Length];
                var candidates = new TokenCandidates();
                fixed (float* pointer = logits)
                {
                    for (var i = 0; i < Draws; i++)
                    {
                        candidates.Begin(pointer, logits.Length);
                        filter(candidates);
                        counts[candidates.Draw(Temperature, new SplitMix64((ulong)i))]++;
                    }
                }

                // Pearson's test, for which rare tokens count together.
                Assert.All(counts.Index().Where(count => count.Item > 0), count => Assert.Contains(count.Index, weights));
                var expected = Draws / weights.Values.Sum();
                var groups = weights.GroupBy(one => one.Value * expected < 5 ? -1 : one.Key)
                    .Select(group => (Expected: group.Sum(one => one.Value * expected), Drawn: group.Sum(one => counts[one.Key])))
                    .ToArray();
                var statistic = groups.Sum(group => Math.Pow(group.Drawn - group.Expected, 2) / group.Expected);
                Assert.InRange(statistic, 0, groups.Length - 1 + (6 * Math.Sqrt(2 * groups.Length)));
            }
        }
    }

    static (Action<TokenCandidates> Filter, Action<SortedCandidates> Reference)[] Chains() =>
    [
        (_ => { }, _ => { }),
        (candidates => candidates.KeepComparable(0.05f), sorted => sorted.KeepComparable(0.05f)),
        (candidates => candidates.KeepWithinDeviations(1), sorted => sorted.KeepWithinDeviations(1)),
        (candidates => candidates.KeepProbable(0.9f), sorted => sorted.KeepProbable(0.9f)),
        (candidates => candidates.KeepProbable(0.1f), sorted => sorted.KeepProbable(0.1f)),
        (candidates => candidates.KeepTypical(0.9f), sorted => sorted.KeepTypical(0.9f)),
        (candidates => candidates.KeepTypical(0.1f), sorted => sorted.KeepTypical(0.1f)),
        (candidates => candidates.KeepFirst(40), sorted => sorted.KeepFirst(40)),
        (candidates => candidates.ExcludeTopChoices(0.02f), sorted => sorted.ExcludeTopChoices(0.02f)),
        (
            candidates =>
            {
                candidates.KeepFirst(40);
                candidates.KeepTypical(0.95f);
                candidates.KeepProbable(0.9f);
                candidates.KeepComparable(0.05f);
                candidates.ExcludeTopChoices(0.05f);
            },
            sorted =>
            {
                sorted.KeepFirst(40);
                sorted.KeepTypical(0.95f);
                sorted.KeepProbable(0.9f);
                sorted.KeepComparable(0.05f);
                sorted.ExcludeTopChoices(0.05f);
            }
        ),
        (
            candidates =>
            {
                candidates.KeepWithinDeviations(2);
                candidates.KeepProbable(0.9f);
                candidates.KeepComparable(0.05f);
            },
            sorted =>
            {
                sorted.KeepWithinDeviations(2);
                sorted.KeepProbable(0.9f);
                sorted.KeepComparable(0.05f);
            }
        ),
    ];

    /// <summary>How far the surprise of each token is from the mean of all: likely and unlikely tokens can be equally far.</summary>
    static double[] DistancesFromEntropy(float[] logits)
    {
        var largest = logits.Max();
        var logTotal = largest + Math.Log(logits.Sum(logit => Math.Exp(logit - largest)));
        var entropy = logits.Where(logit => logit > float.NegativeInfinity)
            .Sum(logit => Math.Exp(logit - logTotal) * (logTotal - logit));
        return [.. logits.Select(logit => Math.Abs(logTotal - logit - entropy))];
    }

    static int Allowed(float[] logits) => logits.Count(logit => logit > float.NegativeInfinity);

    /// <summary>
    /// The same tokens stay; a share of probability may be missed by the rounding of single precision where one token decides.
    /// </summary>
    /// <param name="order">[tokens]: what the filter orders by, where that is not the logit.</param>
    static void AssertSame(
        float[] logits, Action<TokenCandidates> filter, Action<SortedCandidates> reference, double tolerance = 0, double[]? order = null)
    {
        var sorted = new SortedCandidates();
        sorted.Fill(logits);
        sorted.Sort();
        reference(sorted);
        var expected = Enumerable.Range(0, sorted.Count).Select(index => sorted[index].Token).ToHashSet();
        var candidates = new TokenCandidates();
        HashSet<int> kept;
        fixed (float* pointer = logits)
        {
            candidates.Begin(pointer, logits.Length);
            filter(candidates);
            kept = [.. Enumerable.Range(0, logits.Length).Where(candidates.Contains)];
        }

        var differing = kept.Except(expected).Concat(expected.Except(kept)).ToArray();
        if (tolerance == 0)
        {
            Assert.Empty(differing);
        }
        else
        {
            // At most one token at the edge, or several that are as likely as the edge to within rounding.
            var edges = differing.Select(token => order?[token] ?? logits[token]).ToArray();
            Assert.True(edges.Length <= 1 || edges.Max() - edges.Min() < 1e-3 || differing.Length < expected.Count * tolerance,
                $"{differing.Length} of {expected.Count} differ");
        }
    }
}
