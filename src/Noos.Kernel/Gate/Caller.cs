using Noos.Core.Conversations;

namespace Noos.Kernel.Gate;

/// <summary>Who makes a call, as far as the gate must know.</summary>
/// <param name="ProcessId">The id that tools see.</param>
public sealed record Caller(string ProcessId)
{
    /// <summary>The process; null for an answer without one.</summary>
    public long? Process { get; init; }

    /// <summary>The conversation that the process belongs to: itself, or the first of its ancestors.</summary>
    public long? Conversation { get; init; }

    /// <summary>Whose process it is: his permissions hold.</summary>
    public string Owner { get; init; } = "";

    /// <summary>What it has read.</summary>
    public Provenance Provenance { get; init; } = new();

    /// <summary>
    /// What its ancestors have read up to now, the nearest first: they speak to it, and whom they know it may know.
    /// </summary>
    public Func<IEnumerable<Provenance>> Above { get; init; } = () => [];

    /// <summary>What its sub-agents have read, theirs included: their answers may come from that.</summary>
    public Func<IEnumerable<Provenance>> Below { get; init; } = () => [];

    /// <summary>
    /// What all other processes of the conversation have read: what they tell a source of links by following them adds up.
    /// </summary>
    public Func<IEnumerable<Provenance>> Others { get; init; } = () => [];

    /// <summary>The folder of its own; null where it has none.</summary>
    public string? Folder { get; init; }

    /// <summary>Tokens of the context window of the model that calls; null where nobody knows.</summary>
    public int? Window { get; init; }

    /// <summary>Who is asked; null for the gate's.</summary>
    public IApprover? Approver { get; init; }

    /// <summary>The least trusted origin of what it may speak from; null while all is trusted.</summary>
    public Origin? Taint => Above().Aggregate(Provenance.Taint, (taint, one) => taint.LessTrusted(one.Taint));

    /// <summary>The same of all its sub-agents.</summary>
    public Origin? TaintBelow => Below().Aggregate((Origin?)null, (taint, one) => taint.LessTrusted(one.Taint));

    /// <summary>Where an address comes from, for itself or an ancestor, and whether it may still be followed.</summary>
    public AddressStanding StandingOf(string address)
    {
        if (!WebAddress.TryParse(address, out var parsed))
        {
            return AddressStanding.Unknown;
        }

        if (Lineage().Any(one => one.IsGiven(parsed)))
        {
            return AddressStanding.Given;
        }

        if (FindSource(parsed) is not { } source)
        {
            return AddressStanding.Unknown;
        }

        var visit = BitsPerVisit(source);
        var (told, toldAll) = (0.0, 0.0);
        foreach (var one in Others().Prepend(Provenance))
        {
            told += one.BitsOf(source);
            toldAll += one.Bits;
        }

        return told + visit >= Provenance.MaxBitsPerSource || toldAll + visit >= Provenance.MaxBits
            ? AddressStanding.Exhausted
            : AddressStanding.Linked;
    }

    /// <summary>Whose the links of a page at an address are: of the source that led there, else of its own site.</summary>
    public string SourceOf(string address) => !WebAddress.TryParse(address, out var parsed) ? address
        : Lineage().Any(one => one.IsGiven(parsed)) ? WebAddress.Site(parsed)
        : FindSource(parsed) ?? WebAddress.Site(parsed);

    /// <summary>Notes that an address is opened that only an ancestor knows; its own are noted by <see cref="Gate.Provenance"/>.</summary>
    public void OpenInherited(string address)
    {
        if (WebAddress.TryParse(address, out var parsed) && !Lineage().Any(one => one.IsGiven(parsed))
            && Provenance.SourceOf(parsed) is null && FindSource(parsed) is { } source)
        {
            Provenance.Visit(source, BitsPerVisit(source));
        }
    }

    /// <summary>Whether a sub-agent knows an address; then it may be handed up.</summary>
    public bool IsKnownBelow(string address) =>
        WebAddress.TryParse(address, out var parsed) && Below().Any(one => one.IsGiven(parsed) || one.SourceOf(parsed) is not null);

    string? FindSource(Uri address) => Lineage().Select(one => one.SourceOf(address)).FirstOrDefault(name => name is not null);

    // As many as any of them could choose from.
    double BitsPerVisit(string source) => Math.Log2(Others().Prepend(Provenance).Sum(one => one.LinksOf(source)) + 1);

    IEnumerable<Provenance> Lineage() => Above().Prepend(Provenance);
}
