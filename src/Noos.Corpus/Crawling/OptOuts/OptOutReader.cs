using System.Text.Json;
using Noos.Corpus.Crawling.Robots;

namespace Noos.Corpus.Crawling.OptOuts;

/// <summary>
/// Reads what is not wanted: robots in meta elements and in the header X-Robots-Tag (Google's and Bing's vocabulary, with noai and
/// noimageai), the TDM reservation protocol (W3C community report of 2024) and content signals. What was once said is not taken back by
/// another place that is silent.
/// </summary>
public static class OptOutReader
{
    // Directives that have a value behind a colon, where elsewhere the name of a crawler stands before one.
    static readonly string[] s_valued = ["unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"];

    /// <summary>The content of a meta element.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">Its content.</param>
    /// <param name="agent">The product token of the crawler.</param>
    public static OptOut ReadMeta(string name, string content, string agent)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(content);
        if (name.Equals("robots", StringComparison.OrdinalIgnoreCase) || name.Equals(agent, StringComparison.OrdinalIgnoreCase))
        {
            return ReadWords(content);
        }

        return name.Equals("tdm-reservation", StringComparison.OrdinalIgnoreCase) && content.Trim() == "1" ? OptOut.Tdm : OptOut.None;
    }

    /// <summary>A header of an answer.</summary>
    /// <param name="name">Its name; headers of other names mean nothing here.</param>
    /// <param name="value">Its value.</param>
    /// <param name="agent">The product token of the crawler.</param>
    public static OptOut ReadHeader(string name, string value, string agent)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        return name.ToLowerInvariant() switch
        {
            "x-robots-tag" => ReadRobotsTag(value, agent),
            "tdm-reservation" => value.Trim() == "1" ? OptOut.Tdm : OptOut.None,
            "content-signal" or "content-usage" => ContentSignals.Parse(value),
            _ => OptOut.None,
        };
    }

    /// <summary>Whether a site's <c>/.well-known/tdmrep.json</c> reserves the mining of a path.</summary>
    /// <param name="json">The file; what cannot be read reserves nothing.</param>
    /// <param name="pathAndQuery">Of the page.</param>
    public static OptOut ReadTdmFile(ReadOnlyMemory<byte> json, string pathAndQuery)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Array)
            {
                var path = RobotsPath.From(pathAndQuery, RobotsDialect.Rfc9309);
                foreach (var rule in document.RootElement.EnumerateArray())
                {
                    // The first that fits counts, so that what is free can stand before what is not.
                    if (rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty("location", out var location)
                        && location.ValueKind == JsonValueKind.String
                        && new RobotsPattern(location.GetString()!, RobotsDialect.Rfc9309).Matches(path))
                    {
                        return rule.TryGetProperty("tdm-reservation", out var reservation) && reservation.ToString() == "1"
                            ? OptOut.Tdm
                            : OptOut.None;
                    }
                }
            }
        }
        catch (JsonException)
        {
            // A page that says that there is no such page, for one.
        }

        return OptOut.None;
    }

    static OptOut ReadRobotsTag(string value, string agent)
    {
        // A name counts for what follows it.
        var (result, isMeant) = (OptOut.None, true);
        foreach (var part in value.Split(','))
        {
            var word = part.AsSpan().Trim();
            var colon = word.IndexOf(':');
            if (colon >= 0 && !IsValued(word[..colon].Trim()))
            {
                var name = word[..colon].Trim();
                isMeant = name is "*" || name.Equals(agent, StringComparison.OrdinalIgnoreCase)
                    || name.Equals("robots", StringComparison.OrdinalIgnoreCase);
                word = word[(colon + 1)..];
            }

            result |= isMeant ? ReadWords(word.ToString()) : OptOut.None;
        }

        return result;
    }

    static bool IsValued(ReadOnlySpan<char> name)
    {
        foreach (var valued in s_valued)
        {
            if (name.Equals(valued, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    static OptOut ReadWords(string words)
    {
        var result = OptOut.None;
        foreach (var word in words.Split((char[])[',', ' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            result |= word.ToLowerInvariant() switch
            {
                "none" => OptOut.NoIndex | OptOut.NoFollow,
                "nocache" => OptOut.NoArchive,
                var other => OptOutNames.Parse(other) & ~(OptOut.Tdm | OptOut.NoTraining | OptOut.NoAiInput | OptOut.NoSearch),
            };
        }

        return result;
    }
}
