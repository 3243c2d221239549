using System.Globalization;
using System.Text;
using Noos.Corpus.Crawling.OptOuts;

namespace Noos.Corpus.Crawling.Robots;

/// <summary>
/// A robots.txt as RFC 9309 has it: groups of rules for named crawlers. Whatever comes gives a file, if an empty one; misspelt records
/// that everybody takes for rules are rules, too. Immutable.
/// </summary>
public sealed class RobotsFile
{
    /// <summary>How much of a file is read: what RFC 9309 asks for at least.</summary>
    public const int MaxBytes = 500 << 10;

    // Of Google's parser: eight times the longest address that browsers knew.
    const int GoogleLineLength = (2083 * 8) - 1;

    static readonly string[] s_agentKeys =
        ["user-agent", "useragent", "user agent", "user-agents", "user-agnet", "users-agent", "useg-agent", "ser-agent"];

    static readonly string[] s_disallowKeys =
    [
        "disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw", "disallows", "desallow", "disllow", "diallow", "dsallow",
        "dssalow",
    ];

    static readonly string[] s_sitemapKeys = ["sitemap", "site-map", "sitemaps"];
    static readonly string[] s_delayKeys = ["crawl-delay", "crawl delay", "crawl-deley", "craw-delay", "clawl-delay"];

    readonly List<Group> _groups = [];
    readonly List<string> _sitemaps = [];
    readonly RobotsDialect _dialect;

    RobotsFile(RobotsDialect dialect) => _dialect = dialect;

    /// <summary>Addresses of sitemaps, as they stand there.</summary>
    public IReadOnlyList<string> Sitemaps => _sitemaps;

    /// <summary>Reads a file.</summary>
    /// <param name="content">Its bytes, of which at most <see cref="MaxBytes"/> are read: UTF-8, or what its byte order mark says.</param>
    /// <param name="dialect">Where parsers differ.</param>
    public static RobotsFile Parse(ReadOnlySpan<byte> content, RobotsDialect dialect = RobotsDialect.Rfc9309)
    {
        var file = new RobotsFile(dialect);
        var isCut = content.Length > MaxBytes;
        var text = Decode(isCut ? content[..MaxBytes] : content);
        Group? group = null;
        var hasRules = false;
        while (text.Length > 0)
        {
            var end = text.IndexOfAny('\r', '\n');
            if (end < 0 && isCut)
            {
                // Half a rule would be another rule.
                break;
            }

            var line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            if (dialect == RobotsDialect.Google && line.Length > GoogleLineLength)
            {
                line = line[..GoogleLineLength];
            }

            if (TrySplit(line, out var key, out var value))
            {
                file.Add(key, value, ref group, ref hasRules);
            }
        }

        return file;
    }

    /// <summary>The rules for one crawler: those of all groups that name it, or else those for everybody.</summary>
    /// <param name="agent">Its product token, such as <c>noos</c>: letters, digits, hyphens and underscores.</param>
    public RobotsRules RulesFor(string agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        var named = _groups.FindAll(group => group.Agents.Contains(agent));
        var groups = named.Count > 0 ? named : _groups.FindAll(group => group.Agents.Contains("*"));
        return new RobotsRules(_dialect)
        {
            IsNamed = named.Count > 0,
            Rules = [.. groups.SelectMany(group => group.Rules)],
            Signals = [.. groups.SelectMany(group => group.Signals)],
            CrawlDelay = groups.Max(group => group.Delay),
            Sitemaps = _sitemaps,
        };
    }

    static ReadOnlySpan<char> Decode(ReadOnlySpan<byte> content)
    {
        var text = content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) ? Encoding.Unicode.GetString(content[2..])
            : content.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) ? Encoding.BigEndianUnicode.GetString(content[2..])
            : Encoding.UTF8.GetString(SkipMark(content));
        return text;
    }

    /// <summary>A mark that is cut off is no part of the first line either, as Google's parser has it.</summary>
    static ReadOnlySpan<byte> SkipMark(ReadOnlySpan<byte> content)
    {
        var mark = "\uFEFF"u8;
        var length = content.CommonPrefixLength(mark);
        return content[length..];
    }

    static bool TrySplit(ReadOnlySpan<char> line, out ReadOnlySpan<char> key, out ReadOnlySpan<char> value)
    {
        var comment = line.IndexOf('#');
        line = (comment < 0 ? line : line[..comment]).Trim(" \t\0\v\f\u00a0\uFEFF");
        var separator = line.IndexOf(':');
        if (separator < 0)
        {
            // Forgotten colons are common: then there must be two words and no more.
            separator = line.IndexOfAny(' ', '\t');
            if (separator < 0 || line[separator..].Trim(" \t").ContainsAny(' ', '\t'))
            {
                key = value = [];
                return false;
            }
        }

        key = line[..separator].Trim(" \t");
        value = line[(separator + 1)..].Trim(" \t");
        return key.Length > 0;
    }

    void Add(ReadOnlySpan<char> key, ReadOnlySpan<char> value, ref Group? group, ref bool hasRules)
    {
        if (Is(key, s_agentKeys))
        {
            // After a rule a new group begins; before it this one has one more name.
            if (group is null || hasRules)
            {
                group = new Group();
                _groups.Add(group);
                hasRules = false;
            }

            group.Agents.Add(AgentOf(value));
        }
        else if (Is(key, s_sitemapKeys))
        {
            // Of the whole file, wherever it stands.
            if (value.Length > 0)
            {
                _sitemaps.Add(value.ToString());
            }
        }
        else if (group is null)
        {
            // Rules before any name are nobody's.
        }
        else if (Is(key, ["allow"]))
        {
            hasRules = true;
            AddRule(group, value, isAllowed: true);
        }
        else if (Is(key, s_disallowKeys))
        {
            hasRules = true;
            AddRule(group, value, isAllowed: false);
        }
        else if (Is(key, s_delayKeys))
        {
            var isNumber = double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds);
            if (isNumber && seconds is >= 0 and < 1e6)
            {
                group.Delay = TimeSpan.FromSeconds(Math.Max(seconds, group.Delay?.TotalSeconds ?? 0));
            }
        }
        else if (key.Equals("content-signal", StringComparison.OrdinalIgnoreCase)
            || key.Equals("content-usage", StringComparison.OrdinalIgnoreCase))
        {
            // A path may stand before the signals.
            var space = value.StartsWith("/") ? value.IndexOfAny(' ', '\t') : -1;
            var path = space < 0 ? "/" : value[..space].ToString();
            group.Signals.Add(
                (new RobotsPattern(path, _dialect), ContentSignals.Parse(value[(space + 1)..].ToString())));
        }
    }

    void AddRule(Group group, ReadOnlySpan<char> value, bool isAllowed)
    {
        if (value.Length == 0)
        {
            // Nothing is disallowed, which needs no rule.
            return;
        }

        var text = value.ToString();
        group.Rules.Add(new RobotsRule(text, new RobotsPattern(text, _dialect), isAllowed));
        if (_dialect == RobotsDialect.Google && isAllowed && text.LastIndexOf('/') is >= 0 and var slash
            && text.AsSpan(slash).StartsWith("/index.htm", StringComparison.Ordinal))
        {
            group.Rules.Add(new RobotsRule(text, new RobotsPattern(text[..(slash + 1)] + "$", _dialect), isAllowed));
        }
    }

    bool Is(ReadOnlySpan<char> key, ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase)
                || (_dialect == RobotsDialect.Google && key.StartsWith(name, StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The product token: what stands before a version.</summary>
    static string AgentOf(ReadOnlySpan<char> value)
    {
        if (value.StartsWith("*") && (value.Length == 1 || value[1] is ' ' or '\t'))
        {
            return "*";
        }

        var end = 0;
        while (end < value.Length && (char.IsAsciiLetterOrDigit(value[end]) || value[end] is '-' or '_'))
        {
            end++;
        }

        return value[..end].ToString();
    }

    sealed class Group
    {
        public HashSet<string> Agents { get; } = new(StringComparer.OrdinalIgnoreCase);

        public List<RobotsRule> Rules { get; } = [];

        public List<(RobotsPattern Path, OptOut Value)> Signals { get; } = [];

        public TimeSpan? Delay { get; set; }
    }
}
