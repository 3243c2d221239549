using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Noos.Core.Conversations;

namespace Noos.Kernel;

/// <summary>
/// A model with its tools: reads a conversation and streams what happens until the answer is complete. The model may be any
/// <see cref="IChatClient"/>, local or remote. Thread-safe; a local model answers one question after the other.
/// </summary>
public sealed class Assistant : IDisposable
{
    readonly IChatClient _model;
    readonly AITool[] _tools;
    readonly ToolLimits _limits;
    readonly ToolGate _gate;

    /// <param name="model">Owned from now on: disposed with the assistant.</param>
    /// <param name="tools">What the model may call.</param>
    /// <param name="limits">What one answer may spend on tools.</param>
    /// <param name="record">Gets every tool call when it is over; from any thread.</param>
    public Assistant(IChatClient model, IEnumerable<AIFunction> tools, ToolLimits? limits = null, Action<ToolOutcome>? record = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _tools = [.. tools];
        _limits = limits ?? new ToolLimits();
        _gate = new ToolGate(_limits, record);
    }

    public string ModelName => (_model.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata)?.DefaultModelId ?? "model";

    /// <summary>What the model itself offers beyond answering, such as the client of a model that runs here; null where it has no such thing.</summary>
    public T? GetModelService<T>()
        where T : class => _model.GetService(typeof(T)) as T;

    /// <summary>Answers the last message, running the tools that the model asks for.</summary>
    public IAsyncEnumerable<TraceEvent> AnswerAsync(
        Conversation conversation, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        var withTools = options?.Clone() ?? new ChatOptions();
        withTools.Tools = _tools;
        return RunAsync(conversation, withTools, cancellationToken);
    }

    /// <summary>
    /// Runs the model with exactly the tools of <paramref name="options"/>. Calls of declarations that are no functions are only
    /// reported: whoever declared them runs them.
    /// </summary>
    public async IAsyncEnumerable<TraceEvent> RunAsync(
        Conversation conversation, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        var outcomes = new ConcurrentDictionary<string, ToolOutcome>(StringComparer.Ordinal);

        // Not disposed: that would dispose the model, which lives longer than one answer.
#pragma warning disable CA2000
        var loop = new FunctionInvokingChatClient(_model)
        {
            MaximumIterationsPerRequest = _limits.Rounds,
            FunctionInvoker = async (context, token) =>
            {
                var outcome = await _gate.InvokeAsync(context.Function, context.CallContent.CallId, context.Arguments, token);
                outcomes[outcome.CallId] = outcome;
                return outcome.Content;
            },
        };
#pragma warning restore CA2000

        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var run = new RunTotals();
        await foreach (var update in loop.GetStreamingResponseAsync(conversation.ToChatMessages(), options, cancellationToken))
        {
            foreach (var content in update.Contents)
            {
                switch (content)
                {
                    case TextContent { Text.Length: > 0 } text:
                        yield return new TextEvent(text.Text) { AtMs = Now() };
                        break;
                    case TextReasoningContent { Text.Length: > 0 } thought:
                        yield return new ThoughtEvent(thought.Text) { AtMs = Now() };
                        break;
                    case ScoresContent scores:
                        yield return new ScoresEvent(scores.Tokens) { AtMs = Now() };
                        break;
                    case FunctionCallContent call:
                        names[call.CallId] = call.Name;
                        yield return new ToolCallEvent(call.CallId, call.Name, ConversationMapping.ToJson(call.Arguments)) { AtMs = Now() };
                        break;
                    case FunctionResultContent result:
                        if (run.TakeEvent() is { } ended)
                        {
                            yield return ended with { AtMs = Now() };
                        }

                        yield return ToEvent(result) with { AtMs = Now() };
                        break;
                    case UsageContent counts:
                        run.Usage = counts.Details;
                        break;
                    default:
                        break;
                }
            }

            run.FinishReason = update.FinishReason ?? run.FinishReason;
        }

        if (run.TakeEvent() is { } last)
        {
            yield return last with { AtMs = Now() };
        }

        double Now() => Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 2);

        // A call of an unknown tool never reaches the gate: its refusal comes from the loop.
        ToolResultEvent ToEvent(FunctionResultContent result) => outcomes.TryGetValue(result.CallId, out var outcome)
            ? new ToolResultEvent(outcome.CallId, outcome.Name, outcome.Content, outcome.IsError, Math.Round(outcome.Elapsed.TotalMilliseconds, 2))
            : new ToolResultEvent(result.CallId, names.GetValueOrDefault(result.CallId, ""), ConversationMapping.ResultText(result.Result), IsError: true, 0);
    }

    public void Dispose() => _model.Dispose();

    /// <summary>What is known of the run of the model that is under way: some endpoints send the counts after the finish reason.</summary>
    sealed class RunTotals
    {
        public UsageDetails? Usage { get; set; }

        public ChatFinishReason? FinishReason { get; set; }

        public ModelRunEvent? TakeEvent()
        {
            if (FinishReason is not { } reason)
            {
                return null;
            }

            var ended = new ModelRunEvent(Usage?.InputTokenCount ?? 0, Usage?.CachedInputTokenCount ?? 0, Usage?.OutputTokenCount ?? 0, reason.Value);
            (Usage, FinishReason) = (null, null);
            return ended;
        }
    }
}
