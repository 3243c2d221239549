using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// Reads one answer token by token: text, thoughts and tool calls. Marks that the vocabulary has as tokens count only as those tokens, so
/// text that merely spells them changes nothing; others are found in the text. Not thread-safe.
/// </summary>
public abstract class AnswerReader
{
    readonly Tokenizer _tokenizer;
    readonly StreamingTextDecoder _decoder;
    readonly Dictionary<int, string> _markTokens = [];
    readonly List<string> _markTexts = [];
    string _held = "";

    private protected AnswerReader(Tokenizer tokenizer, IEnumerable<string> marks)
    {
        _tokenizer = tokenizer;
        _decoder = new StreamingTextDecoder(tokenizer);
        foreach (var mark in marks)
        {
            if (tokenizer.TryGetSpecial(mark, out var token))
            {
                _markTokens[token] = mark;
            }
            else
            {
                _markTexts.Add(mark);
            }
        }
    }

    /// <summary>Number of characters that the tokens so far have brought.</summary>
    public int Position { get; private set; }

    /// <summary>The token is a part of the text, of thoughts or of a call, and no mark between them.</summary>
    public bool IsText(int token) => !_markTokens.ContainsKey(token) && !_tokenizer.IsSpecial(token);

    /// <summary>Takes the next token and appends what is now clear.</summary>
    public void Push(int token, List<AnswerPiece> output)
    {
        if (_markTokens.TryGetValue(token, out var mark))
        {
            Scan(_decoder.Flush(), isEnd: true, output);
            OnMark(mark, output);
        }
        else if (!_tokenizer.IsSpecial(token))
        {
            Scan(_decoder.Push(token), isEnd: false, output);
        }
    }

    /// <summary>Appends what was held back, now that no more tokens come.</summary>
    public void End(List<AnswerPiece> output)
    {
        Scan(_decoder.Flush(), isEnd: true, output);
        OnEnd(output);
    }

    private protected abstract void OnMark(string mark, List<AnswerPiece> output);

    /// <param name="text">Some characters.</param>
    /// <param name="start">Where they stand among all characters.</param>
    /// <param name="output">Takes the pieces.</param>
    private protected abstract void OnText(string text, int start, List<AnswerPiece> output);

    private protected abstract void OnEnd(List<AnswerPiece> output);

    /// <summary>Finds the marks that are written as text; what may be the beginning of one waits.</summary>
    void Scan(string text, bool isEnd, List<AnswerPiece> output)
    {
        Position += text.Length;
        var all = _held + text;
        _held = "";
        while (all.Length > 0)
        {
            var (place, mark) = _markTexts.Select(known => (Place: all.IndexOf(known, StringComparison.Ordinal), Mark: known))
                .Where(found => found.Place >= 0).OrderBy(found => found.Place).FirstOrDefault((-1, ""));
            var clear = place >= 0 ? place : isEnd ? all.Length : all.Length - LongestBeginning(all);
            if (clear > 0)
            {
                OnText(all[..clear], Position - all.Length, output);
            }

            if (place < 0)
            {
                _held = all[clear..];
                return;
            }

            OnMark(mark, output);
            all = all[(place + mark.Length)..];
        }
    }

    int LongestMark()
    {
        var longest = 1;
        foreach (var mark in _markTexts)
        {
            longest = Math.Max(longest, mark.Length);
        }

        return longest;
    }

    int LongestBeginning(string text)
    {
        for (var length = Math.Min(text.Length, LongestMark() - 1); length > 0; length--)
        {
            if (_markTexts.Exists(mark => mark.AsSpan().StartsWith(text.AsSpan(text.Length - length), StringComparison.Ordinal)))
            {
                return length;
            }
        }

        return 0;
    }
}
