using System.Globalization;
using System.Text.Json;
using Noos.Core.Conversations;

namespace Noos.Kernel.Memory;

/// <summary>What stands in the place of a page, or of a piece of one, that is paged out.</summary>
static class PageStub
{
    /// <summary>Tokens of a stub or a note, about: what is not longer stays as it is.</summary>
    public const int Tokens = 40;

    const string Omission = "[...]";

    /// <summary>In the place of a whole page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="canRecall">There is a tool that brings it back.</param>
    /// <returns>Null for a page that leaves no stub.</returns>
    public static Part? Replace(FittedPage page, bool canRecall)
    {
        // Only a person drops a page that is shorter than its stub would be, and not to make the prompt longer.
        var text = page.Tokens <= Tokens
            ? Omission
            : string.Create(
                CultureInfo.InvariantCulture, $"[{NameOf(page.Part)}, {page.Tokens} tokens, is paged out.{Advice(page, canRecall)}]");
        return page.Part switch
        {
            TextPart old => old with { Text = text },
            ToolResultPart old => old with { Parts = [new TextPart(text)], Links = null },
            FilePart old => old with { Text = text },
            ImagePart old => old with { Caption = text },
            AudioPart old => old with { Transcript = text },
            _ => null,
        };
    }

    /// <summary>The beginning and the end of a page, with a note between them.</summary>
    /// <param name="page">Has more tokens than are kept.</param>
    /// <param name="tokens">About so many are kept.</param>
    /// <param name="canRecall">There is a tool that brings the rest back.</param>
    /// <returns>The page as it is where it cannot be cut.</returns>
    public static Part Shorten(FittedPage page, int tokens, bool canRecall)
    {
        return page.Part switch
        {
            TextPart old => old with { Text = Cut(old.Text) },
            ToolResultPart old => old with { Parts = [new TextPart(Cut(old.Text))], Links = null },
            FilePart { Text: { } text } old => old with { Text = Cut(text) },
            ImagePart { Caption: { } text } old => old with { Caption = Cut(text) },
            AudioPart { Transcript: { } text } old => old with { Transcript = Cut(text) },
            ToolCallPart old => old with { Arguments = Arguments(Cut(old.Arguments.GetRawText())) },
            var other => other,
        };

        string Cut(string text)
        {
            // Two thirds from the beginning; characters of equal cost are assumed.
            var length = (int)((long)text.Length * tokens / page.Tokens);
            var (head, tail) = (length * 2 / 3, text.Length - (length / 3));
            head -= head > 0 && char.IsHighSurrogate(text[head - 1]) ? 1 : 0;
            tail += tail < text.Length && char.IsLowSurrogate(text[tail]) ? 1 : 0;
            var note = string.Create(
                CultureInfo.InvariantCulture,
                $"\n[Here {page.Tokens - tokens} of {page.Tokens} tokens are paged out.{Advice(page, canRecall)}]\n");
            return $"{text.AsSpan(0, head)}{note}{text.AsSpan(tail)}";
        }
    }

    static JsonElement Arguments(string shortened)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("shortened", shortened);
            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.ToArray());
    }

    static string Advice(FittedPage page, bool canRecall) =>
        canRecall ? string.Create(CultureInfo.InvariantCulture, $" {RecallDeclaration.Name} finds it: page {page.Number}") : "";

    static string NameOf(Part part) => part switch
    {
        ToolResultPart result => $"A result of {result.Name}",
        FilePart file => $"The file {file.Name}",
        ImagePart => "A picture",
        AudioPart => "A sound",
        _ => "A message",
    };
}
