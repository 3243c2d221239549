using System.Globalization;
using Microsoft.Extensions.AI;
using Noos.Core.Conversations;
using Noos.Inference.Sampling;
using Noos.Inference.ToolCalls;
using Noos.Kernel;
using Noos.Language.Tokenization;

namespace Noos.Cpus.Local;

/// <summary>
/// Turns the tokens of an answer into contents as they come: text piece by piece, a tool call when it is whole. Thoughts are marked as
/// such, and stop strings end the text. Scores are those of the tokens whose text is shown.
/// </summary>
sealed class AnswerParser(Tokenizer tokenizer, AnswerReader reader, IEnumerable<string>? stops, int callCount)
{
    readonly StopFilter _filter = new(stops);
    readonly List<AnswerPiece> _pieces = [];
    // By where their text begins: among all characters of the model, then among those that went to the filter.
    readonly Queue<(int Start, ScoredToken Token)> _unplaced = new();
    readonly Queue<(int Start, ScoredToken Token)> _unshown = new();
    int _filtered;
    int _shown;
    int _heldLineEnd = -1;

    /// <summary>A stop string was met: the answer is over.</summary>
    public bool IsStopped => _filter.IsStopped;

    public int CallCount { get; private set; }

    /// <summary>Takes the next token.</summary>
    /// <param name="token">What was generated.</param>
    /// <param name="scores">How likely it was; null where nobody asks.</param>
    public IReadOnlyList<AIContent> Push(int token, TokenScores? scores = null)
    {
        if (scores is not null && reader.IsText(token))
        {
            _unplaced.Enqueue((reader.Position, ToScored(scores)));
        }

        _pieces.Clear();
        reader.Push(token, _pieces);
        return Show();
    }

    /// <summary>The text held back until now, when the last token has come. A call that was not closed is lost.</summary>
    public IReadOnlyList<AIContent> Flush()
    {
        _pieces.Clear();
        reader.End(_pieces);
        var contents = Show();
        if (_heldLineEnd >= 0)
        {
            Filter("\n", _heldLineEnd, contents);
        }

        var rest = _filter.Flush();
        Add(rest, contents);
        return contents;
    }

    ScoredToken ToScored(TokenScores scores)
    {
        return Of(scores.Chosen, [.. scores.Top.Select(score => Of(score, []))]);

        // A model may have more scores than its vocabulary has tokens.
        ScoredToken Of(TokenScore score, IReadOnlyList<ScoredToken> top) =>
            new(score.Token < tokenizer.VocabularySize ? tokenizer.BytesOf(score.Token).ToArray() : [], score.LogProbability, top);
    }

    List<AIContent> Show()
    {
        var contents = new List<AIContent>();
        foreach (var piece in _pieces)
        {
            switch (piece)
            {
                case ThoughtPiece thought:
                    contents.Add(new TextReasoningContent(thought.Text));
                    break;
                case CallPiece call:
                    // The line end before a call belongs to the layout.
                    _heldLineEnd = -1;
                    CallCount++;
                    contents.Add(ConversationMapping.ToContent(new ToolCallPart(
                        call.Name, call.Arguments, string.Create(CultureInfo.InvariantCulture, $"call_{callCount + CallCount}"))));
                    break;
                case TextPiece text:
                    ShowText(text, contents);
                    break;
                default:
                    break;
            }
        }

        return contents;
    }

    void ShowText(TextPiece text, List<AIContent> contents)
    {
        if (_heldLineEnd >= 0)
        {
            Filter("\n", _heldLineEnd, contents);
        }

        var endsLine = text.Text.EndsWith('\n');
        _heldLineEnd = endsLine ? text.Start + text.Text.Length - 1 : -1;
        Filter(endsLine ? text.Text[..^1] : text.Text, text.Start, contents);
    }

    void Filter(string text, int start, List<AIContent> contents)
    {
        while (_unplaced.TryPeek(out var token) && token.Start < start + text.Length)
        {
            _unplaced.Dequeue();
            if (token.Start >= start)
            {
                _unshown.Enqueue((_filtered + token.Start - start, token.Token));
            }
        }

        _filtered += text.Length;
        Add(_filter.Push(text), contents);
    }

    void Add(string shown, List<AIContent> contents)
    {
        if (shown.Length == 0)
        {
            return;
        }

        _shown += shown.Length;
        contents.Add(new TextContent(shown));
        var scores = new List<ScoredToken>();
        while (_unshown.TryPeek(out var token) && token.Start < _shown)
        {
            scores.Add(_unshown.Dequeue().Token);
        }

        if (scores.Count > 0)
        {
            contents.Add(new ScoresContent(scores));
        }
    }
}
