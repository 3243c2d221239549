using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Noos.Core.Conversations;

namespace Noos.Factory.Collection;

/// <summary>
/// Takes personal data out of texts: addresses of mail, numbers of phones, cards and accounts, keys and passwords, addresses of houses and
/// machines, and names. In their place stand examples that belong to nobody (RFC 2606, RFC 5737, 555-01xx), so that sentences stay
/// sentences. What it has changed once it leaves alone. Not thread-safe.
/// </summary>
/// <param name="names">Names of people, such as those of accounts; words that anybody uses are passed over.</param>
public sealed partial class PersonalData(IEnumerable<string> names)
{
    const string Name = "Alex";

    // Names of accounts that are words.
    static readonly HashSet<string> s_words = new(
        ["user", "root", "admin", "guest", "owner", "test", "me", "you", "noos", "local", "default", "anonymous", "alex"],
        StringComparer.OrdinalIgnoreCase);

    static readonly (string Kind, Regex Pattern, Func<Match, string> Replace)[] s_rules =
    [
        ("key", PrivateKey(), _ => "KEY"),
        ("key", Token(), _ => "KEY"),
        ("key", Secret(), match => match.Groups["what"].Value + "KEY"),
        ("mail address", Mail(), _ => "name@example.com"),
        ("account number", Account(), match => IsAccount(match.Value) ? "XX00 0000 0000 0000" : match.Value),
        ("card number", Card(), match => IsCard(match.Value) ? "0000 0000 0000 0000" : match.Value),
        ("phone number", Phone(), _ => "555-0100"),
        ("social security number", SocialSecurity(), _ => "000-00-0000"),
        ("machine address", Machine(), match => IsMachine(match.Value) ? "192.0.2.1" : match.Value),
        ("house address", House(), _ => "1 Main Street"),
        ("house address", Strasse(), _ => "Hauptstra\u00dfe 1"),
    ];

    readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    readonly string[] _names = [.. names.Where(IsName).SelectMany(Forms).Distinct(StringComparer.Ordinal)];

    /// <summary>How much of each kind was taken out.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>A text without personal data.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="known">Further names that are meant in it.</param>
    public string Remove(string text, IEnumerable<string>? known = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var (kind, pattern, replace) in s_rules)
        {
            text = Replace(text, kind, pattern, replace);
        }

        foreach (var name in _names.Concat(known ?? []))
        {
            var pattern = new Regex($@"(?<!\w){Regex.Escape(name)}(?!\w)", RegexOptions.None, TimeSpan.FromSeconds(1));
            text = Replace(text, "name", pattern, _ => Name);
        }

        return text;
    }

    /// <summary>The names that people give themselves in a conversation.</summary>
    public static IReadOnlyList<string> FindNames(IEnumerable<Message> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return
        [
            .. messages.Where(message => message.Role == Role.User).SelectMany(message => Introduction().Matches(message.Text()))
                .Select(match => match.Groups["name"].Value).Where(IsName).Distinct(StringComparer.Ordinal),
        ];
    }

    string Replace(string text, string kind, Regex pattern, Func<Match, string> replace) => pattern.Replace(text, match =>
    {
        var other = replace(match);
        if (other != match.Value)
        {
            _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        }

        return other;
    });

    static bool IsName(string name) => name.Length >= 3 && !s_words.Contains(name) && name.Any(char.IsLetter);

    static IEnumerable<string> Forms(string name) => [name, char.ToUpper(name[0], CultureInfo.InvariantCulture) + name[1..]];

    // Luhn, ISO/IEC 7812-1; zeros alone are the example.
    static bool IsCard(string text)
    {
        int[] digits = [.. text.Where(char.IsAsciiDigit).Select(digit => digit - '0')];
        var sum = digits.Reverse().Select((digit, place) => place % 2 == 0 ? digit : (2 * digit) - (digit > 4 ? 9 : 0)).Sum();
        return sum % 10 == 0 && digits.Any(digit => digit > 0);
    }

    // ISO 13616: the first four signs behind the rest, letters as 10 to 35, are 1 modulo 97.
    static bool IsAccount(string text)
    {
        var signs = text.Replace(" ", "", StringComparison.Ordinal);
        var digits = string.Concat((signs[4..] + signs[..4]).Select(sign =>
            (char.IsAsciiDigit(sign) ? sign - '0' : sign - 'A' + 10).ToString(CultureInfo.InvariantCulture)));
        return BigInteger.Parse(digits, CultureInfo.InvariantCulture) % 97 == 1;
    }

    static bool IsMachine(string text) => text.Split('.').All(part => int.Parse(part, CultureInfo.InvariantCulture) < 256)
        && text is not ("127.0.0.1" or "0.0.0.0");

    [GeneratedRegex(
        @"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)", RegexOptions.Singleline,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex PrivateKey();

    [GeneratedRegex(
        @"\b(?:sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16}|xox[baprs]-[A-Za-z0-9-]{10,}"
        + @"|hf_[A-Za-z0-9]{20,}|AIza[A-Za-z0-9_-]{30,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})",
        RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Token();

    [GeneratedRegex(
        @"(?<what>\b(?:password|passwort|passphrase|api[_ -]?key|access[_ -]?token|secret|pin)\b\s*(?:is|ist|:|=)\s*[""']?)"
        + @"(?=[^\s""',]*[\d_@#$%^&*+=~/\\-])[^\s""',]{4,}(?<![.?!])",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Secret();

    [GeneratedRegex(@"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mail();

    [GeneratedRegex(@"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Account();

    [GeneratedRegex(@"(?<![\d.,])\d(?:[ -]?\d){12,18}(?![\d.,]\d|\d)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Card();

    // With a country, with an area in brackets, or in the groups of North America: else it may be a sum.
    [GeneratedRegex(
        @"(?<![\w.])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{2,5}(?:[ .-]?\d{2,5}){1,4}|\(\d{2,5}\)[ .-]?\d{3,4}[ .-]?\d{3,4}"
        + @"|\d{3}[ .-]\d{3}[ .-]\d{4})(?!\w)",
        RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Phone();

    [GeneratedRegex(@"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SocialSecurity();

    [GeneratedRegex(@"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Machine();

    [GeneratedRegex(
        @"\b\d{1,5}[A-Za-z]? (?:[A-Z][a-z]+ ){1,3}"
        + @"(?:Street|Avenue|Road|Lane|Drive|Boulevard|Court|Square|Terrace|(?:St|Ave|Rd|Ln|Dr|Blvd)\b\.?)",
        RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex House();

    [GeneratedRegex(
        @"\b\p{Lu}\p{Ll}+(?:stra\u00dfe|strasse|str\.|gasse|platz|allee|weg) \d{1,4}[a-z]?\b", RegexOptions.None,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Strasse();

    [GeneratedRegex(
        @"\b(?i:my name is|i am called|i'm called|call me|ich hei\u00dfe|mein name ist) (?<name>\p{Lu}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]+)?)",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Introduction();
}
