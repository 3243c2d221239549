using Noos.Corpus.Crawling.OptOuts;

namespace Noos.Corpus.Crawling.Robots;

/// <summary>What one crawler may fetch of one host. Immutable.</summary>
public sealed class RobotsRules
{
    readonly RobotsDialect _dialect;

    internal RobotsRules(RobotsDialect dialect) => _dialect = dialect;

    /// <summary>There is no robots.txt (4xx): all is allowed.</summary>
    public static RobotsRules AllowAll { get; } = new(RobotsDialect.Rfc9309);

    /// <summary>A robots.txt cannot be had (5xx, unreachable): nothing is allowed (RFC 9309, 2.3.1.4).</summary>
    public static RobotsRules DisallowAll { get; } = new(RobotsDialect.Rfc9309)
    {
        Rules = [new RobotsRule("/", new RobotsPattern("/", RobotsDialect.Rfc9309), IsAllowed: false)],
    };

    /// <summary>The file has a group for this crawler; false where what it says to everybody counts.</summary>
    public bool IsNamed { get; init; }

    /// <summary>Time between two requests that the host asks for; null where it does not.</summary>
    public TimeSpan? CrawlDelay { get; init; }

    /// <summary>Addresses of sitemaps, as they stand in the file.</summary>
    public IReadOnlyList<string> Sitemaps { get; init; } = [];

    internal IReadOnlyList<RobotsRule> Rules { get; init; } = [];

    internal IReadOnlyList<(RobotsPattern Path, OptOut Value)> Signals { get; init; } = [];

    /// <summary>
    /// Whether a path may be fetched: the longest rule that matches decides, and of two that are equal the one that allows.
    /// </summary>
    /// <param name="pathAndQuery">Such as <c>/a?b=c</c>.</param>
    public bool IsAllowed(string pathAndQuery)
    {
        ArgumentNullException.ThrowIfNull(pathAndQuery);
        if (Rules.Count == 0 || (_dialect == RobotsDialect.Rfc9309 && pathAndQuery == "/robots.txt"))
        {
            return true;
        }

        var path = RobotsPath.From(pathAndQuery, _dialect);
        var (length, isAllowed) = (0, true);
        foreach (var rule in Rules)
        {
            if ((rule.Pattern.Length > length || (rule.Pattern.Length == length && rule.IsAllowed && !isAllowed))
                && rule.Pattern.Matches(path))
            {
                (length, isAllowed) = (rule.Pattern.Length, rule.IsAllowed);
            }
        }

        return isAllowed;
    }

    /// <summary>What the content signals of the file say of a path.</summary>
    public OptOut SignalsOf(string pathAndQuery)
    {
        ArgumentNullException.ThrowIfNull(pathAndQuery);
        var path = RobotsPath.From(pathAndQuery, _dialect);
        var (length, result) = (-1, OptOut.None);
        foreach (var (pattern, value) in Signals)
        {
            if (pattern.Length >= length && pattern.Matches(path))
            {
                (result, length) = (pattern.Length == length ? result | value : value, pattern.Length);
            }
        }

        return result;
    }
}
