using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>
/// What a process has read, as far as the gate must know: whether any of it is foreign (taint tracking), and which addresses were named to
/// it. Grows only: what is summarised, paged out or forgotten by the model still counts. A fold over the messages, so it is the same after
/// a restart. A process inherits what its ancestors know. Thread-safe.
/// </summary>
/// <remarks>
/// An address that a page links to carries nothing of the conversation in itself; which of many links is followed can. A source that
/// offers n links learns at most log2(n + 1) bits per visit. The sum is limited to less than a byte for each source, so that a page cannot
/// have a secret spelled by a row of links. What is reached by a link counts for the source of that link.
/// </remarks>
public sealed class Provenance
{
    /// <summary>What one source of links may learn from which of them are followed, in bits.</summary>
    public const double MaxBitsPerSource = 8;

    /// <summary>What all sources together may learn, in bits.</summary>
    public const double MaxBits = 64;

    /// <summary>
    /// How many links of one source are known; the rest must be asked for. Their choice alone would otherwise be worth a byte.
    /// </summary>
    public const int MaxLinksPerSource = 200;

    readonly Provenance? _parent;
    readonly bool _isRoot;
    readonly Lock _lock = new();
    readonly HashSet<string> _given = new(StringComparer.Ordinal);
    readonly Dictionary<string, LinkSource> _links = new(StringComparer.Ordinal);
    readonly Dictionary<string, LinkSource> _sources = new(StringComparer.Ordinal);
    readonly List<Provenance> _children = [];
    Origin? _taint;
    double _bits;

    /// <param name="parent">Of the process that started this one: its messages come from the model there, not from a person.</param>
    public Provenance(Provenance? parent = null)
    {
        _parent = parent;
        _isRoot = parent is null;
        if (parent is not null)
        {
            lock (parent._lock)
            {
                parent._children.Add(this);
            }
        }
    }

    /// <summary>The least trusted origin of all that the process and its ancestors have read; null while all is trusted.</summary>
    public Origin? Taint
    {
        get
        {
            lock (_lock)
            {
                return _taint.LessTrusted(_parent?.Taint);
            }
        }
    }

    /// <summary>The same of all descendants: what an answer of theirs may have come from.</summary>
    public Origin? TaintBelow
    {
        get
        {
            Provenance[] children;
            lock (_lock)
            {
                children = [.. _children];
            }

            Origin? taint = null;
            foreach (var child in children)
            {
                taint = taint.LessTrusted(child.OwnTaint).LessTrusted(child.TaintBelow);
            }

            return taint;
        }
    }

    Origin? OwnTaint
    {
        get
        {
            lock (_lock)
            {
                return _taint;
            }
        }
    }

    /// <summary>Takes a message in.</summary>
    public void Add(Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        lock (_lock)
        {
            var author = message.Role switch
            {
                Role.System or Role.User => _isRoot ? Origin.Person : Origin.Model,
                Role.Tool => Origin.Tool,
                _ => Origin.Model,
            };
            foreach (var part in message.Parts)
            {
                Add(part, author);
            }
        }
    }

    /// <summary>Takes a tool in that the model is told of.</summary>
    public void Add(ToolDeclaration declaration)
    {
        ArgumentNullException.ThrowIfNull(declaration);
        lock (_lock)
        {
            AddOrigin(declaration.Origin);
        }
    }

    /// <summary>Where an address comes from, and whether it may still be followed.</summary>
    public AddressStanding StandingOf(string address)
    {
        if (!WebAddress.TryParse(address, out var parsed))
        {
            return AddressStanding.Unknown;
        }

        var standing = AddressStanding.Unknown;
        for (var process = this; process is not null; process = process._parent)
        {
            var own = process.OwnStandingOf(parsed);
            standing = own > standing ? own : standing;
        }

        return standing;
    }

    /// <summary>Notes that an address is opened: a link that is followed tells its source something.</summary>
    public void Open(string address)
    {
        if (!WebAddress.TryParse(address, out var parsed))
        {
            return;
        }

        for (var process = this; process is not null; process = process._parent)
        {
            lock (process._lock)
            {
                if (!process.IsGiven(parsed) && process.Find(parsed) is { } source)
                {
                    source.Bits += source.BitsPerVisit;
                    process._bits += source.BitsPerVisit;
                    return;
                }
            }
        }
    }

    /// <summary>Whose the links of a page at an address are: of the source that led there, else of its own site.</summary>
    public string SourceOf(string address)
    {
        if (!WebAddress.TryParse(address, out var parsed))
        {
            return address;
        }

        for (var process = this; process is not null; process = process._parent)
        {
            lock (process._lock)
            {
                if (!process.IsGiven(parsed) && process.Find(parsed) is { } source)
                {
                    return source.Name;
                }
            }
        }

        return WebAddress.Site(parsed);
    }

    /// <summary>Whether a descendant knows an address; then it may be handed up.</summary>
    public bool IsKnownBelow(string address)
    {
        Provenance[] children;
        lock (_lock)
        {
            children = [.. _children];
        }

        return Array.Exists(children, child => child.StandingOf(address) != AddressStanding.Unknown || child.IsKnownBelow(address));
    }

    AddressStanding OwnStandingOf(Uri address)
    {
        lock (_lock)
        {
            if (IsGiven(address))
            {
                return AddressStanding.Given;
            }

            return Find(address) is not { } source ? AddressStanding.Unknown
                : source.Bits + source.BitsPerVisit >= MaxBitsPerSource || _bits + source.BitsPerVisit >= MaxBits
                    ? AddressStanding.Exhausted
                    : AddressStanding.Linked;
        }
    }

    // The part behind '#' is not sent, but tools see it: unless it was named, too, it must be empty.
    bool IsGiven(Uri address) =>
        _given.Contains(address.AbsoluteUri) || (address.Fragment.Length == 0 && _given.Contains(Page(address)));

    LinkSource? Find(Uri address) =>
        _links.GetValueOrDefault(address.AbsoluteUri) ?? (address.Fragment.Length == 0 ? _links.GetValueOrDefault(Page(address)) : null);

    static string Page(Uri address) => address.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);

    void Add(Part part, Origin author)
    {
        switch (part)
        {
            case TextPart text:
                var origin = text.Origin ?? author;
                AddOrigin(origin);
                if (origin == Origin.Person)
                {
                    foreach (var address in WebAddress.Find(text.Text))
                    {
                        _given.Add(address.AbsoluteUri);
                        _given.Add(Page(address));
                    }
                }

                break;
            case ToolResultPart result:
                AddOrigin(result.Origin ?? Origin.Tool);
                foreach (var piece in result.Parts)
                {
                    // What a trusted tool made, such as a chart, is no file of a stranger.
                    AddOrigin(piece.Origin ?? result.Origin ?? Origin.Tool);
                }

                Add(result.Links);
                break;
            case ImagePart or AudioPart or FilePart:
                // A person hands it on; what is in it, a caption or a transcript included, was written by whoever made it.
                AddOrigin(part.Origin ?? Origin.File);
                break;
            default:
                AddOrigin(part.Origin ?? author);
                break;
        }
    }

    void Add(LinkList? links)
    {
        foreach (var link in links?.Addresses ?? [])
        {
            if (!WebAddress.TryParse(link, out var address) || _links.ContainsKey(address.AbsoluteUri))
            {
                continue;
            }

            var name = links!.Source ?? WebAddress.Site(address);
            var source = _sources.TryGetValue(name, out var known) ? known : _sources[name] = new LinkSource(name);
            if (source.Links < MaxLinksPerSource)
            {
                source.Links++;
                _links[address.AbsoluteUri] = source;
                _links.TryAdd(Page(address), source);
            }
        }
    }

    void AddOrigin(Origin origin) => _taint = origin.IsForeign() ? _taint.LessTrusted(origin) : _taint;

    sealed class LinkSource(string name)
    {
        public string Name => name;

        public int Links { get; set; }

        /// <summary>What it has learned so far.</summary>
        public double Bits { get; set; }

        public double BitsPerVisit => Math.Log2(Links + 1);
    }
}
