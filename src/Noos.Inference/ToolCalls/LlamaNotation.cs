using System.Text;
using Noos.Inference.Constraints.Grammar;
using Noos.Inference.Constraints.Schemas;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// Llama 3.x: an answer that is <c>{"name": ..., "parameters": {...}}</c>, perhaps behind <c>&lt;|python_tag|&gt;</c>.
/// </summary>
sealed class LlamaNotation : ToolCallNotation
{
    const string PythonTag = "<|python_tag|>";
    const string Head = "{\"name\": ";

    public override string Name => "Llama";

    internal override IReadOnlyList<string> NeededTokens => [];

    internal override IReadOnlyList<string> CallTokens => [PythonTag];

    internal override IReadOnlyList<string> LayoutTokens => ["<|start_header_id|>", "<|end_header_id|>"];

    public static ToolCallNotation? Recognize(string sample) =>
        sample.Contains("\"parameters\"", StringComparison.Ordinal) && sample.Contains("\"name\"", StringComparison.Ordinal)
            ? new LlamaNotation()
            : null;

    public override AnswerReader CreateReader(Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools, string promptEnd = "") =>
        tools.Count == 0 ? ToolCallNotations.CreatePlainReader(tokenizer, promptEnd) : new Reader(tokenizer);

    internal override IEnumerable<CallOpening> Openings(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        calls.Count > 0 && tokenizer.TryGetSpecial(PythonTag, out var token) ? [new CallOpening(token, Body(calls))] : [];

    internal override CallStart? Start(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        calls.Count > 0 ? new CallStart(Head, Body(calls)) : null;

    static LiteralNode Body(IReadOnlyList<CallGrammar> calls) => new(calls.Select(call => new LiteralAlternative(
        [.. Encoding.UTF8.GetBytes(Head), .. SchemaCompiler.Write(call.Name), .. ", \"parameters\": "u8],
        Sequence(call.Arguments.Value, Text("}")))));

    /// <summary>Holds back what may be a call until it is clear whether it is one.</summary>
    sealed class Reader(Tokenizer tokenizer) : AnswerReader(tokenizer, [PythonTag])
    {
        readonly StringBuilder _json = new();
        bool _isText;
        bool _isInString;
        bool _isEscaped;
        int _depth;
        int _start;

        private protected override void OnMark(string mark, List<AnswerPiece> output)
        {
            Release(output);
            _isText = false;
        }

        private protected override void OnText(string text, int start, List<AnswerPiece> output)
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (_isText)
                {
                    output.Add(new TextPiece(text[i..], start + i));
                    return;
                }

                if (_json.Length == 0)
                {
                    // Between calls, and before the first, there may be space and semicolons.
                    if (char.IsWhiteSpace(text[i]) || text[i] == ';')
                    {
                        continue;
                    }

                    _start = start + i;
                }

                _json.Append(text[i]);
                Read(text[i], output);
            }
        }

        private protected override void OnEnd(List<AnswerPiece> output) => Release(output);

        void Read(char character, List<AnswerPiece> output)
        {
            if (_isInString)
            {
                _isInString = _isEscaped || character != '"';
                _isEscaped = !_isEscaped && character == '\\';
            }
            else
            {
                _isInString = character == '"';
                _depth += character is '{' or '[' ? 1 : character is '}' or ']' ? -1 : 0;
            }

            if (!MayBeCall())
            {
                Release(output);
                _isText = true;
            }
            else if (_depth == 0)
            {
                if (CallJson.ReadCall(_json.ToString(), "parameters") is { Count: > 0 } calls)
                {
                    output.AddRange(calls);
                    _json.Clear();
                }
                else
                {
                    Release(output);
                    _isText = true;
                }
            }
        }

        /// <summary>The text is, or may become, an object whose first member is its name or type.</summary>
        bool MayBeCall()
        {
            var inner = _json.ToString(0, Math.Min(_json.Length, 200));
            if (inner[0] != '{')
            {
                return false;
            }

            var first = inner.AsSpan(1).TrimStart();
            return first.IsEmpty || Fits(first, "\"name\"") || Fits(first, "\"type\"") || Fits(first, "\"parameters\"");

            static bool Fits(ReadOnlySpan<char> text, string wanted) =>
                wanted.AsSpan().StartsWith(text[..Math.Min(text.Length, wanted.Length)], StringComparison.Ordinal);
        }

        void Release(List<AnswerPiece> output)
        {
            if (_json.Length > 0)
            {
                output.Add(new TextPiece(_json.ToString(), _start));
            }

            _json.Clear();
            (_depth, _isInString, _isEscaped) = (0, false, false);
        }
    }
}
