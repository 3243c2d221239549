using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Noos.Tools.Code.JavaScript;

/// <summary>
/// Reads CSV (RFC 4180): the first row has the names; the delimiter is the one of comma, semicolon, tab and bar that the first row has
/// most of. A cell that is written like a number is one.
/// </summary>
static class CsvTable
{
    /// <summary>The rows as a JSON array of objects.</summary>
    public static string ToJson(string text)
    {
        var delimiter = FindDelimiter(text);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            string[]? names = null;
            foreach (var row in Rows(text, delimiter))
            {
                if (names is null)
                {
                    names = UniqueNames(row);
                    continue;
                }

                writer.WriteStartObject();
                for (var i = 0; i < names.Length; i++)
                {
                    writer.WritePropertyName(names[i]);
                    WriteCell(writer, i < row.Count ? row[i] : "");
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    static void WriteCell(Utf8JsonWriter writer, string cell)
    {
        var trimmed = cell.AsSpan().Trim();
        if (trimmed.IsEmpty)
        {
            writer.WriteNullValue();
        }
        else if (IsNumber(trimmed))
        {
            writer.WriteNumberValue(double.Parse(trimmed, CultureInfo.InvariantCulture));
        }
        else
        {
            writer.WriteStringValue(cell);
        }
    }

    // "007" is a code and "1e400" no number that JSON can hold: both stay texts.
    static bool IsNumber(ReadOnlySpan<char> cell)
    {
        var digits = cell.TrimStart("+-");
        return cell.Length - digits.Length <= 1 && digits.Length > 0 && (char.IsAsciiDigit(digits[0]) || digits[0] == '.')
            && !(digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1]))
            && double.TryParse(cell, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number);
    }

    static char FindDelimiter(string text)
    {
        var first = text.AsSpan();
        first = first.IndexOfAny('\r', '\n') is >= 0 and var end ? first[..end] : first;
        var (best, most) = (',', 0);
        foreach (var delimiter in ",;\t|")
        {
            if (first.Count(delimiter) is var count && count > most)
            {
                (best, most) = (delimiter, count);
            }
        }

        return best;
    }

    // Two columns of one name would be one property.
    static string[] UniqueNames(List<string> row)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return [.. row.Select((cell, index) =>
        {
            var name = cell.Trim() is { Length: > 0 } given ? given : string.Create(CultureInfo.InvariantCulture, $"column{index + 1}");
            var unique = name;
            for (var i = 2; !seen.Add(unique); i++)
            {
                unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
            }

            return unique;
        })];
    }

    static IEnumerable<List<string>> Rows(string text, char delimiter)
    {
        var row = new List<string>();
        var cell = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (isQuoted)
            {
                if (character != '"')
                {
                    cell.Append(character);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    cell.Append('"');
                    i++;
                }
                else
                {
                    isQuoted = false;
                }
            }
            else if (character == '"' && cell.Length == 0)
            {
                isQuoted = true;
            }
            else if (character == delimiter)
            {
                EndCell();
            }
            else if (character is '\r' or '\n')
            {
                i += character == '\r' && i + 1 < text.Length && text[i + 1] == '\n' ? 1 : 0;
                EndCell();
                // An empty line is no row.
                if (row.Count > 1 || row[0].Length > 0)
                {
                    yield return row;
                }

                row = [];
            }
            else
            {
                cell.Append(character);
            }
        }

        if (cell.Length > 0 || row.Count > 0)
        {
            EndCell();
            yield return row;
        }

        void EndCell()
        {
            row.Add(cell.ToString());
            cell.Clear();
        }
    }
}
