using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Unicode;

namespace Noos.Corpus.Extraction;

/// <summary>
/// Finds the character encoding of a page as browsers do (HTML standard, 13.2.3.2): byte order mark, the server's word, a prescan of the
/// first kilobyte for meta elements, and else UTF-8 if the bytes are, windows-1252 if not. Labels as in the Encoding standard.
/// </summary>
public static class EncodingSniffer
{
    const int PrescanLength = 1024;

    static readonly SearchValues<char> s_charsetEnd = SearchValues.Create(" \t\r\n\f;");
    static readonly FrozenDictionary<string, int> s_codePages = CreateLabels();

    /// <summary>Decodes a page.</summary>
    /// <param name="content">The bytes of a page.</param>
    /// <param name="charset">What the server says; null where it says nothing.</param>
    public static string Decode(ReadOnlySpan<byte> content, string? charset = null)
    {
        var encoding = Find(content, charset);
        var mark = encoding.CodePage switch
        {
            65001 when content.StartsWith("\uFEFF"u8) => 3,
            1200 or 1201 when content.Length >= 2 && content[0] + content[1] == 0xFE + 0xFF => 2,
            _ => 0,
        };
        return encoding.GetString(content[mark..]);
    }

    /// <summary>The encoding of a page.</summary>
    public static Encoding Find(ReadOnlySpan<byte> content, string? charset = null)
    {
        if (content.StartsWith("\uFEFF"u8))
        {
            return Encoding.UTF8;
        }

        if (content.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            return Encoding.BigEndianUnicode;
        }

        if (content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
        {
            return Encoding.Unicode;
        }

        if (charset is not null && FromLabel(charset) is { } said)
        {
            return said;
        }

        var declared = Prescan(content[..Math.Min(content.Length, PrescanLength)]);
        // A browser asks no further. But files that were saved as UTF-8 keep the meta element of their page, and text in another encoding
        // is hardly ever UTF-8 by chance.
        if (declared is not null && (declared.CodePage == 65001 || !IsUtf8WithText(content)))
        {
            return declared;
        }

        return Utf8.IsValid(content) || IsNearlyUtf8(content) ? Encoding.UTF8 : Get(1252);
    }

    /// <summary>The encoding that a label names; null for an unknown one.</summary>
    public static Encoding? FromLabel(string label)
    {
        ArgumentNullException.ThrowIfNull(label);
        return s_codePages.TryGetValue(
            label.Trim('\t', '\n', '\f', '\r', ' ', '"', '\'').ToLowerInvariant(), out var page) ? Get(page) : null;
    }

    static Encoding Get(int codePage) => codePage switch
    {
        65001 => Encoding.UTF8,
        1200 => Encoding.Unicode,
        1201 => Encoding.BigEndianUnicode,
        _ => CodePagesEncodingProvider.Instance.GetEncoding(codePage) ?? Encoding.Latin1,
    };

    static bool IsUtf8WithText(ReadOnlySpan<byte> content) =>
        content.ContainsAnyExceptInRange((byte)0, (byte)0x7F) && Utf8.IsValid(content);

    // One broken character in a long page, as a cut makes it, does not make the page another encoding.
    static bool IsNearlyUtf8(ReadOnlySpan<byte> content)
    {
        var (whole, broken) = (0, 0);
        while (content.Length > 0)
        {
            var next = content.IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
            if (next < 0)
            {
                break;
            }

            content = content[next..];
            var status = Rune.DecodeFromUtf8(content, out _, out var length);
            whole += status == OperationStatus.Done ? 1 : 0;
            broken += status == OperationStatus.Done ? 0 : 1;
            content = content[Math.Max(1, length)..];
        }

        return whole > 20 * broken;
    }

    /// <summary>The prescan of 13.2.3.2: comments are passed over, meta elements read.</summary>
    static Encoding? Prescan(ReadOnlySpan<byte> bytes)
    {
        var position = 0;
        while (position < bytes.Length)
        {
            var rest = bytes[position..];
            if (rest.StartsWith("<!--"u8))
            {
                var end = rest[2..].IndexOf("-->"u8);
                position = end < 0 ? bytes.Length : position + 2 + end + 3;
            }
            else if (rest.Length > 6 && IsWord(rest[1..], "meta"u8) && rest[0] == '<' && IsSpaceOrSlash(rest[5]))
            {
                position += 5;
                if (ReadMeta(bytes, ref position) is { } found)
                {
                    return found;
                }
            }
            else if (rest.Length > 2 && rest[0] == '<' && (char.IsAsciiLetter((char)rest[1])
                || (rest[1] == '/' && char.IsAsciiLetter((char)rest[2]))))
            {
                position += 1;
                while (position < bytes.Length && !IsSpaceOrSlash(bytes[position]) && bytes[position] != '>')
                {
                    position++;
                }

                while (ReadAttribute(bytes, ref position, out _, out _))
                {
                }
            }
            else if (rest.Length > 1 && rest[0] == '<' && rest[1] is (byte)'!' or (byte)'/' or (byte)'?')
            {
                var end = rest.IndexOf((byte)'>');
                position = end < 0 ? bytes.Length : position + end + 1;
            }
            else
            {
                position++;
            }
        }

        return null;
    }

    static Encoding? ReadMeta(ReadOnlySpan<byte> bytes, ref int position)
    {
        var (isPragma, needsPragma) = (false, default(bool?));
        Encoding? found = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (ReadAttribute(bytes, ref position, out var name, out var value))
        {
            if (!seen.Add(name))
            {
                continue;
            }

            switch (name)
            {
                case "http-equiv":
                    isPragma |= value.Equals("content-type", StringComparison.OrdinalIgnoreCase);
                    break;
                case "content" when found is null && FromContentType(value) is { } named:
                    (found, needsPragma) = (named, true);
                    break;
                case "charset":
                    (found, needsPragma) = (FromLabel(value), false);
                    break;
            }
        }

        if (needsPragma is null || (needsPragma.Value && !isPragma) || found is null)
        {
            return null;
        }

        // It was read as bytes, so it cannot be in two of them.
        return found.CodePage is 1200 or 1201 ? Encoding.UTF8 : found;
    }

    /// <summary>The charset in the value of a Content-Type.</summary>
    static Encoding? FromContentType(string value)
    {
        for (var at = 0; (at = value.IndexOf("charset", at, StringComparison.OrdinalIgnoreCase)) >= 0;)
        {
            at += "charset".Length;
            var rest = value.AsSpan(at).TrimStart();
            if (!rest.StartsWith("="))
            {
                continue;
            }

            rest = rest[1..].TrimStart();
            if (rest.Length == 0)
            {
                return null;
            }

            if (rest[0] is '"' or '\'')
            {
                var close = rest[1..].IndexOf(rest[0]);
                return close < 0 ? null : FromLabel(rest.Slice(1, close).ToString());
            }

            var end = rest.IndexOfAny(s_charsetEnd);
            return FromLabel((end < 0 ? rest : rest[..end]).ToString());
        }

        return null;
    }

    static bool ReadAttribute(ReadOnlySpan<byte> bytes, ref int position, out string name, out string value)
    {
        (name, value) = ("", "");
        while (position < bytes.Length && IsSpaceOrSlash(bytes[position]))
        {
            position++;
        }

        if (position >= bytes.Length || bytes[position] == '>')
        {
            return false;
        }

        var start = position;
        while (position < bytes.Length && bytes[position] is not ((byte)'>' or (byte)'/')
            && !(bytes[position] == '=' && position > start) && !IsSpace(bytes[position]))
        {
            position++;
        }

        name = Encoding.Latin1.GetString(bytes[start..position]).ToLowerInvariant();
        SkipSpace(bytes, ref position);
        if (position >= bytes.Length || bytes[position] != '=')
        {
            return true;
        }

        position++;
        SkipSpace(bytes, ref position);
        if (position >= bytes.Length)
        {
            return true;
        }

        if (bytes[position] is (byte)'"' or (byte)'\'')
        {
            var quoted = bytes[(position + 1)..];
            var close = quoted.IndexOf(bytes[position]);
            value = Encoding.Latin1.GetString(close < 0 ? [] : quoted[..close]);
            position = close < 0 ? bytes.Length : position + close + 2;
            return true;
        }

        start = position;
        while (position < bytes.Length && bytes[position] != '>' && !IsSpace(bytes[position]))
        {
            position++;
        }

        value = Encoding.Latin1.GetString(bytes[start..position]);
        return true;
    }

    static void SkipSpace(ReadOnlySpan<byte> bytes, ref int position)
    {
        while (position < bytes.Length && IsSpace(bytes[position]))
        {
            position++;
        }
    }

    static bool IsWord(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> word) =>
        bytes.Length >= word.Length && Ascii.EqualsIgnoreCase(bytes[..word.Length], word);

    static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\f' or (byte)'\r';

    static bool IsSpaceOrSlash(byte value) => IsSpace(value) || value == '/';

    static FrozenDictionary<string, int> CreateLabels()
    {
        (int CodePage, string Labels)[] encodings =
        [
            (65001, "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8"),
            (866, "866 cp866 csibm866 ibm866"),
            (28592, "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2"),
            (28593, "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3"),
            (28594, "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4"),
            (28595, "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988"),
            (28596, "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127 "
                + "iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987"),
            (28597, "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 "
                + "sun_eu_greek"),
            (28598, "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 "
                + "visual csiso88598i iso-8859-8-i logical"),
            (28603, "iso-8859-13 iso8859-13 iso885913"),
            (28605, "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9"),
            (20866, "cskoi8r koi koi8 koi8-r koi8_r"),
            (21866, "koi8-ru koi8-u"),
            (10000, "csmacintosh mac macintosh x-mac-roman"),
            (874, "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874"),
            (1250, "cp1250 windows-1250 x-cp1250"),
            (1251, "cp1251 windows-1251 x-cp1251"),
            (1252, "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 "
                + "iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252 x-user-defined"),
            (1253, "cp1253 windows-1253 x-cp1253"),
            (1254, "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 "
                + "windows-1254 x-cp1254"),
            (1255, "cp1255 windows-1255 x-cp1255"),
            (1256, "cp1256 windows-1256 x-cp1256"),
            (1257, "cp1257 windows-1257 x-cp1257"),
            (1258, "cp1258 windows-1258 x-cp1258"),
            (10007, "x-mac-cyrillic x-mac-ukrainian"),
            (54936, "gb18030 chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk"),
            (950, "big5 big5-hkscs cn-big5 csbig5 x-x-big5"),
            (51932, "cseucpkdfmtjapanese euc-jp x-euc-jp"),
            (50220, "csiso2022jp iso-2022-jp"),
            (932, "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis"),
            (949, "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949"),
            (1201, "unicodefffe utf-16be"),
            (1200, "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le"),
        ];
        return encodings.SelectMany(encoding => encoding.Labels.Split(' ').Select(label => (label, encoding.CodePage)))
            .ToFrozenDictionary(pair => pair.label, pair => pair.CodePage, StringComparer.Ordinal);
    }
}
