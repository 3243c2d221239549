using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Processes;
using Noos.Kernel.Tracing;

namespace Noos.Kernel.Agents;

/// <summary>
/// The loop between a model and its tools, a state machine: each step is one run of the model or one call of a tool, in the order in which
/// the model asked for them. Everything a step needs is in the <see cref="AgentState"/> before it, so an answer can be resumed from any
/// state that the recorder was given. Thread-safe; each answer is for one reader.
/// </summary>
/// <param name="cpu">Runs the model.</param>
/// <param name="gate">Runs the calls.</param>
/// <param name="tools">
/// What the gate may run. Tools that a turn declares beyond these are the caller's: a run that calls one ends the answer.
/// </param>
/// <param name="recorder">Told of every step.</param>
/// <param name="timeProvider">The clock of the events.</param>
/// <param name="logger">Told when an answer runs out of rounds.</param>
/// <param name="caller">
/// The process that answers, whose owner keeps what it has read; null for an answer by itself, which has read its conversation.
/// </param>
public sealed class AgentLoop(
    ICpu cpu,
    ToolGate gate,
    IEnumerable<ITool> tools,
    IStepRecorder? recorder = null,
    TimeProvider? timeProvider = null,
    ILogger? logger = null,
    Caller? caller = null)
{
    readonly Dictionary<string, ITool> _tools = tools.ToDictionary(tool => tool.Declaration.Name, StringComparer.Ordinal);
    readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    readonly ILogger _logger = logger ?? NullLogger.Instance;

    /// <summary>
    /// Takes the steps that are left and tells what happens. Cancelled, it throws; the last recorded state goes on from the step that was
    /// cut short. Where a person must be asked who answers later, it stops before the call: the last state goes on when he has.
    /// </summary>
    /// <exception cref="NoosException">The model cannot be run.</exception>
    public async IAsyncEnumerable<TraceEvent> RunAsync(
        AgentState state, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        var clock = new EventClock(_timeProvider, state.Events);
        Caller? by = null;
        while (!state.IsFinished)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var call = state.PendingCalls.Count > 0 ? state.PendingCalls[0] : null;
            // What was read matters with the first call; most answers make none.
            var authorization = call is null ? null : await AuthorizeAsync(call, state, by ??= CallerOf(state), cancellationToken);
            if (authorization is { IsPending: true })
            {
                yield break;
            }

            var step = new AgentStep(state, call) { Authorization = authorization, Turn = call is null ? TurnOf(state) : null };
            if (recorder is not null)
            {
                await recorder.BeforeAsync(step, cancellationToken);
            }

            AgentStepOutcome outcome;
            TraceEvent last;
            if (call is not null)
            {
                ToolOutcome tool;
                if (authorization is null)
                {
                    tool = new ToolOutcome(call, ToolResult.Error(UnknownTool(call, state)), TimeSpan.Zero);
                }
                else
                {
                    var output = Channel.CreateUnbounded<string>();
                    using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                    var running = RunCallAsync(authorization, output.Writer, stop.Token);
                    var isOver = false;
                    try
                    {
                        await foreach (var piece in output.Reader.ReadAllAsync(CancellationToken.None))
                        {
                            yield return new ToolOutputEvent(call.CallId ?? "", call.Name, piece);
                        }

                        isOver = true;
                    }
                    finally
                    {
                        if (!isOver)
                        {
                            // Who watches has gone in the middle: nobody waits for the result.
                            await stop.CancelAsync();
                        }
                    }

                    tool = await running;
                }

                last = ToolResultEvent.From(tool);
                outcome = new AgentStepOutcome(After(state, tool), Tool: tool);
            }
            else
            {
                var run = new ModelRun(cpu, step.Turn! with { Folder = caller?.Folder ?? state.Folder }, endsWhenFull: state.Runs > 0);
                await foreach (var item in run.RunAsync(cancellationToken))
                {
                    if (item is RunStartedEvent && state.Runs > 0)
                    {
                        continue;
                    }

                    yield return item is RunStartedEvent ? item : clock.Stamp(item);
                }

                last = ModelRunEvent.From(run.Finished);
                outcome = new AgentStepOutcome(After(state, run), Run: run.Finished) { Parts = run.Parts };
            }

            if (caller is null && by is not null)
            {
                Learn(by.Provenance, authorization, outcome.State.Turn.Conversation.Messages);
            }

            // The record comes before the event: whoever sees the event can rely on it.
            last = clock.Stamp(last);
            state = outcome.State with { Events = clock.Count };
            if (recorder is not null)
            {
                await recorder.AfterAsync(step, outcome with { State = state }, cancellationToken);
            }

            yield return last;
        }
    }

    /// <summary>The turn for the next run: the last one must answer, so it has no tools.</summary>
    Turn TurnOf(AgentState state)
    {
        var turn = state.Turn;
        if (turn is { Priority: ProcessPriority.Interactive, Conversation.Messages: [.., { Role: Role.Tool }] })
        {
            // Who has seen that a tool is at work waits more patiently than who has seen nothing yet.
            turn = turn with { Priority = ProcessPriority.Continuation };
        }

        if (state.Runs < gate.Limits.Rounds || state.Runs == 0)
        {
            return turn;
        }

        Log.RoundsExhausted(_logger, gate.Limits.Rounds);
        return turn with { Tools = [], ToolChoice = ToolChoice.None };
    }

    /// <summary>What the gate says of a call; null for one of a tool that is not there.</summary>
    async ValueTask<Authorization?> AuthorizeAsync(ToolCallPart call, AgentState state, Caller by, CancellationToken cancellationToken)
    {
        if (!_tools.TryGetValue(call.Name, out var tool))
        {
            return null;
        }

        // All steps but the runs were calls.
        return state.Steps - state.Runs >= gate.Limits.Calls
            ? new Authorization(tool, call, by, [])
            {
                Refusal = string.Create(CultureInfo.InvariantCulture,
                    $"This answer has made {gate.Limits.Calls} calls, as many as it may; answer with what is known."),
            }
            : await gate.AuthorizeAsync(tool, call, by, cancellationToken);
    }

    /// <summary>Runs a call; the channel ends with it.</summary>
    async Task<ToolOutcome> RunCallAsync(Authorization authorization, ChannelWriter<string> output, CancellationToken cancellationToken)
    {
        try
        {
            return await gate.RunAsync(authorization, piece => output.TryWrite(piece), cancellationToken);
        }
        finally
        {
            output.TryComplete();
        }
    }

    static string UnknownTool(ToolCallPart call, AgentState state)
    {
        var known = string.Join(", ", state.Turn.Tools.Select(declared => declared.Name));
        return $"There is no tool \"{call.Name}\"{(known.Length == 0 ? "" : $"; choose one of: {known}")}.";
    }

    /// <summary>Takes in what a step has added: of a message with several results the others are known already.</summary>
    static void Learn(Provenance provenance, Authorization? authorization, IReadOnlyList<Message> messages)
    {
        foreach (var effect in authorization is { Refusal: null } run ? run.Effects : [])
        {
            if (effect.Kind == EffectKind.Fetch)
            {
                provenance.Open(effect.Target);
            }
        }

        if (messages.Count > 0)
        {
            provenance.Add(messages[^1]);
        }
    }

    Caller CallerOf(AgentState state) =>
        (caller ?? NewCaller(state)) with { Window = cpu.Describe(state.Turn.Model).MaxTokens };

    static Caller NewCaller(AgentState state)
    {
        var provenance = new Provenance();
        foreach (var message in state.Turn.Conversation.Messages)
        {
            provenance.Add(message);
        }

        foreach (var declaration in state.Turn.Tools)
        {
            provenance.Add(declaration);
        }

        return new Caller(state.ProcessId)
        {
            Process = state.Turn.Process,
            Conversation = state.Turn.Process,
            Owner = state.Turn.Owner ?? "",
            Provenance = provenance,
            Folder = state.Folder,
        };
    }

    AgentState After(AgentState state, ModelRun run)
    {
        // A call that nobody here can run is the caller's, and so are those beside it: half an answer to a run helps no model.
        var isCallers = _tools.Count == 0
            || run.Calls.Any(call => !_tools.ContainsKey(call.Name) && state.Turn.Tools.Any(tool => tool.Name == call.Name));
        var mayRun = run.Calls.Count > 0 && !isCallers && (state.Runs < gate.Limits.Rounds || state.Runs == 0);

        // The seed that the first run drew is that of the whole answer: given again, all runs draw the same.
        var turn = state.Turn with { Options = state.Turn.Options with { Seed = state.Turn.Options.Seed ?? run.Finished.Seed } };
        return state with
        {
            Turn = (run.Parts.Count == 0 ? turn : turn with { Conversation = With(turn, run.Parts) }) with { ContinuesAnswer = false },
            Steps = state.Steps + 1,
            Runs = state.Runs + 1,
            PendingCalls = mayRun ? run.Calls : [],
            FinishReason = mayRun ? null : run.Finished.FinishReason,
        };
    }

    static Conversation With(Turn turn, IReadOnlyList<Part> parts) => turn.ContinuesAnswer
        ? new([.. turn.Conversation.Messages.SkipLast(1), turn.Conversation.Messages[^1].Join(parts)])
        : new([.. turn.Conversation.Messages, Message.Assistant(parts)]);

    static AgentState After(AgentState state, ToolOutcome tool)
    {
        var messages = state.Turn.Conversation.Messages;
        var result = tool.Result.ToPart(tool.Call);

        // The results of one run stand in one message.
        Message[] longer = messages is [.., { Role: Role.Tool } last]
            ? [.. messages.SkipLast(1), last with { Parts = [.. last.Parts, result] }]
            : [.. messages, Message.Tool(result)];

        // A call that was required has been made; required again it would never end.
        var choice = state.Turn.ToolChoice.Mode == ToolChoiceMode.Required ? ToolChoice.Auto : state.Turn.ToolChoice;
        return state with
        {
            Turn = state.Turn with { Conversation = new(longer), ToolChoice = choice },
            Steps = state.Steps + 1,
            PendingCalls = [.. state.PendingCalls.Skip(1)],
        };
    }

    /// <summary>One run of the model: its events, and the message that they make.</summary>
    /// <param name="cpu">Runs it.</param>
    /// <param name="turn">What it reads.</param>
    /// <param name="endsWhenFull">
    /// A turn that fits no context ends the answer for its length: what has been said and called before stands, and it is nobody's wrong
    /// request that a tool's result has filled the context.
    /// </param>
    sealed class ModelRun(ICpu cpu, Turn turn, bool endsWhenFull)
    {
        readonly List<ToolCallPart> _calls = [];
        readonly List<Part> _parts = [];
        HashSet<string>? _ids;
        readonly StringBuilder _text = new();
        string _model = turn.Model ?? cpu.Info.Name;
        bool _isThought;

        public List<ToolCallPart> Calls => _calls;

        public List<Part> Parts => _parts;

        public RunFinished Finished { get; private set; } = new(new TokenUsage(0, 0, 0), FinishReasons.Stop);

        public async IAsyncEnumerable<TraceEvent> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            using var span = Telemetry.StartRun(_model);
            await using var events = cpu.RunAsync(turn, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await MoveNextAsync(events))
            {
                var item = events.Current;
                IReadOnlyList<int>? ids = item.TokenIds is { Count: > 0 } some ? some : null;
                switch (item)
                {
                    case TextDelta text:
                        Append(text.Text, isThought: false);
                        yield return new TextEvent(text.Text) { TokenIds = ids };
                        break;
                    case ThoughtDelta thought:
                        Append(thought.Text, isThought: true);
                        yield return new ThoughtEvent(thought.Text) { TokenIds = ids };
                        break;
                    case ToolCalled called:
                        Flush();
                        var call = WithOwnId(called.Call);
                        _calls.Add(call);
                        _parts.Add(call);
                        yield return new ToolCallEvent(call.CallId ?? "", call.Name, call.Arguments) { TokenIds = ids };
                        break;
                    case RunStarted:
                        yield return new RunStartedEvent();
                        break;
                    case FailedOver other:
                        _model = other.To;
                        yield return new FailoverEvent(other.From, other.To, other.Reason);
                        break;
                    case TokensScored scores:
                        yield return new ScoresEvent(scores.Tokens);
                        break;
                    case RunFinished finished:
                        Finished = finished;
                        break;
                    default:
                        break;
                }
            }

            Flush();
            Telemetry.EndRun(span, _model, Finished);
        }

        async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<CpuEvent> events)
        {
            try
            {
                return await events.MoveNextAsync();
            }
            catch (NoosException e) when (endsWhenFull && e.Code == NoosException.ContextLengthExceeded)
            {
                Finished = new RunFinished(new TokenUsage(0, 0, 0), FinishReasons.Length);
                return false;
            }
        }

        /// <summary>
        /// Permissions and results go by the id of a call, which a model elsewhere chooses as it likes: one that is taken is exchanged.
        /// </summary>
        ToolCallPart WithOwnId(ToolCallPart call)
        {
            _ids ??= turn.Conversation.Messages.SelectMany(message => message.Parts).OfType<ToolCallPart>()
                .Select(earlier => earlier.CallId).OfType<string>().ToHashSet(StringComparer.Ordinal);
            return call.CallId is null || _ids.Add(call.CallId) ? call : call with { CallId = $"call_{Guid.NewGuid():N}" };
        }

        void Append(string text, bool isThought)
        {
            if (isThought != _isThought)
            {
                Flush();
                _isThought = isThought;
            }

            _text.Append(text);
        }

        void Flush()
        {
            if (_text.Length > 0)
            {
                _parts.Add(_isThought ? new ThoughtPart(_text.ToString()) : new TextPart(_text.ToString()));
                _text.Clear();
            }
        }
    }

    /// <summary>Gives each event its number and time.</summary>
    sealed class EventClock(TimeProvider timeProvider, long count)
    {
        readonly long _started = timeProvider.GetTimestamp();

        public long Count { get; private set; } = count;

        public TraceEvent Stamp(TraceEvent item) => item with
        {
            Sequence = ++Count,
            At = timeProvider.GetUtcNow(),
            AtMs = Math.Round(timeProvider.GetElapsedTime(_started).TotalMilliseconds, 2),
        };
    }
}
