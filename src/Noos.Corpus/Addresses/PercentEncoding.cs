using System.Buffers;
using System.Text;

namespace Noos.Corpus.Addresses;

/// <summary>Percent-encoding as the WHATWG URL standard has it: which characters are encoded depends on the part of the URL.</summary>
static class PercentEncoding
{
    // Controls and what is not ASCII is in every set.
    public static readonly SearchValues<char> Fragment = SearchValues.Create(" \"<>`");
    public static readonly SearchValues<char> Query = SearchValues.Create(" \"#<>");
    public static readonly SearchValues<char> SpecialQuery = SearchValues.Create(" \"#<>'");
    public static readonly SearchValues<char> Path = SearchValues.Create(" \"#<>?^`{}");
    public static readonly SearchValues<char> UserInfo = SearchValues.Create(" \"#<>?^`{}/:;=@[\\]|");
    public static readonly SearchValues<char> Control = SearchValues.Create("");

    const string Digits = "0123456789ABCDEF";

    /// <summary>Appends a code point, encoded where the set has it.</summary>
    public static void Append(StringBuilder text, int codePoint, SearchValues<char> set)
    {
        if (codePoint is > 0x1F and < 0x7F)
        {
            if (set.Contains((char)codePoint))
            {
                AppendByte(text, (byte)codePoint);
            }
            else
            {
                text.Append((char)codePoint);
            }

            return;
        }

        Span<byte> bytes = stackalloc byte[4];
        foreach (var value in bytes[..new Rune(codePoint).EncodeToUtf8(bytes)])
        {
            AppendByte(text, value);
        }
    }

    /// <summary>
    /// Appends a code point as the bytes that it is in an encoding; one that the encoding has not as a reference to its number, as forms
    /// send it.
    /// </summary>
    public static void Append(StringBuilder text, int codePoint, Encoding encoding)
    {
        var character = new Rune(codePoint).ToString();
        var bytes = encoding.GetBytes(character);
        if (encoding.GetString(bytes) != character)
        {
            bytes = Encoding.ASCII.GetBytes(FormattableString.Invariant($"&#{codePoint};"));
        }

        foreach (var value in bytes)
        {
            // References are encoded as a whole.
            if (char.IsAsciiDigit((char)value))
            {
                text.Append((char)value);
            }
            else
            {
                AppendByte(text, value);
            }
        }
    }

    public static void AppendByte(StringBuilder text, byte value) => text.Append('%').Append(Digits[value >> 4]).Append(Digits[value & 15]);

    /// <summary>The byte of three characters such as <c>%7e</c>; -1 where they are none.</summary>
    public static int DecodeAt(ReadOnlySpan<char> text, int index) =>
        index + 2 < text.Length && text[index] == '%' && char.IsAsciiHexDigit(text[index + 1]) && char.IsAsciiHexDigit(text[index + 2])
            ? (Convert.FromHexString(text.Slice(index + 1, 2))[0])
            : -1;

    /// <summary>All bytes of a text, the encoded ones decoded.</summary>
    public static byte[] Decode(ReadOnlySpan<char> text)
    {
        var bytes = new ArrayBufferWriter<byte>(text.Length + 4);
        while (text.Length > 0)
        {
            if (DecodeAt(text, 0) is var value and >= 0)
            {
                bytes.Write([(byte)value]);
                text = text[3..];
                continue;
            }

            var next = text[1..].IndexOf('%');
            var part = next < 0 ? text : text[..(next + 1)];
            bytes.Advance(Encoding.UTF8.GetBytes(part, bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(part.Length))));
            text = text[part.Length..];
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>
    /// One spelling for one meaning (RFC 3986, 6.2.2): letters, digits and <c>-._~</c> plain, everything else that is encoded with capital
    /// digits, and what is not ASCII encoded.
    /// </summary>
    public static string Normalize(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.Contains('%'))
        {
            return text;
        }

        var result = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var value = DecodeAt(text, i);
            if (value >= 0)
            {
                i += 2;
                if (IsUnreserved((char)value))
                {
                    result.Append((char)value);
                }
                else
                {
                    AppendByte(result, (byte)value);
                }
            }
            else
            {
                var status = Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length);
                Append(result, rune.Value, Control);
                i += status == OperationStatus.Done ? length - 1 : 0;
            }
        }

        return result.ToString();
    }

    public static bool IsUnreserved(char value) => char.IsAsciiLetterOrDigit(value) || value is '-' or '.' or '_' or '~';
}
