using System.Globalization;
using Microsoft.Extensions.AI;
using Noos.Language.Conversations;
using Noos.Language.Tokenization;

namespace Noos.Kernel;

/// <summary>
/// Turns the tokens of an answer into contents as they come: text piece by piece, a tool call when it is whole. Thoughts are marked as
/// such, and stop strings end the text.
/// </summary>
sealed class AnswerParser(Tokenizer tokenizer, IChatFormat format, IEnumerable<string>? stops, int callCount)
{
    readonly StreamingTextDecoder _decoder = new(tokenizer);
    readonly StopFilter _filter = new(stops);
    readonly List<int> _call = [];
    readonly int _callStart = Special(tokenizer, SpecialTokens.ToolCallStart);
    readonly int _callEnd = Special(tokenizer, SpecialTokens.ToolCallEnd);
    readonly int _thinkStart = Special(tokenizer, SpecialTokens.ThinkStart);
    readonly int _thinkEnd = Special(tokenizer, SpecialTokens.ThinkEnd);
    bool _thinks;
    bool _heldLineEnd;

    /// <summary>A stop string was met: the answer is over.</summary>
    public bool IsStopped => _filter.IsStopped;

    public int CallCount { get; private set; }

    public AIContent? Push(int token)
    {
        if (_call.Count > 0 || token == _callStart)
        {
            // The line end before a call belongs to the layout.
            _heldLineEnd = false;
            _call.Add(token);
            return token == _callEnd ? TakeCall() : null;
        }

        if (tokenizer.IsSpecial(token))
        {
            _thinks = token == _thinkStart || (_thinks && token != _thinkEnd);
            return null;
        }

        return ToContent(_decoder.Push(token));
    }

    /// <summary>The text held back until now, when the last token has come. A call that was not closed is lost.</summary>
    public AIContent? Flush()
    {
        var rest = _filter.Push((_heldLineEnd ? "\n" : "") + _decoder.Flush()) + _filter.Flush();
        return rest.Length == 0 ? null : new TextContent(rest);
    }

    AIContent? ToContent(string text)
    {
        if (_thinks)
        {
            return text.Length == 0 ? null : new TextReasoningContent(text);
        }

        if (text.Length == 0)
        {
            return null;
        }

        var whole = _heldLineEnd ? "\n" + text : text;
        _heldLineEnd = whole.EndsWith('\n');
        var shown = _filter.Push(_heldLineEnd ? whole[..^1] : whole);
        return shown.Length == 0 ? null : new TextContent(shown);
    }

    AIContent TakeCall()
    {
        var message = format.ParseAssistant([.. _call]);
        _call.Clear();
        if (message.Parts.OfType<ToolCallPart>().FirstOrDefault() is not { } call)
        {
            return new TextContent(message.Text());
        }

        CallCount++;
        var id = call.CallId ?? string.Create(CultureInfo.InvariantCulture, $"call_{callCount + CallCount}");
        return ConversationMapping.ToContent(call with { CallId = id });
    }

    // A vocabulary without the token never produces it.
    static int Special(Tokenizer tokenizer, string name) => tokenizer.TryGetSpecial(name, out var token) ? token : -1;
}
