using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Noos.Core.Conversations;
using Noos.Inference.Sampling;
using Noos.Inference.ToolCalls;
using Noos.Kernel.Cpu;
using Noos.Language.Tokenization;

namespace Noos.Cpus.Local;

/// <summary>
/// Turns the tokens of an answer into events as they come: text piece by piece, a tool call when it is whole. Thoughts are marked as
/// such; stop strings, and loops where there is a guard, end the text. Scores are those of the tokens whose text is shown.
/// </summary>
/// <param name="tokenizer">The vocabulary.</param>
/// <param name="reader">Tells text, thoughts and calls apart.</param>
/// <param name="stops">Strings that end the text.</param>
/// <param name="prompt">What the answer is to; calls get their ids from it.</param>
/// <param name="guard">Cuts an answer that repeats itself; null for none.</param>
sealed class AnswerParser(
    Tokenizer tokenizer, AnswerReader reader, IEnumerable<string>? stops, ReadOnlyMemory<int> prompt, LoopGuard? guard = null)
{
    // A picture of signs that is longer is shown as it comes.
    const int MaxWordless = 2000;

    readonly StopFilter _filter = new(stops);
    readonly List<AnswerPiece> _pieces = [];
    readonly List<AnswerPiece> _guarded = [];
    // A call that never ends shows nothing, so its tokens are watched; arguments may repeat themselves as code may.
    readonly LoopGuard? _callGuard = guard is null ? null : new LoopGuard(request: null, isCode: true);
    readonly List<int> _tokenIds = [];
    // By where their text begins: among all characters of the model, then among those that went to the filter.
    readonly Queue<(int Start, ScoredToken Token)> _unplaced = new();
    readonly Queue<(int Start, ScoredToken Token)> _unshown = new();
    int _filtered;
    int _shown;
    int _heldLineEnd = -1;
    int _toldTokens;
    bool _hasWords;
    // Where there is a guard: what came before the first word. It goes where the guard leaves no word.
    string _wordless = "";

    /// <summary>A stop string or a loop was met: the answer is over.</summary>
    public bool IsStopped => _filter.IsStopped || IsLoop;

    /// <summary>The stop string that was met; null for none.</summary>
    public string? StopSequence => _filter.Met;

    /// <summary>The answer repeated itself and was cut back.</summary>
    public bool IsLoop => guard is { IsStopped: true } || _callGuard is { IsStopped: true };

    public int CallCount { get; private set; }

    /// <summary>All tokens so far.</summary>
    public IReadOnlyList<int> TokenIds => _tokenIds;

    /// <summary>Takes the next token.</summary>
    /// <param name="token">What was generated.</param>
    /// <param name="scores">How likely it was; null where nobody asks.</param>
    public IReadOnlyList<CpuEvent> Push(int token, TokenScores? scores = null)
    {
        if (scores is not null && reader.IsText(token))
        {
            _unplaced.Enqueue((reader.Position, ToScored(scores)));
        }

        _tokenIds.Add(token);
        _pieces.Clear();
        reader.Push(token, _pieces);
        WatchCall(token);
        return WithTokens(Show());
    }

    /// <summary>The text held back until now, when the last token has come. A call that was not closed is lost.</summary>
    public IReadOnlyList<CpuEvent> Flush()
    {
        _pieces.Clear();
        reader.End(_pieces);
        var events = Show(isEnd: true);
        if (_heldLineEnd >= 0)
        {
            Filter("\n", _heldLineEnd, events);
        }

        var rest = _filter.Flush();
        Add(rest, events);
        if (IsLoop)
        {
            Telemetry.Loops.Add(1);
        }

        if (IsLoop && !_hasWords && CallCount == 0)
        {
            _wordless = "";
            _unshown.Clear();
            Add(_shown > 0 ? "\n" + LoopGuard.NoAnswer : LoopGuard.NoAnswer, events);
        }
        else
        {
            Tell("", events);
        }

        return WithTokens(events);
    }

    /// <summary>The first event gets the tokens that no event has had.</summary>
    List<CpuEvent> WithTokens(List<CpuEvent> events)
    {
        if (events.Count > 0)
        {
            events[0] = events[0] with { TokenIds = [.. _tokenIds.Skip(_toldTokens)] };
            _toldTokens = _tokenIds.Count;
        }

        return events;
    }

    ScoredToken ToScored(TokenScores scores)
    {
        return Score(scores.Chosen, [.. scores.Top.Select(score => Score(score, []))]);

        // A model may have more scores than its vocabulary has tokens.
        ScoredToken Score(TokenScore score, IReadOnlyList<ScoredToken> top) =>
            new(score.Token < tokenizer.VocabularySize ? tokenizer.BytesOf(score.Token).ToArray() : [], score.LogProbability, top);
    }

    /// <summary>Tokens that show nothing stand in a call, or are the layout of one.</summary>
    void WatchCall(int token)
    {
        if (_pieces.Count > 0)
        {
            _callGuard?.Restart();
        }
        else
        {
            _callGuard?.Push(new TextPiece(token.ToString(CultureInfo.InvariantCulture), Start: 0), []);
        }
    }

    /// <summary>The pieces without what repeats itself, which may be held back until later ones are there.</summary>
    List<AnswerPiece> Guard(bool isEnd)
    {
        if (guard is null)
        {
            return _pieces;
        }

        _guarded.Clear();
        foreach (var piece in _pieces)
        {
            guard.Push(piece, _guarded);
        }

        if (isEnd)
        {
            guard.Flush(_guarded);
        }

        return _guarded;
    }

    List<CpuEvent> Show(bool isEnd = false)
    {
        var events = new List<CpuEvent>();
        foreach (var piece in Guard(isEnd))
        {
            switch (piece)
            {
                case ThoughtPiece thought:
                    events.Add(new ThoughtDelta(thought.Text));
                    break;
                case CallPiece call:
                    // The line end before a call belongs to the layout.
                    _heldLineEnd = -1;
                    Tell("", events);
                    CallCount++;
                    events.Add(new ToolCalled(new ToolCallPart(call.Name, call.Arguments, NewCallId())));
                    break;
                case TextPiece text:
                    ShowText(text, events);
                    break;
                default:
                    break;
            }
        }

        return events;
    }

    /// <summary>
    /// From all tokens so far: the same for the same answer to the same prompt, and another for any other, also where a client shows only a
    /// part of a conversation whose ids it knows.
    /// </summary>
    string NewCallId()
    {
        // FNV-1a and a second hash beside it. Nothing cryptographic: nobody gains by a collision, and loading OpenSSL would cost a short
        // command a tenth of its time.
        var (one, other) = (0xCBF29CE484222325UL, 0x9E3779B97F4A7C15UL);
        Mix(prompt.Span);
        Mix(CollectionsMarshal.AsSpan(_tokenIds));
        Mix([CallCount]);
        return string.Create(CultureInfo.InvariantCulture, $"call_{one ^ (one >> 32):x16}{(uint)(other >> 32):x8}");

        void Mix(ReadOnlySpan<int> values)
        {
            foreach (var value in values)
            {
                one = (one ^ (uint)value) * 0x100000001B3;
                other = BitOperations.RotateLeft(other ^ (uint)value, 29) * 0xBF58476D1CE4E5B9;
            }
        }
    }

    void ShowText(TextPiece text, List<CpuEvent> events)
    {
        if (_heldLineEnd >= 0)
        {
            Filter("\n", _heldLineEnd, events);
        }

        var endsLine = text.Text.EndsWith('\n');
        _heldLineEnd = endsLine ? text.Start + text.Text.Length - 1 : -1;
        Filter(endsLine ? text.Text[..^1] : text.Text, text.Start, events);
    }

    void Filter(string text, int start, List<CpuEvent> events)
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
        Add(_filter.Push(text), events);
    }

    void Add(string shown, List<CpuEvent> events)
    {
        if (shown.Length == 0)
        {
            return;
        }

        _hasWords |= shown.Any(char.IsLetterOrDigit);
        if (guard is not null && !_hasWords && _wordless.Length + shown.Length <= MaxWordless)
        {
            _wordless += shown;
            return;
        }

        Tell(shown, events);
    }

    /// <summary>Shows a text, and before it what was held back.</summary>
    void Tell(string shown, List<CpuEvent> events)
    {
        shown = _wordless + shown;
        _wordless = "";
        if (shown.Length == 0)
        {
            return;
        }

        _shown += shown.Length;
        events.Add(new TextDelta(shown));
        var scores = new List<ScoredToken>();
        while (_unshown.TryPeek(out var token) && token.Start < _shown)
        {
            scores.Add(_unshown.Dequeue().Token);
        }

        if (scores.Count > 0)
        {
            events.Add(new TokensScored(scores));
        }
    }
}
