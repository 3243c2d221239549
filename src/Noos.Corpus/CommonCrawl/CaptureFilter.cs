using Noos.Core;
using Noos.Corpus.Addresses;

namespace Noos.Corpus.CommonCrawl;

/// <summary>Which captures of the columnar index are wanted; what is empty does not matter.</summary>
public sealed record CaptureFilter
{
    const string Below = "*.";

    /// <summary>A host such as <c>example.org</c>, or <c>*.example.org</c> for it and all below it; null for all.</summary>
    public string? Host { get; init; }

    /// <summary>The language that most of a page is in, as the index names them (ISO 639-3): <c>eng</c>, <c>deu</c>.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>HTTP status codes.</summary>
    public IReadOnlyList<int> Statuses { get; init; } = [];

    /// <summary>Media types as they were detected, such as <c>text/html</c>.</summary>
    public IReadOnlyList<string> MediaTypes { get; init; } = [];

    /// <summary>Nothing is asked for in particular.</summary>
    public bool IsEmpty => Host is null && Languages.Count + Statuses.Count + MediaTypes.Count == 0;

    /// <summary>What the sort keys of all wanted captures begin with; empty where that is not known.</summary>
    internal string KeyPrefix
    {
        get
        {
            if (Host is null)
            {
                return "";
            }

            // "org,example)/": what follows the host may be a port or a name below it.
            var key = SurtKey.From($"http://{Name}/");
            return key.IndexOf(')', StringComparison.Ordinal) is > 0 and var end ? key[..end] : "";
        }
    }

    string Name => Host!.StartsWith(Below, StringComparison.Ordinal) ? Host[Below.Length..] : Host;

    /// <exception cref="NoosException">Something is no host, language or status.</exception>
    public CaptureFilter Validate()
    {
        Require(Host is null || (Name.Length > 0 && Uri.CheckHostName(Name) != UriHostNameType.Unknown),
            $"'{Host}' is no host; write it as example.org, or *.example.org for all below it too.");
        foreach (var language in Languages)
        {
            Require(language.Length == 3 && language.All(char.IsAsciiLetterLower),
                $"'{language}' is no language of the index; it names them by three letters (ISO 639-3), such as eng or deu.");
        }

        foreach (var status in Statuses)
        {
            Require(status is >= 100 and <= 599, $"{status} is no status of HTTP; write one such as 200.");
        }

        return this;

        static void Require(bool condition, string otherwise)
        {
            if (!condition)
            {
                throw new NoosException(otherwise);
            }
        }
    }

    internal bool TakesHost(string? host) => host is not null
        && (host.Equals(Name, StringComparison.OrdinalIgnoreCase)
            || (Host!.StartsWith(Below, StringComparison.Ordinal) && host.EndsWith("." + Name, StringComparison.OrdinalIgnoreCase)));

    // "deu,eng": the first is that of most of the text.
    internal bool TakesLanguages(string? languages) => languages is not null && Languages.Contains(languages.Split(',', 2)[0]);

    internal bool TakesStatus(long? status) => status is { } code && Statuses.Contains((int)code);

    internal bool TakesMediaType(string? type) => type is not null && MediaTypes.Contains(type, StringComparer.OrdinalIgnoreCase);
}
