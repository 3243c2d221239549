using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Kernel.Gate;

namespace Noos.Kernel.Teaching;

/// <summary>
/// What others wrote that a conversation has read (web pages, files, what services answered), and whether a text repeats it: a model that
/// learns such words does what a stranger wants.
/// </summary>
public static partial class ForeignText
{
    // Fewer words in a row are anybody's.
    const int QuoteLength = 6;

    /// <summary>The least trusted origin of what is in messages; null where all is trusted.</summary>
    public static Origin? FindTaint(IEnumerable<Message> messages)
    {
        var provenance = new Provenance();
        foreach (var message in messages)
        {
            provenance.Add(message);
        }

        return provenance.Taint;
    }

    /// <summary>Whether a text has a passage of what others wrote; a short one, all of it.</summary>
    /// <param name="text">Looked at without case and punctuation.</param>
    /// <param name="messages">With what others wrote.</param>
    public static bool IsQuoted(string text, IEnumerable<Message> messages)
    {
        var words = WordsOf(text);
        var length = Math.Min(QuoteLength, words.Length);
        var foreign = messages.SelectMany(message => message.Parts).SelectMany(TextsOf).Select(WordsOf).ToArray();
        if (length == 0 || foreign.Length == 0)
        {
            return false;
        }

        var passages = RunsOf(words, length).ToHashSet(StringComparer.Ordinal);
        return foreign.SelectMany(other => RunsOf(other, length)).Any(passages.Contains);
    }

    static IEnumerable<string> TextsOf(Part part) => part switch
    {
        TextPart { Origin: { } origin } text when origin.IsForeign() => [text.Text],
        ToolResultPart result => result.Parts.OfType<TextPart>()
            .Where(piece => (piece.Origin ?? result.Origin ?? Origin.Tool).IsForeign()).Select(piece => piece.Text),
        FilePart file => [file.Text ?? ""],
        ImagePart image => [image.Caption ?? ""],
        AudioPart audio => [audio.Transcript ?? ""],
        _ => [],
    };

    static string[] WordsOf(string text) => [.. Word().Matches(text).Select(word => word.Value.ToUpperInvariant())];

    static IEnumerable<string> RunsOf(string[] words, int length)
    {
        for (var start = 0; start + length <= words.Length; start++)
        {
            yield return string.Join(' ', words, start, length);
        }
    }

    [GeneratedRegex(@"[\p{L}\p{N}]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();
}
