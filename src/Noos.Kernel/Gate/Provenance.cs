using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>
/// What a process has read, as far as the gate must know: whether any of it is foreign (taint tracking), and which addresses were named to
/// it. Grows only: what is summarised, paged out or forgotten by the model still counts. A fold over the messages, so it is the same after
/// a restart. Thread-safe.
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

    readonly bool _isRoot;
    readonly Lock _lock = new();
    readonly HashSet<string> _given = new(StringComparer.Ordinal);
    readonly Dictionary<string, LinkSource> _links = new(StringComparer.Ordinal);
    readonly Dictionary<string, LinkSource> _sources = new(StringComparer.Ordinal);
    Origin? _taint;

    /// <param name="isRoot">
    /// A person speaks to the process. To a sub-agent the model above does: what it says is no word of a person.
    /// </param>
    public Provenance(bool isRoot = true) => _isRoot = isRoot;

    /// <summary>The least trusted origin of all that was read; null while all is trusted.</summary>
    public Origin? Taint
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

    /// <summary>Whether a person has written an address.</summary>
    public bool IsGiven(Uri address)
    {
        lock (_lock)
        {
            return Contains(_given, address);
        }
    }

    /// <summary>Whose link an address is; null for an address that is none.</summary>
    public string? SourceOf(Uri address)
    {
        lock (_lock)
        {
            return Find(address)?.Name;
        }
    }

    /// <summary>How many links of a source are known.</summary>
    public int LinksOf(string source)
    {
        lock (_lock)
        {
            return _sources.GetValueOrDefault(source)?.Links ?? 0;
        }
    }

    /// <summary>What a source has learned from which of its links were followed, in bits.</summary>
    public double BitsOf(string source)
    {
        lock (_lock)
        {
            return _sources.GetValueOrDefault(source)?.Bits ?? 0;
        }
    }

    /// <summary>What all sources have learned, in bits.</summary>
    public double Bits
    {
        get
        {
            lock (_lock)
            {
                return _sources.Values.Sum(source => source.Bits);
            }
        }
    }

    /// <summary>Notes that an address is opened: a link that is followed tells its source something.</summary>
    public void Open(string address)
    {
        if (WebAddress.TryParse(address, out var parsed) && !IsGiven(parsed) && SourceOf(parsed) is { } source)
        {
            Visit(source, Math.Log2(LinksOf(source) + 1));
        }
    }

    /// <summary>Notes what a source has learned.</summary>
    public void Visit(string source, double bits)
    {
        lock (_lock)
        {
            GetSource(source).Bits += bits;
        }
    }

    /// <summary>Takes over what sources have learned according to an earlier reading of the same process.</summary>
    internal void KeepVisits(Provenance earlier)
    {
        KeyValuePair<string, double>[] visits;
        lock (earlier._lock)
        {
            visits = [.. earlier._sources.Select(source => KeyValuePair.Create(source.Key, source.Value.Bits))];
        }

        lock (_lock)
        {
            foreach (var (name, bits) in visits)
            {
                var source = GetSource(name);
                source.Bits = Math.Max(source.Bits, bits);
            }
        }
    }

    // The part behind '#' is not sent, but tools see it: unless it was named, too, it must be empty.
    static bool Contains(HashSet<string> addresses, Uri address) =>
        addresses.Contains(address.AbsoluteUri) || (address.Fragment.Length == 0 && addresses.Contains(Page(address)));

    LinkSource? Find(Uri address) =>
        _links.GetValueOrDefault(address.AbsoluteUri) ?? (address.Fragment.Length == 0 ? _links.GetValueOrDefault(Page(address)) : null);

    LinkSource GetSource(string name) => _sources.TryGetValue(name, out var known) ? known : _sources[name] = new LinkSource(name);

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

            var source = GetSource(links!.Source ?? WebAddress.Site(address));
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
    }
}
