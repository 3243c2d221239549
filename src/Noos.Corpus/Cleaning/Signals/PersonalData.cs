using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text.RegularExpressions;
using Noos.Core.Network;

namespace Noos.Corpus.Cleaning.Signals;

/// <summary>
/// Finds what belongs to a person: addresses of mail, telephone numbers, public IP addresses, account and card numbers whose check digits
/// fit. Only what has such a form; names and street addresses are not found. Thread-safe.
/// </summary>
public static partial class PersonalData
{
    const int MinPhoneDigits = 8;
    const int MaxPhoneDigits = 15;
    const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;
    const int Timeout = 10_000;

    /// <summary>What was found, in the order of the text; none overlap.</summary>
    public static IReadOnlyList<PersonalDatum> Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var found = new List<PersonalDatum>();
        if (text.Contains('@'))
        {
            Add(Mail(), PersonalDataKind.Email, _ => true);
        }

        if (text.AsSpan().ContainsAnyInRange('0', '9'))
        {
            Add(Iban(), PersonalDataKind.Account, match => IsIban(match.Value));
            Add(Card(), PersonalDataKind.Account, match => IsCard(match.Value));
            Add(Ip(), PersonalDataKind.IpAddress, match =>
                IPAddress.TryParse(match.Value, out var address) && PublicAddress.IsPublic(address));
            Add(Phone(), PersonalDataKind.Phone, match => IsPhone(match.Value));
        }

        found.Sort(static (one, other) => one.Start.CompareTo(other.Start));
        return found;

        void Add(Regex pattern, PersonalDataKind kind, Func<Match, bool> isOne)
        {
            foreach (Match match in pattern.Matches(text))
            {
                if (isOne(match)
                    && !found.Exists(other => match.Index < other.Start + other.Length && other.Start < match.Index + match.Length))
                {
                    found.Add(new PersonalDatum(kind, match.Index, match.Length));
                }
            }
        }
    }

    /// <summary>The text with something of the same form in each place that is nobody's (RFC 2606, RFC 5737).</summary>
    public static string Mask(string text)
    {
        var found = Find(text);
        if (found.Count == 0)
        {
            return text;
        }

        var masked = new System.Text.StringBuilder(text.Length);
        var end = 0;
        foreach (var datum in found)
        {
            masked.Append(text, end, datum.Start - end).Append(datum.Kind switch
            {
                PersonalDataKind.Email => "name@example.com",
                PersonalDataKind.IpAddress => "192.0.2.1",
                PersonalDataKind.Phone => "+1 555 0100",
                _ => "0000 0000 0000 0000",
            });
            end = datum.Start + datum.Length;
        }

        return masked.Append(text, end, text.Length - end).ToString();
    }

    /// <summary>A country code or brackets, or groups as people write them: bare digits are mostly something else.</summary>
    static bool IsPhone(string text)
    {
        var digits = text.Count(char.IsAsciiDigit);
        return digits is >= MinPhoneDigits and <= MaxPhoneDigits
            && (text[0] is '+' or '(' || text.StartsWith("00", StringComparison.Ordinal) || NorthAmerican().IsMatch(text));
    }

    /// <summary>Luhn's check digit, and the first digits of the large networks.</summary>
    static bool IsCard(string text)
    {
        var digits = text.Where(char.IsAsciiDigit).Select(digit => digit - '0').ToArray();
        if (digits.Length is < 13 or > 19 || digits[0] is not (3 or 4 or 5 or 6) || digits.Distinct().Count() < 3)
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

    [GeneratedRegex(@"\b[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b", Options, Timeout)]
    private static partial Regex Mail();

    [GeneratedRegex(@"\b[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?\b", Options, Timeout)]
    private static partial Regex Iban();

    [GeneratedRegex(@"(?<![\d.,-])\d(?:[ -]?\d){12,18}(?![\d.,-]\d|\d)", Options, Timeout)]
    private static partial Regex Card();

    [GeneratedRegex(
        @"(?<![\d.])(\d{1,3}\.){3}\d{1,3}(?!\.?\d)|(?<![\w:])([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}(?![\w:])", Options, Timeout)]
    private static partial Regex Ip();

    [GeneratedRegex(@"(?<![\w.,/+-])(\+|00)?\(?\d{1,4}\)?([ ./-]?\(?\d{2,5}\)?){1,5}(?![\w]|[.,/-]\d)", Options, Timeout)]
    private static partial Regex Phone();

    [GeneratedRegex(@"^\d{3}[ .-]\d{3}[ .-]\d{4}$", Options, Timeout)]
    private static partial Regex NorthAmerican();
}
