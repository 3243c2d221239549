using System.Text;
using System.Text.Json;
using Noos.Inference.Constraints.Grammar;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// gpt-oss's harmony: an answer is messages on channels. "analysis" is thought, "final" and "commentary" are text, and a call is
/// <c>&lt;|channel|&gt;commentary to=functions.NAME &lt;|constrain|&gt;json&lt;|message|&gt;{...}&lt;|call|&gt;</c>.
/// </summary>
sealed class HarmonyNotation : ToolCallNotation
{
    const string Begin = "<|start|>";
    const string Channel = "<|channel|>";
    const string Constrain = "<|constrain|>";
    const string Content = "<|message|>";
    const string Finish = "<|end|>";
    const string Return = "<|return|>";
    const string Call = "<|call|>";
    const string Recipient = "to=functions.";

    static readonly string[] s_marks = [Begin, Channel, Constrain, Content, Finish, Return, Call];

    public override string Name => "harmony";

    internal override IReadOnlyList<string> NeededTokens => s_marks;

    internal override IReadOnlyList<string> CallTokens => [];

    internal override IReadOnlyList<string> LayoutTokens => [Content, Constrain];

    /// <summary>The channel of what is for the reader.</summary>
    public override string TextPrefix(string promptEnd) =>
        promptEnd.EndsWith(Content, StringComparison.Ordinal) ? "" : Channel + "final" + Content;

    /// <summary>A call has a channel of its own.</summary>
    public override bool CanCallAfterTextPrefix => false;

    public static ToolCallNotation? Recognize(string sample) =>
        sample.Contains(Recipient, StringComparison.Ordinal) && sample.Contains(Channel, StringComparison.Ordinal)
            ? new HarmonyNotation()
            : null;

    public override AnswerReader CreateReader(Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools, string promptEnd = "") =>
        new Reader(tokenizer);

    /// <summary>Also without tools, where a message on a channel is all that may be.</summary>
    internal override IEnumerable<CallOpening> Openings(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls)
    {
        var content = Mark(tokenizer, Content);
        var plain = Sequence(Choice([Text("analysis"), Text("final"), Text("commentary")]), content);
        var messages = calls.Count == 0 ? plain : Choice([plain, Sequence(Text("commentary "), Calls(tokenizer, calls, " "))]);
        yield return new CallOpening(Token(tokenizer, Channel), messages);
        var turn = Sequence(Mark(tokenizer, Channel), messages);
        yield return new CallOpening(
            Token(tokenizer, Begin),
            Sequence(Text("assistant"), calls.Count == 0 ? turn : Choice([turn, AddressedCall(tokenizer, calls)])));
    }

    internal override CallStart? Start(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        calls.Count == 0 ? null : new CallStart(" to=", AddressedCall(tokenizer, calls));

    /// <summary>The other way to write a call, that of the template: the tool before the channel.</summary>
    static GrammarNode AddressedCall(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        Sequence(Text(" "), Calls(tokenizer, calls, Sequence(Mark(tokenizer, Channel), Text("commentary "))));

    static GrammarNode Calls(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls, string separator) =>
        Calls(tokenizer, calls, Text(separator));

    static GrammarNode Calls(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls, GrammarNode separator)
    {
        var format = Sequence(new RepeatNode(Mark(tokenizer, Constrain), 0, 1), Text("json"), Mark(tokenizer, Content));
        return Choice(
            calls.Select(call => Sequence(Text(Recipient + call.Name), separator, format, call.Arguments.Value, Mark(tokenizer, Call))));
    }

    sealed class Reader(Tokenizer tokenizer) : AnswerReader(tokenizer, s_marks)
    {
        readonly StringBuilder _header = new();
        readonly StringBuilder _content = new();
        bool _isInContent;
        bool _isThought;
        string? _tool;
        int _headerStart;
        int _contentStart;

        private protected override void OnMark(string mark, List<AnswerPiece> output)
        {
            switch (mark)
            {
                case Content when !_isInContent:
                    var header = _header.ToString();
                    _isInContent = true;
                    _isThought = header.Contains(Channel + "analysis", StringComparison.Ordinal);
                    _tool = ToolOf(header);
                    break;
                case Channel or Constrain when !_isInContent:
                    _header.Append(mark);
                    break;
                case Begin or Finish or Return or Call:
                    EndMessage(output);
                    break;
                default:
                    break;
            }
        }

        private protected override void OnText(string text, int start, List<AnswerPiece> output)
        {
            if (!_isInContent)
            {
                _headerStart = _header.Length == 0 ? start : _headerStart;
                _header.Append(text);
            }
            else if (_tool is not null)
            {
                _contentStart = _content.Length == 0 ? start : _contentStart;
                _content.Append(text);
            }
            else
            {
                output.Add(_isThought ? new ThoughtPiece(text) : new TextPiece(text, start));
            }
        }

        private protected override void OnEnd(List<AnswerPiece> output)
        {
            var header = _header.ToString();
            if (!_isInContent && header.Length > 0 && !header.Contains(Channel, StringComparison.Ordinal) && ToolOf(header) is null)
            {
                // A model that keeps to no channels still has said something.
                output.Add(new TextPiece(header, _headerStart));
            }

            EndMessage(output);
        }

        void EndMessage(List<AnswerPiece> output)
        {
            if (_tool is { } tool)
            {
                var content = _content.ToString();
                output.Add(CallJson.Read(content) is { ValueKind: JsonValueKind.Object } arguments
                    ? new CallPiece(tool, arguments)
                    : new TextPiece(content, _contentStart));
            }

            _header.Clear();
            _content.Clear();
            (_isInContent, _isThought, _tool) = (false, false, null);
        }

        static string? ToolOf(string header)
        {
            var start = header.IndexOf(Recipient, StringComparison.Ordinal);
            if (start < 0)
            {
                return null;
            }

            var rest = header.AsSpan(start + Recipient.Length);
            var end = rest.IndexOfAny(" <\n");
            return (end < 0 ? rest : rest[..end]).ToString();
        }
    }
}
