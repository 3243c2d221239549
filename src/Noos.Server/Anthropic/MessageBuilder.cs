using System.Text.Json;
using Noos.Kernel.Cpu;
using Noos.Kernel.Tracing;
using Noos.Server.Answers;

namespace Noos.Server.Anthropic;

/// <summary>Makes a message, and the events that tell of it, from what happens in an answer.</summary>
/// <param name="usesServerTools">Calls were run here: they are no part of the message.</param>
sealed class MessageBuilder(bool usesServerTools)
{
    const string Text = "text";
    const string Thinking = "thinking";
    const string ToolUse = "tool_use";

    readonly List<ContentBlock> _blocks = [];
    readonly System.Text.StringBuilder _open = new();
    string? _type;

    public AnswerUsage Usage { get; } = new();

    public string StopReason { get; private set; } = "end_turn";

    public string? StopSequence { get; private set; }

    /// <summary>The blocks so far, of which the last may be open.</summary>
    public IReadOnlyList<ContentBlock> Blocks => _blocks;

    /// <summary>Takes what happened, and tells of it.</summary>
    public IEnumerable<MessageEvent> Add(TraceEvent item)
    {
        Usage.Add(item);
        switch (item)
        {
            case TextEvent text:
                return Piece(Text, text.Text);
            case ThoughtEvent thought:
                return Piece(Thinking, thought.Text);
            case ToolCallEvent call when !usesServerTools:
                return [.. End(), .. Call(call)];
            case ToolResultEvent:
                return End();
            case ModelRunEvent run:
                StopSequence = run.StopSequence;
                StopReason = run.FinishReason switch
                {
                    FinishReasons.Length => "max_tokens",
                    FinishReasons.ToolCalls when !usesServerTools => ToolUse,
                    _ => StopSequence is null ? "end_turn" : "stop_sequence",
                };
                return [];
            default:
                return [];
        }
    }

    /// <summary>Ends the open block, if there is one.</summary>
    public IReadOnlyList<MessageEvent> End()
    {
        if (_type is null)
        {
            return [];
        }

        _blocks[^1] = Block(_type, _open.ToString());
        MessageEvent[] signature = _type != Thinking ? [] :
        [
            new MessageEvent("content_block_delta")
            {
                Index = _blocks.Count - 1,
                Delta = new() { Type = "signature_delta", Signature = "" },
            },
        ];
        _open.Clear();
        _type = null;
        return [.. signature, new MessageEvent("content_block_stop") { Index = _blocks.Count - 1 }];
    }

    List<MessageEvent> Piece(string type, string text)
    {
        var events = new List<MessageEvent>();
        if (_type != type)
        {
            events.AddRange(End());
            _type = type;
            _blocks.Add(Block(type, ""));
            events.Add(new MessageEvent("content_block_start") { Index = _blocks.Count - 1, ContentBlock = _blocks[^1] });
        }

        _open.Append(text);
        events.Add(new MessageEvent("content_block_delta")
        {
            Index = _blocks.Count - 1,
            Delta = type == Text ? new() { Type = "text_delta", Text = text } : new() { Type = "thinking_delta", Thinking = text },
        });
        return events;
    }

    List<MessageEvent> Call(ToolCallEvent call)
    {
        var block = new ContentBlock(ToolUse)
        {
            Id = call.CallId,
            Name = call.Name,
            Input = call.Arguments,
            Caller = new BlockCaller("direct"),
        };
        _blocks.Add(block);
        var index = _blocks.Count - 1;
        return
        [
            new MessageEvent("content_block_start")
            {
                Index = index,
                ContentBlock = block with { Input = JsonElement.Parse("{}") },
            },
            new MessageEvent("content_block_delta")
            {
                Index = index,
                Delta = new() { Type = "input_json_delta", PartialJson = call.Arguments.GetRawText() },
            },
            new MessageEvent("content_block_stop") { Index = index },
        ];
    }

    static ContentBlock Block(string type, string text) => type == Text
        ? new ContentBlock(Text) { Text = text }
        : new ContentBlock(Thinking) { Thinking = text, Signature = "" };
}
