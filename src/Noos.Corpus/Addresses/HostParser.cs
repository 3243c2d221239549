using System.Buffers;
using System.Globalization;
using System.Text;

namespace Noos.Corpus.Addresses;

/// <summary>The host parser of the WHATWG URL standard (3.5): names, IPv4 in all its spellings, IPv6, opaque hosts.</summary>
static class HostParser
{
    static readonly SearchValues<char> s_forbiddenHost = SearchValues.Create("\0\t\n\r #/:<>?@[\\]^|");
    static readonly SearchValues<char> s_forbiddenDomain = SearchValues.Create(
        [.. "\0\t\n\r #/:<>?@[\\]^|%\u007f", .. Enumerable.Range(0, 32).Select(code => (char)code)]);

    /// <returns>Null where it is no host.</returns>
    public static string? Parse(string text, bool isOpaque)
    {
        if (text.StartsWith('['))
        {
            return text.EndsWith(']') && ParseIPv6(text[1..^1]) is { } pieces ? $"[{Format(pieces)}]" : null;
        }

        if (isOpaque)
        {
            return text.AsSpan().ContainsAny(s_forbiddenHost) ? null : EncodeOpaque(text);
        }

        if (text.Contains('%'))
        {
            text = Encoding.UTF8.GetString(PercentEncoding.Decode(text));
        }

        if (DomainName.ToAscii(text) is not { Length: > 0 } domain || domain.AsSpan().ContainsAny(s_forbiddenDomain))
        {
            return null;
        }

        return !EndsInNumber(domain) ? domain : ParseIPv4(domain) is { } address
            ? string.Create(
                CultureInfo.InvariantCulture, $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}")
            : null;
    }

    static string EncodeOpaque(string text)
    {
        var result = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            PercentEncoding.Append(result, rune.Value, PercentEncoding.Control);
        }

        return result.ToString();
    }

    static bool EndsInNumber(string domain)
    {
        var parts = domain.Split('.');
        if (parts[^1].Length == 0)
        {
            if (parts.Length == 1)
            {
                return false;
            }

            parts = parts[..^1];
        }

        return (parts[^1].Length > 0 && parts[^1].All(char.IsAsciiDigit)) || ParseNumber(parts[^1]) is not null;
    }

    static uint? ParseIPv4(string domain)
    {
        var parts = domain.Split('.');
        if (parts[^1].Length == 0 && parts.Length > 1)
        {
            parts = parts[..^1];
        }

        if (parts.Length > 4)
        {
            return null;
        }

        ulong address = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            var isLast = i == parts.Length - 1;
            if (ParseNumber(parts[i]) is not { } number || (!isLast && number > 255)
                || (isLast && number >= 1UL << (8 * (5 - parts.Length))))
            {
                return null;
            }

            address += isLast ? number : number << (8 * (3 - i));
        }

        return (uint)address;
    }

    /// <summary>Decimal, octal after 0, hexadecimal after 0x; null where it is no number, and a huge one where it is too large.</summary>
    static ulong? ParseNumber(string part)
    {
        if (part.Length == 0)
        {
            return null;
        }

        var radix = 10u;
        var digits = part.AsSpan();
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            radix = 16;
            digits = digits[2..];
        }
        else if (digits.Length >= 2 && digits[0] == '0')
        {
            radix = 8;
            digits = digits[1..];
        }

        ulong number = 0;
        foreach (var digit in digits)
        {
            var value = char.IsAsciiHexDigit(digit) ? Convert.ToUInt32(digit.ToString(), 16) : radix;
            if (value >= radix)
            {
                return null;
            }

            number = Math.Min((number * radix) + value, 1UL << 40);
        }

        return number;
    }

    static ushort[]? ParseIPv6(string text)
    {
        var pieces = new ushort[8];
        var (index, compress, at) = (0, -1, 0);
        if (At(0) == ':')
        {
            if (At(1) != ':')
            {
                return null;
            }

            at = 2;
            compress = ++index;
        }

        while (at < text.Length)
        {
            if (index == 8)
            {
                return null;
            }

            if (At(at) == ':')
            {
                if (compress >= 0)
                {
                    return null;
                }

                at++;
                compress = ++index;
                continue;
            }

            var (value, length) = (0, 0);
            while (length < 4 && char.IsAsciiHexDigit(At(at)))
            {
                value = (value * 16) + Convert.ToInt32(At(at).ToString(), 16);
                at++;
                length++;
            }

            if (At(at) == '.')
            {
                if (length == 0 || index > 6 || ParseEmbedded(text[(at - length)..]) is not { } embedded)
                {
                    return null;
                }

                pieces[index++] = (ushort)(embedded >> 16);
                pieces[index++] = (ushort)embedded;
                break;
            }

            if (At(at) == ':')
            {
                at++;
                if (at == text.Length)
                {
                    return null;
                }
            }
            else if (at < text.Length)
            {
                return null;
            }

            pieces[index++] = (ushort)value;
        }

        if (compress >= 0)
        {
            var moved = index - compress;
            Array.Copy(pieces, compress, pieces, 8 - moved, moved);
            Array.Clear(pieces, compress, 8 - moved - compress);
            return pieces;
        }

        return index == 8 ? pieces : null;

        char At(int position) => position < text.Length ? text[position] : '\0';
    }

    /// <summary>Four decimal numbers without leading zeros.</summary>
    static uint? ParseEmbedded(string text)
    {
        var parts = text.Split('.');
        uint address = 0;
        foreach (var part in parts)
        {
            if (parts.Length != 4 || part.Length is 0 or > 3 || !part.All(char.IsAsciiDigit) || (part.Length > 1 && part[0] == '0'))
            {
                return null;
            }

            var number = uint.Parse(part, CultureInfo.InvariantCulture);
            if (number > 255)
            {
                return null;
            }

            address = (address << 8) | number;
        }

        return address;
    }

    static string Format(ushort[] pieces)
    {
        // The first of the longest runs of zeros is left out.
        var (start, length) = (-1, 1);
        for (var i = 0; i < 8; i++)
        {
            var end = i;
            while (end < 8 && pieces[end] == 0)
            {
                end++;
            }

            if (end - i > length)
            {
                (start, length) = (i, end - i);
            }

            i = Math.Max(i, end - 1);
        }

        var text = new StringBuilder();
        for (var i = 0; i < 8; i++)
        {
            if (i == start)
            {
                text.Append(i == 0 ? "::" : ":");
                i += length - 1;
                continue;
            }

            text.Append(CultureInfo.InvariantCulture, $"{pieces[i]:x}");
            if (i < 7)
            {
                text.Append(':');
            }
        }

        return text.ToString();
    }
}
