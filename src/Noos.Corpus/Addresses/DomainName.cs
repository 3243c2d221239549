using System.Globalization;
using System.Text;

namespace Noos.Corpus.Addresses;

/// <summary>
/// Names of hosts in ASCII (UTS 46, as the WHATWG URL standard uses it): mapped, normalized, each label that is not ASCII in punycode. The
/// mapping is a table of what differs from lower case; see <see cref="DomainMapping"/>.
/// </summary>
static class DomainName
{
    const string Prefix = "xn--";

    /// <returns>Null where it is no domain name; the result may still hold characters that no host may have.</returns>
    public static string? ToAscii(string domain)
    {
        if (Ascii.IsValid(domain))
        {
            // Also what only looks like punycode: the standard leaves it to the name servers.
            return domain.ToLowerInvariant();
        }

        if (DomainMapping.Map(domain) is not { } mapped)
        {
            return null;
        }

        var labels = mapped.Split('.');
        var unicode = (string[])labels.Clone();
        for (var i = 0; i < labels.Length; i++)
        {
            if (Ascii.IsValid(labels[i]))
            {
                if (!IsValidAce(labels[i], out var decoded))
                {
                    return null;
                }

                unicode[i] = decoded ?? labels[i];
            }
            else if (IsValid(labels[i]) && Punycode.Encode(labels[i]) is { } encoded)
            {
                labels[i] = Prefix + encoded;
            }
            else
            {
                return null;
            }
        }

        return NameRules.AllowsDirections(unicode) ? string.Join('.', labels) : null;
    }

    /// <summary>A label in punycode must be one that this would have written; any other label is valid.</summary>
    static bool IsValidAce(string label, out string? decoded)
    {
        decoded = label.StartsWith(Prefix, StringComparison.Ordinal) ? Punycode.Decode(label[Prefix.Length..]) : null;
        return !label.StartsWith(Prefix, StringComparison.Ordinal)
            || (decoded is { Length: > 0 } && !Ascii.IsValid(decoded) && IsValid(decoded) && DomainMapping.Map(decoded) == decoded);
    }

    static bool IsValid(string label)
    {
        var isFirst = true;
        foreach (var rune in label.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.Control or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse
                or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                || rune == Rune.ReplacementChar || rune.Value is '.' or 0x2260 or 0x226E or 0x226F
                || (isFirst && category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
                    or UnicodeCategory.EnclosingMark))
            {
                return false;
            }

            isFirst = false;
        }

        return !label.StartsWith(Prefix, StringComparison.Ordinal) && NameRules.AllowsJoiners(label);
    }
}
