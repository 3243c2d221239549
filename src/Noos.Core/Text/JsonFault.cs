using System.Globalization;
using System.Text.Json;

namespace Noos.Core.Text;

/// <summary>What is wrong with a JSON text, for whoever wrote it: the library's sentence without its hints for programmers.</summary>
public static class JsonFault
{
    /// <summary>One sentence with line and column, both from 1 on; columns are bytes, as the reader counts them. No full stop.</summary>
    /// <param name="exception">What the reader says.</param>
    /// <param name="isLine">The text is one line of a file, whose number is told beside it.</param>
    public static string Describe(JsonException exception, bool isLine = false)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var sentence = exception.Message;
        foreach (var hint in (ReadOnlySpan<string>)[" Path: ", " LineNumber: ", " Change the reader options.", " encountered during"])
        {
            sentence = sentence.IndexOf(hint, StringComparison.Ordinal) is >= 0 and var start ? sentence[..start] : sentence;
        }

        sentence = sentence.ReplaceLineEndings(" ").TrimEnd('.', ' ');
        return exception.LineNumber is { } line
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{sentence} ({(isLine ? "" : $"line {line + 1}, ")}column {(exception.BytePositionInLine ?? 0) + 1})")
            : sentence;
    }
}
