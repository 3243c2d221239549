using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>Reads an answer that is text and nothing else, whatever it spells: JSON of a schema, a text of a grammar.</summary>
sealed class TextAnswerReader(Tokenizer tokenizer) : AnswerReader(tokenizer, [])
{
    private protected override void OnMark(string mark, List<AnswerPiece> output)
    {
        // There are no marks.
    }

    private protected override void OnText(string text, int start, List<AnswerPiece> output) => output.Add(new TextPiece(text, start));

    private protected override void OnEnd(List<AnswerPiece> output)
    {
        // Nothing is held back.
    }
}
