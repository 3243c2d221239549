using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;

namespace Noos.Corpus.Cleaning;

/// <summary>
/// A range or a corpus in numbers: every record is a page or skipped for a reason, and every page is kept or dropped for a first reason, by
/// each policy; so the numbers add up. The sum of tallies is the tally of the sum.
/// </summary>
public sealed record CorpusTally
{
    /// <summary>Answers of the web in the archives, pages or not.</summary>
    public long Records { get; set; }

    public CountPair Pages { get; set; } = new();

    /// <summary>Bytes of UTF-8 of all text.</summary>
    public long Bytes { get; set; }

    /// <summary>Records that gave no page, by reason.</summary>
    public SortedDictionary<string, long> Skipped { get; set; } = new(StringComparer.Ordinal);

    public List<PolicyTally> Policies { get; set; } = [];

    /// <summary>By site; those behind the largest thousands are together under <see cref="OtherHosts"/>.</summary>
    public SortedDictionary<string, GroupTally> Hosts { get; set; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, GroupTally> Languages { get; set; } = new(StringComparer.Ordinal);

    /// <summary>How many clusters of copies there are of each size, of those whose first page is here.</summary>
    public SortedDictionary<int, long> ClusterSizes { get; set; } = [];

    /// <summary>Pages whose ids have the least hashes: the same ones, however the work was divided.</summary>
    public List<SampleTally> Samples { get; set; } = [];

    /// <summary>Hosts that have no row of their own.</summary>
    public const string OtherHosts = "(others)";

    const int MaxHosts = 5000;

    /// <summary>Adds another tally of the same policies.</summary>
    /// <param name="other">Which is not used any more.</param>
    /// <param name="maxSamples">How many samples stay, and how many of each reason.</param>
    internal void Add(CorpusTally other, (int All, int Reason) maxSamples)
    {
        Records += other.Records;
        Pages += other.Pages;
        Bytes += other.Bytes;
        Sum(Skipped, other.Skipped, static (one, two) => one + two);
        Sum(Hosts, other.Hosts, static (one, two) => one + two);
        Sum(Languages, other.Languages, static (one, two) => one + two);
        Sum(ClusterSizes, other.ClusterSizes, static (one, two) => one + two);
        Policies = Policies.Count == 0 ? other.Policies
            : [.. Policies.Zip(other.Policies, (one, two) => one.Add(two, maxSamples.Reason))];
        Samples = [.. Samples.Concat(other.Samples).OrderBy(sample => sample.Id, StringComparer.Ordinal).Take(maxSamples.All)];
        LimitHosts();
    }

    internal void LimitHosts()
    {
        // Twice as many before they are cut, so that merging does not sort at each step.
        if (Hosts.Count <= 2 * MaxHosts)
        {
            return;
        }

        var kept = Hosts.Where(host => host.Key != OtherHosts).OrderByDescending(host => host.Value.Pages.Pages)
            .ThenBy(host => host.Key, StringComparer.Ordinal).Take(MaxHosts).Select(host => host.Key).ToHashSet(StringComparer.Ordinal);
        var rest = Hosts.Where(host => !kept.Contains(host.Key)).ToList();
        rest.ForEach(host => Hosts.Remove(host.Key));
        Hosts[OtherHosts] = rest.Select(host => host.Value).Aggregate((one, two) => one + two);
    }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, TallyJsonContext.Default.CorpusTally);

    /// <exception cref="NoosException">It is not there, or damaged.</exception>
    public static CorpusTally Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), TallyJsonContext.Default.CorpusTally)!;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new NoosException(
                e is JsonException ? ErrorKind.Damaged : ErrorKind.NotFound,
                $"The numbers '{path}' cannot be read; run 'noos clean' on the corpus to its end.", e);
        }
    }

    static void Sum<TKey, TValue>(
        SortedDictionary<TKey, TValue> sums, SortedDictionary<TKey, TValue> others, Func<TValue, TValue, TValue> add)
        where TKey : notnull
    {
        foreach (var (key, value) in others)
        {
            sums[key] = sums.TryGetValue(key, out var sum) ? add(sum, value) : value;
        }
    }
}

/// <summary>Pages, and the tokens in them.</summary>
public sealed record CountPair(long Pages = 0, double Tokens = 0)
{
    public static CountPair operator +(CountPair one, CountPair other) => new(one.Pages + other.Pages, one.Tokens + other.Tokens);

    public static CountPair Add(CountPair left, CountPair right) => left + right;
}

/// <summary>What became of the pages of a host or language.</summary>
/// <param name="Pages">All.</param>
/// <param name="Kept">By each policy, in their order.</param>
public sealed record GroupTally(CountPair Pages, List<CountPair> Kept)
{
    public static GroupTally operator +(GroupTally one, GroupTally other) =>
        new(one.Pages + other.Pages, [.. one.Kept.Zip(other.Kept, (left, right) => left + right)]);

    public static GroupTally Add(GroupTally left, GroupTally right) => left + right;
}

/// <summary>What a policy keeps and drops.</summary>
public sealed record PolicyTally
{
    public required string Name { get; init; }

    public CountPair Kept { get; init; } = new();

    /// <summary>In the order in which they are asked; the first that fits is the reason.</summary>
    public required List<ReasonTally> Reasons { get; init; }

    internal PolicyTally Add(PolicyTally other, int maxSamples) => this with
    {
        Kept = Kept + other.Kept,
        Reasons = [.. Reasons.Zip(other.Reasons, (one, two) => one.Add(two, maxSamples))],
    };
}

/// <summary>A reason, and what it drops.</summary>
public sealed record ReasonTally
{
    public required string Name { get; init; }

    /// <summary>For which it is the first reason; these add up.</summary>
    public CountPair First { get; init; } = new();

    /// <summary>That it fits at all, first or not, enabled or not.</summary>
    public CountPair Any { get; init; } = new();

    /// <summary>For which it is the only reason.</summary>
    public CountPair Only { get; init; } = new();

    /// <summary>Some of those that it drops.</summary>
    public List<SampleTally> Samples { get; init; } = [];

    internal ReasonTally Add(ReasonTally other, int maxSamples) => this with
    {
        First = First + other.First,
        Any = Any + other.Any,
        Only = Only + other.Only,
        Samples = [.. Samples.Concat(other.Samples).OrderBy(sample => sample.Id, StringComparer.Ordinal).Take(maxSamples)],
    };
}

/// <summary>A page that stands for others.</summary>
/// <param name="Id">A hash of its identity, by which samples are chosen.</param>
public sealed record SampleTally(string Id, string Address, string? Title, string Language, double Tokens)
{
    /// <summary>The beginning of the text.</summary>
    public string Excerpt { get; init; } = "";

    public SortedDictionary<string, double> Signals { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Pages in its cluster of copies.</summary>
    public int Copies { get; init; } = 1;

    /// <summary>The reasons of each policy that are no bounds: opted out later, fetched again, other language, copies.</summary>
    public List<List<string>> Fixed { get; init; } = [];
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CorpusTally))]
sealed partial class TallyJsonContext : JsonSerializerContext;
