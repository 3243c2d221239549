using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Noos.Pages.Transfer;

/// <summary>JSON of other programs, which cut texts within a character: what is no Unicode becomes U+FFFD, all else stays.</summary>
static class JsonText
{
    const int EscapeLength = 6;

    static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The same JSON in valid UTF-8, without a byte order mark, and without an escape that is half of a surrogate pair.</summary>
    /// <param name="json">Any bytes; those of such escapes are overwritten.</param>
    public static ReadOnlyMemory<byte> Mend(Memory<byte> json)
    {
        if (json.Span.StartsWith(ByteOrderMark))
        {
            json = json[ByteOrderMark.Length..];
        }

        if (!Utf8.IsValid(json.Span))
        {
            json = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json.Span));
        }

        MendEscapes(json.Span);
        return json;
    }

    static void MendEscapes(Span<byte> json)
    {
        for (var at = 0; json[at..].IndexOf((byte)'\\') is var next and >= 0;)
        {
            at += next;
            if (UnitAt(json[at..]) is not { } unit)
            {
                // An escaped backslash begins no escape.
                at = Math.Min(at + 2, json.Length);
            }
            else if (char.IsHighSurrogate(unit) && UnitAt(json[(at + EscapeLength)..]) is { } low && char.IsLowSurrogate(low))
            {
                at += 2 * EscapeLength;
            }
            else
            {
                if (char.IsSurrogate(unit))
                {
                    "\\uFFFD"u8.CopyTo(json[at..]);
                }

                at += EscapeLength;
            }
        }
    }

    /// <summary>The UTF-16 code unit of an escape; null where none begins.</summary>
    static char? UnitAt(ReadOnlySpan<byte> json) => json.Length >= EscapeLength && json.StartsWith("\\u"u8)
        && ushort.TryParse(json[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
        ? (char)unit
        : null;
}
