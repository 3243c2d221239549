using System.Text;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// Reads answers whose thoughts and calls stand between marks. White space around thoughts belongs to the layout. A call that cannot be
/// read stays as text, so that nothing is lost and nothing is called by mistake.
/// </summary>
class MarkedAnswerReader : AnswerReader
{
    static readonly (string Start, string End)[] s_thoughts = [(SpecialTokens.ThinkStart, SpecialTokens.ThinkEnd), ("[THINK]", "[/THINK]")];

    readonly CallMarks? _marks;
    readonly StringBuilder _call = new();
    string _space = "";
    bool _isInCall;
    bool _thinks;
    bool _isAtBeginning;
    int _callStart;

    /// <param name="tokenizer">The vocabulary.</param>
    /// <param name="marks">How calls are marked; null for none.</param>
    /// <param name="startsThinking">The prompt has opened a thought already.</param>
    public MarkedAnswerReader(Tokenizer tokenizer, CallMarks? marks, bool startsThinking)
        : base(tokenizer, [.. s_thoughts.SelectMany(pair => (string[])[pair.Start, pair.End]), .. marks?.All ?? []])
    {
        _marks = marks;
        _thinks = startsThinking;
        _isAtBeginning = startsThinking;
    }

    /// <summary>The prompt ends within a thought.</summary>
    public static bool OpensThought(string promptEnd) =>
        Array.Exists(s_thoughts, pair => promptEnd.AsSpan().TrimEnd().EndsWith(pair.Start, StringComparison.Ordinal));

    /// <summary>What closes the thought that the prompt has opened; empty where it has not.</summary>
    public static string CloseThought(string promptEnd) =>
        Array.Find(s_thoughts, pair => promptEnd.AsSpan().TrimEnd().EndsWith(pair.Start, StringComparison.Ordinal)) is { End: { } end }
            ? end + "\n\n"
            : "";

    private protected override void OnMark(string mark, List<AnswerPiece> output)
    {
        if (Array.Exists(s_thoughts, pair => pair.Start == mark || pair.End == mark))
        {
            if (!_isInCall)
            {
                _thinks = Array.Exists(s_thoughts, pair => pair.Start == mark);
                _isAtBeginning = true;
                _space = "";
                return;
            }
        }
        else if (mark == _marks?.Start)
        {
            EndCall(isClosed: _marks.End is null, output);
            (_isInCall, _thinks, _callStart) = (true, false, Position);
            return;
        }
        else if (mark == _marks?.End && _isInCall)
        {
            EndCall(isClosed: true, output);
            return;
        }

        _call.Append(_isInCall ? mark : "");
    }

    private protected override void OnText(string text, int start, List<AnswerPiece> output)
    {
        if (_isInCall)
        {
            _call.Append(text);
            return;
        }

        if (_isAtBeginning)
        {
            var trimmed = text.TrimStart();
            start += text.Length - trimmed.Length;
            text = trimmed;
            _isAtBeginning = text.Length == 0;
        }

        if (!_thinks)
        {
            output.AddRange(text.Length > 0 ? [new TextPiece(text, start)] : []);
            return;
        }

        // Space at the end of a thought waits: it may be its last.
        var whole = _space + text;
        var shown = whole.TrimEnd();
        _space = whole[shown.Length..];
        output.AddRange(shown.Length > 0 ? [new ThoughtPiece(shown)] : []);
    }

    private protected override void OnEnd(List<AnswerPiece> output) => EndCall(isClosed: _marks?.End is null, output);

    void EndCall(bool isClosed, List<AnswerPiece> output)
    {
        if (_isInCall && isClosed)
        {
            var inner = _call.ToString();
            if (_marks!.Read(inner) is { Count: > 0 } calls)
            {
                output.AddRange(calls);
            }
            else
            {
                output.Add(new TextPiece(_marks.Start + inner + _marks.End, _callStart));
            }
        }

        _isInCall = false;
        _call.Clear();
    }
}

/// <summary>How calls are marked.</summary>
/// <param name="Start">What opens a call.</param>
/// <param name="End">What closes it; null where the next one, or the end of the answer, does.</param>
/// <param name="Inner">Marks within a call.</param>
/// <param name="Read">Reads what stands between; nothing where it is no call.</param>
sealed record CallMarks(string Start, string? End, IReadOnlyList<string> Inner, Func<string, IReadOnlyList<CallPiece>> Read)
{
    public IEnumerable<string> All => End is null ? [Start, .. Inner] : [Start, End, .. Inner];
}
