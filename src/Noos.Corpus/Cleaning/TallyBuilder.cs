using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Noos.Corpus.Cleaning.Pages;
using Noos.Corpus.Cleaning.Policies;
using Noos.Corpus.Cleaning.Signals;

namespace Noos.Corpus.Cleaning;

/// <summary>Counts the pages of a range.</summary>
/// <param name="policies">In the order of the verdicts.</param>
/// <param name="maxSamples">Pages that stand for all.</param>
/// <param name="reasonSamples">And for each reason.</param>
/// <param name="excerpt">Characters of a sample.</param>
sealed class TallyBuilder(IReadOnlyList<CleanPolicy> policies, int maxSamples, int reasonSamples, int excerpt)
{
    static readonly string[] s_fixed =
    [
        CleanPolicy.Withdrawn, CleanPolicy.Superseded, CleanPolicy.OtherLanguage, CleanPolicy.Duplicate, CleanPolicy.NearDuplicate,
    ];

    readonly CorpusTally _tally = new();
    readonly CountPair[] _kept = [.. policies.Select(_ => new CountPair())];
    readonly Dictionary<string, ReasonCount>[] _reasons =
    [
        .. policies.Select(policy => policy.Reasons.Append(CleanPolicy.Duplicate).Append(CleanPolicy.NearDuplicate)
            .ToDictionary(reason => reason, _ => new ReasonCount(new LeastSamples(reasonSamples)), StringComparer.Ordinal)),
    ];

    readonly LeastSamples _samples = new(maxSamples);
    readonly List<ReasonCount> _first = [];

    public void Add(PageRecord page, VerdictFile verdicts, int row, in ClusterEntry cluster, long number)
    {
        var tokens = page.Signals[SignalNames.Tokens] ?? 0;
        var one = new CountPair(1, tokens);
        _tally.Pages += one;
        _tally.Bytes += Encoding.UTF8.GetByteCount(page.Text);
        if (cluster.Cluster == number)
        {
            _tally.ClusterSizes[cluster.Size] = _tally.ClusterSizes.GetValueOrDefault(cluster.Size) + 1;
        }

        var kept = new List<CountPair>();
        var reasons = new List<List<string>>();
        var copies = cluster.Size;
        var sample = new Lazy<SampleTally>(() => CreateSample(page, tokens, reasons, copies));
        for (var policy = 0; policy < policies.Count; policy++)
        {
            var found = CleanStages.ReasonsOf(verdicts.Dropped(row, policy), cluster, policy, policies[policy].Reasons);
            var counts = _reasons[policy];
            reasons.Add([.. found.Intersect(s_fixed, StringComparer.Ordinal)]);
            foreach (var reason in found)
            {
                counts[reason].Any += one;
            }

            for (var bit = 0; bit < policies[policy].Reasons.Count; bit++)
            {
                if ((verdicts.Noticed(row, policy) >> bit & 1) != 0)
                {
                    counts[policies[policy].Reasons[bit]].Any += one;
                }
            }

            if (found.Count > 0)
            {
                counts[found[0]].First += one;
                counts[found[0]].Only += found.Count == 1 ? one : new CountPair();
                _first.Add(counts[found[0]]);
            }

            _kept[policy] += found.Count == 0 ? one : new CountPair();
            kept.Add(found.Count == 0 ? one : new CountPair());
        }

        var id = HashOf(page);
        _samples.Offer(id, sample);
        _first.ForEach(reason => reason.Samples.Offer(id, sample));
        _first.Clear();
        var group = new GroupTally(one, kept);
        Sum(_tally.Hosts, page.Host, group);
        Sum(_tally.Languages, page.Language, group);
        _tally.LimitHosts();
    }

    /// <param name="counts">Of the extraction.</param>
    public CorpusTally Finish(IReadOnlyDictionary<string, long> counts)
    {
        _tally.Records = counts.GetValueOrDefault(CleanStages.RecordsCount);
        foreach (var (name, count) in counts)
        {
            if (name.StartsWith(CleanStages.SkippedPrefix, StringComparison.Ordinal))
            {
                _tally.Skipped[name[CleanStages.SkippedPrefix.Length..]] = count;
            }
        }

        _tally.Samples = _samples.Values;
        _tally.Policies =
        [
            .. policies.Select((policy, number) => new PolicyTally
            {
                Name = policy.Name,
                Kept = _kept[number],
                Reasons =
                [
                    .. _reasons[number].Select(reason => new ReasonTally
                    {
                        Name = reason.Key,
                        First = reason.Value.First,
                        Any = reason.Value.Any,
                        Only = reason.Value.Only,
                        Samples = reason.Value.Samples.Values,
                    }),
                ],
            }),
        ];
        return _tally;
    }

    static void Sum(SortedDictionary<string, GroupTally> groups, string name, GroupTally group) =>
        groups[name] = groups.TryGetValue(name, out var sum) ? sum + group : group;

    static string HashOf(PageRecord page) => XxHash128.HashToUInt128(Encoding.UTF8.GetBytes($"{page.Address}\0{page.Capture}"))
        .ToString("x32", CultureInfo.InvariantCulture);

    SampleTally CreateSample(PageRecord page, double tokens, List<List<string>> reasons, int copies)
    {
        var end = Math.Min(excerpt, page.Text.Length);
        end -= end < page.Text.Length && char.IsHighSurrogate(page.Text[end - 1]) ? 1 : 0;
        return new SampleTally(HashOf(page), page.Address, page.Title, page.Language, tokens)
        {
            Excerpt = page.Text[..end],
            Signals = new(page.Signals.Values.ToDictionary(), StringComparer.Ordinal),
            Fixed = reasons,
            Copies = copies,
        };
    }

    sealed class ReasonCount(LeastSamples samples)
    {
        public CountPair First { get; set; } = new();

        public CountPair Any { get; set; } = new();

        public CountPair Only { get; set; } = new();

        public LeastSamples Samples { get; } = samples;
    }

    /// <summary>Those with the least ids.</summary>
    sealed class LeastSamples(int max)
    {
        readonly SortedDictionary<string, SampleTally> _samples = new(StringComparer.Ordinal);
        readonly SortedSet<string> _ids = new(StringComparer.Ordinal);

        public List<SampleTally> Values => [.. _samples.Values];

        public void Offer(string id, Lazy<SampleTally> sample)
        {
            if (_ids.Count >= max && string.CompareOrdinal(id, _ids.Max) >= 0)
            {
                return;
            }

            _ids.Add(id);
            _samples[id] = sample.Value;
            if (_ids.Count > max)
            {
                _samples.Remove(_ids.Max!);
                _ids.Remove(_ids.Max!);
            }
        }
    }
}
