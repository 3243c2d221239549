using System.Text;
using Noos.Kernel.Cpu;
using Noos.Kernel.Tracing;
using Noos.Server.Answers;
using Noos.Server.OpenAi;

namespace Noos.Server.Responses;

/// <summary>
/// Makes a response, and the events that tell of it, from what happens in an answer. Calls that are run here are items of the kind
/// mcp_call, which official clients know.
/// </summary>
/// <param name="start">What the response says again of its request, with its id and time.</param>
/// <param name="usesServerTools">Calls are run here.</param>
/// <param name="timeProvider">The clock.</param>
sealed class ResponseBuilder(ResponseBody start, bool usesServerTools, TimeProvider timeProvider)
{
    const string InProgress = "in_progress";
    const string Completed = "completed";
    const string Message = "message";
    const string Reasoning = "reasoning";
    const string ServerLabel = "noos";

    readonly List<OutputItem> _items = [];
    readonly StringBuilder _text = new();
    readonly List<TokenLogProbability> _scores = [];
    readonly Dictionary<string, int> _running = new(StringComparer.Ordinal);
    readonly AnswerUsage _usage = new();
    string? _open;
    string _model = start.Model;
    int _sequence;
    string _reason = FinishReasons.Stop;

    /// <summary>The response as far as it is.</summary>
    public ResponseBody Body { get; private set; } = start;

    /// <summary>What was said, thought and called, as the next turn reads it.</summary>
    public Trace Trace { get; } = new();

    /// <summary>The first two events.</summary>
    public IEnumerable<ResponseEvent> Start(string model)
    {
        _model = model;
        Body = Body with { Model = model };
        return [Event("response.created") with { Response = Body }, Event("response.in_progress") with { Response = Body }];
    }

    /// <summary>Takes what happened, and tells of it.</summary>
    public IReadOnlyList<ResponseEvent> Add(TraceEvent item)
    {
        _usage.Add(item);
        Trace.Add(item);
        switch (item)
        {
            case TextEvent text:
                return Piece(Message, text.Text);
            case ThoughtEvent thought:
                return Piece(Reasoning, thought.Text);
            case ScoresEvent scores when _open == Message:
                return Score(LogProbabilities.From(scores.Tokens)?.Content ?? []);
            case ToolCallEvent call:
                return [.. Close(), .. usesServerTools ? Begin(call) : Call(call)];
            case ToolResultEvent result when _running.Remove(result.CallId, out var index):
                return End(result, index);
            case FailoverEvent other:
                _model = other.To;
                return [];
            case ModelRunEvent run:
                _reason = run.FinishReason;
                return [];
            default:
                return [];
        }
    }

    /// <summary>The last events; the response is whole then.</summary>
    public IReadOnlyList<ResponseEvent> End()
    {
        var isCut = _reason == FinishReasons.Length;
        var closed = Close(isCut ? "incomplete" : Completed);
        Body = Snapshot(isCut ? "incomplete" : Completed) with
        {
            IncompleteDetails = isCut ? new IncompleteDetails("max_output_tokens") : null,
            CompletedAt = isCut ? null : timeProvider.GetUtcNow().ToUnixTimeSeconds(),
        };
        return [.. closed, Event(isCut ? "response.incomplete" : "response.completed") with { Response = Body }];
    }

    /// <summary>The last events of an answer that fails in the middle.</summary>
    public IReadOnlyList<ResponseEvent> Fail(ApiException error)
    {
        var closed = Close("incomplete");
        Body = Snapshot("failed") with
        {
            Error = new ResponseError(error.Status == 429 ? "rate_limit_exceeded" : "server_error", error.Message),
        };
        return [.. closed, Event("response.failed") with { Response = Body }];
    }

    ResponseBody Snapshot(string status) =>
        Body with { Status = status, Model = _model, Output = [.. _items], Usage = ResponseUsage.From(_usage) };

    ResponseEvent Event(string type) => new(type) { SequenceNumber = _sequence++ };

    ResponseEvent Part(string type) => Event(type) with
    {
        OutputIndex = _items.Count - 1,
        ItemId = _items[^1].Id,
        ContentIndex = 0,
    };

    List<ResponseEvent> Piece(string kind, string text)
    {
        var events = new List<ResponseEvent>();
        if (_open != kind)
        {
            events.AddRange(Close());
            _open = kind;
            var item = kind == Message
                ? new OutputItem(kind, NewId("msg")) { Status = InProgress, Role = "assistant", Content = [] }
                : new OutputItem(kind, NewId("rs")) { Status = InProgress, Summary = [], Content = [] };
            events.Add(AddItem(item));
            events.Add(Part("response.content_part.added") with { Part = Content("", []) });
        }

        _text.Append(text);
        events.Add(kind == Message
            ? Part("response.output_text.delta") with { Delta = text, Logprobs = [] }
            : Part("response.reasoning_text.delta") with { Delta = text });
        return events;
    }

    List<ResponseEvent> Score(IReadOnlyList<TokenLogProbability> scores)
    {
        _scores.AddRange(scores);
        return [Part("response.output_text.delta") with { Delta = "", Logprobs = scores }];
    }

    List<ResponseEvent> Close(string status = Completed)
    {
        if (_open is null)
        {
            return [];
        }

        var (text, scores) = (_text.ToString(), _scores.ToArray());
        var part = Content(text, scores);
        _items[^1] = _items[^1] with { Status = status, Content = [part] };
        List<ResponseEvent> events =
        [
            _open == Message
                ? Part("response.output_text.done") with { Text = text, Logprobs = scores }
                : Part("response.reasoning_text.done") with { Text = text },
            Part("response.content_part.done") with { Part = part },
            Done(_items.Count - 1),
        ];
        _text.Clear();
        _scores.Clear();
        _open = null;
        return events;
    }

    ContentPart Content(string text, IReadOnlyList<TokenLogProbability> scores) => _open == Message
        ? new ContentPart("output_text", text) { Annotations = [], Logprobs = scores }
        : new ContentPart("reasoning_text", text);

    ResponseEvent AddItem(OutputItem item)
    {
        _items.Add(item);
        return Event("response.output_item.added") with { OutputIndex = _items.Count - 1, Item = item };
    }

    ResponseEvent Done(int index) => Event("response.output_item.done") with { OutputIndex = index, Item = _items[index] };

    ResponseEvent ItemEvent(string type, int index) => Event(type) with { OutputIndex = index, ItemId = _items[index].Id };

    /// <summary>A call for the caller.</summary>
    List<ResponseEvent> Call(ToolCallEvent call)
    {
        var item = new OutputItem("function_call", NewId("fc"))
        {
            Status = InProgress,
            CallId = call.CallId,
            Name = call.Name,
            Arguments = "",
        };
        var arguments = call.Arguments.GetRawText();
        var added = AddItem(item);
        var index = _items.Count - 1;
        _items[index] = item with { Arguments = arguments, Status = Completed };
        return
        [
            added,
            ItemEvent("response.function_call_arguments.delta", index) with { Delta = arguments },
            ItemEvent("response.function_call_arguments.done", index) with { Arguments = arguments, Name = call.Name },
            Done(index),
        ];
    }

    /// <summary>A call that is run here.</summary>
    List<ResponseEvent> Begin(ToolCallEvent call)
    {
        var item = new OutputItem("mcp_call", NewId("mcp"))
        {
            Status = InProgress,
            ServerLabel = ServerLabel,
            Name = call.Name,
            Arguments = "",
        };
        var arguments = call.Arguments.GetRawText();
        var added = AddItem(item);
        var index = _items.Count - 1;
        _items[index] = item with { Arguments = arguments };
        _running[call.CallId] = index;
        return
        [
            added,
            ItemEvent("response.mcp_call.in_progress", index),
            ItemEvent("response.mcp_call_arguments.delta", index) with { Delta = arguments },
            ItemEvent("response.mcp_call_arguments.done", index) with { Arguments = arguments },
        ];
    }

    List<ResponseEvent> End(ToolResultEvent result, int index)
    {
        _items[index] = _items[index] with
        {
            Status = result.IsError ? "failed" : Completed,
            Output = result.IsError ? null : result.Content,
            Error = result.IsError ? result.Content : null,
        };
        return [ItemEvent(result.IsError ? "response.mcp_call.failed" : "response.mcp_call.completed", index), Done(index)];
    }

    static string NewId(string kind) => $"{kind}_{Guid.NewGuid():N}";
}
