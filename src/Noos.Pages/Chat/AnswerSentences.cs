using Noos.Kernel.Speech;

namespace Noos.Pages.Chat;

/// <summary>What of an answer can be read aloud by now.</summary>
/// <param name="Sentences">Those that are complete, from the one that was asked for on.</param>
/// <param name="IsOver">No more will come.</param>
public sealed record AnswerSentences(IReadOnlyList<string> Sentences, bool IsOver)
{
    /// <param name="turn">Whose answer; null for one that is no more.</param>
    /// <param name="first">How many are known already.</param>
    public static AnswerSentences From(ChatTurn? turn, int first)
    {
        if (turn is null)
        {
            return new AnswerSentences([], true);
        }

        var isOver = turn.IsOver;
        var splitter = new SentenceSplitter();
        List<string> sentences = [.. splitter.Push(SpokenMarkdown.Strip(turn.Text))];
        if (isOver && splitter.Flush() is { } last)
        {
            sentences.Add(last);
        }

        return new AnswerSentences([.. sentences.Skip(first)], isOver);
    }
}
