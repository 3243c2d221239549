using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using Noos.Core.Network;

namespace Noos.Corpus.Cleaning.Signals;

/// <summary>
/// Finds what belongs to a person by its form: addresses of mail, telephone numbers, public IP addresses, accounts and cards whose check
/// digits fit, and in conversations also keys, passwords, social security numbers and street addresses. Names are not found. What stands in
/// its place (<see cref="PersonalDatum.Replacement"/>) belongs to nobody (RFC 2606, RFC 5737, 555-01xx), keeps sentences sentences, and is
/// not found again. The one detector: pages are tagged and masked, and conversations cleaned with it. Thread-safe.
/// </summary>
public static partial class PersonalData
{
    const int MinPhoneDigits = 8;
    const int MaxPhoneDigits = 15;
    const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;
    const int Timeout = 10_000;

    /// <summary>What was found, in the order of the text; none overlap.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="kinds">What is looked for.</param>
    public static IReadOnlyList<PersonalDatum> Find(string text, PersonalDataKind kinds = PersonalDataKind.OfPages)
    {
        ArgumentNullException.ThrowIfNull(text);
        var found = new List<PersonalDatum>();
        var hasDigits = text.AsSpan().ContainsAnyInRange('0', '9');

        // Keys come first: what stands inside one is no number of its own.
        Add(PersonalDataKind.Key, PrivateKey(), "KEY");
        Add(PersonalDataKind.Key, Token(), "KEY");
        Add(PersonalDataKind.Key, Secret(), "KEY");
        if (text.Contains('@'))
        {
            Add(PersonalDataKind.Email, Mail(), "name@example.com");
        }

        if (hasDigits)
        {
            Add(PersonalDataKind.Account, Iban(), "XX00 0000 0000 0000", IsIban);
            Add(PersonalDataKind.Card, Card(), "0000 0000 0000 0000", IsCard);
            Add(PersonalDataKind.IpAddress, Ip(), "192.0.2.1", value =>
                IPAddress.TryParse(value, out var address) && PublicAddress.IsPublic(address));
            Add(PersonalDataKind.Phone, Phone(), "555-0100", IsPhone);
            Add(PersonalDataKind.SocialSecurity, SocialSecurity(), "000-00-0000");
            Add(PersonalDataKind.StreetAddress, Street(), "1 Main Street");
            Add(PersonalDataKind.StreetAddress, GermanStreet(), "Hauptstra\u00dfe 1");
        }

        found.Sort(static (one, other) => one.Start.CompareTo(other.Start));
        return found;

        void Add(PersonalDataKind kind, Regex pattern, string replacement, Predicate<string>? isOne = null)
        {
            if ((kinds & kind) == PersonalDataKind.None)
            {
                return;
            }

            foreach (Match match in pattern.Matches(text))
            {
                Group span = match.Groups["value"] is { Success: true } value ? value : match;
                if (span.Value != replacement && isOne?.Invoke(span.Value) != false
                    && !found.Exists(other => span.Index < other.Start + other.Length && other.Start < span.Index + span.Length))
                {
                    found.Add(new PersonalDatum(kind, span.Index, span.Length, replacement));
                }
            }
        }
    }

    /// <summary>The text with something of the same form in each place that is nobody's.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="kinds">What is replaced.</param>
    public static string Mask(string text, PersonalDataKind kinds = PersonalDataKind.OfPages) => Replace(text, Find(text, kinds));

    /// <summary>The text with the replacement of each find.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="found">What <see cref="Find"/> has found in it.</param>
    public static string Replace(string text, IReadOnlyList<PersonalDatum> found)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(found);
        if (found.Count == 0)
        {
            return text;
        }

        var masked = new StringBuilder(text.Length);
        var end = 0;
        foreach (var datum in found)
        {
            masked.Append(text, end, datum.Start - end).Append(datum.Replacement);
            end = datum.Start + datum.Length;
        }

        return masked.Append(text, end, text.Length - end).ToString();
    }

    /// <summary>A country code, an area in brackets, or groups as people write them: bare digits are mostly something else.</summary>
    static bool IsPhone(string text)
    {
        const int MaxAreaLength = 6;
        var digits = text.Count(char.IsAsciiDigit);
        return digits is >= MinPhoneDigits and <= MaxPhoneDigits
            && (text[0] == '+' || International().IsMatch(text) || NorthAmerican().IsMatch(text)
                // A sum may begin with a bracket too, and closes it late or never.
                || (text[0] == '(' && text.IndexOf(')', StringComparison.Ordinal) is > 2 and <= MaxAreaLength));
    }

    /// <summary>Luhn's check digit (ISO/IEC 7812-1), and the first digits of the large networks.</summary>
    static bool IsCard(string text)
    {
        const int LowestSecondSeries = 2221;
        const int HighestSecondSeries = 2720;
        var digits = text.Where(char.IsAsciiDigit).Select(digit => digit - '0').ToArray();
        if (digits.Length is < 13 or > 19 || digits.Distinct().Count() < 3)
        {
            return false;
        }

        var issuer = (digits[0] * 1000) + (digits[1] * 100) + (digits[2] * 10) + digits[3];
        if (digits[0] is not (3 or 4 or 5 or 6) && issuer is not (>= LowestSecondSeries and <= HighestSecondSeries))
        {
            return false;
        }

        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] * (1 + (i % 2));
            sum += digit > 9 ? digit - 9 : digit;
        }

        return sum % 10 == 0;
    }

    /// <summary>ISO 13616: with the first four characters at the end and letters as numbers, the rest of 97 is 1.</summary>
    static bool IsIban(string text)
    {
        var compact = text.Replace(" ", "", StringComparison.Ordinal);
        var number = string.Concat((compact[4..] + compact[..4])
            .Select(letter => char.IsAsciiDigit(letter) ? letter - '0' : letter - 'A' + 10)
            .Select(value => value.ToString(CultureInfo.InvariantCulture)));
        return compact.Length is >= 15 and <= 34 && BigInteger.Parse(number, CultureInfo.InvariantCulture) % 97 == 1;
    }

    [GeneratedRegex(
        @"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\z)", Options | RegexOptions.Singleline, Timeout)]
    private static partial Regex PrivateKey();

    // As OpenAI, GitHub, AWS, Slack, Hugging Face and Google write them, and JSON web tokens.
    [GeneratedRegex(
        @"\b(sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16}|xox[baprs]-[A-Za-z0-9-]{10,}"
        + @"|hf_[A-Za-z0-9]{20,}|AIza[A-Za-z0-9_-]{30,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})", Options, Timeout)]
    private static partial Regex Token();

    // With a sign that words do not have: "my password is easy to remember" says none.
    [GeneratedRegex(
        @"\b(password|passwort|passphrase|api[_ -]?key|access[_ -]?token|secret|pin)\b\s*(is|ist|:|=)\s*[""']?"
        + @"(?<value>(?=[^\s""',]*[\d_@#$%^&*+=~/\\-])[^\s""',]{4,}(?<![.?!]))", Options | RegexOptions.IgnoreCase, Timeout)]
    private static partial Regex Secret();

    [GeneratedRegex(@"(?<![\w.%+-])[\w.%+-]{1,64}@([\w-]{1,63}\.){1,8}\p{L}{2,24}\b", Options, Timeout)]
    private static partial Regex Mail();

    [GeneratedRegex(@"\b[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?\b", Options, Timeout)]
    private static partial Regex Iban();

    [GeneratedRegex(@"(?<![\d.,-])\d([ -]?\d){12,18}(?![\d.,-]\d|\d)", Options, Timeout)]
    private static partial Regex Card();

    [GeneratedRegex(
        @"(?<![\d.])(\d{1,3}\.){3}\d{1,3}(?!\.?\d)|(?<![\w:])([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}(?![\w:])", Options, Timeout)]
    private static partial Regex Ip();

    [GeneratedRegex(@"(?<![\w.,/+-])(\+|00)?\(?\d{1,4}\)?([ ./-]?\(?\d{2,5}\)?){1,5}(?![\w]|[.,/-]\d)", Options, Timeout)]
    private static partial Regex Phone();

    // Country codes begin with no zero.
    [GeneratedRegex(@"^00[ -]?\(?[1-9]", Options, Timeout)]
    private static partial Regex International();

    [GeneratedRegex(@"^\d{3}[ .-]\d{3}[ .-]\d{4}$", Options, Timeout)]
    private static partial Regex NorthAmerican();

    [GeneratedRegex(@"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])", Options, Timeout)]
    private static partial Regex SocialSecurity();

    [GeneratedRegex(
        @"\b\d{1,5}[A-Za-z]? ([A-Z][a-z]+ ){1,3}"
        + @"(Street|Avenue|Road|Lane|Drive|Boulevard|Court|Square|Terrace|(St|Ave|Rd|Ln|Dr|Blvd)\b\.?)",
        Options, Timeout)]
    private static partial Regex Street();

    [GeneratedRegex(
        @"\b\p{Lu}\p{Ll}+(stra\u00dfe|strasse|str\.|gasse|platz|allee|weg) \d{1,4}[a-z]?\b", Options, Timeout)]
    private static partial Regex GermanStreet();
}
