using Microsoft.Extensions.Logging;
using Noos.Core.Conversations;
using Noos.Core.Network;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Tracing;

namespace Noos.Kernel.Agents;

/// <summary>
/// A model with its tools, the simple front of the <see cref="AgentLoop"/>: reads a conversation and streams what happens until the answer
/// is complete. Thread-safe.
/// </summary>
public sealed class Assistant : IAsyncDisposable
{
    readonly ToolDeclaration[] _declarations;
    readonly AgentLoop _loop;
    readonly AgentLoop _loopWithoutTools;

    /// <param name="cpu">Runs the model. Owned from now on: disposed with the assistant.</param>
    /// <param name="tools">What the model may call. Those that can be disposed are, with the assistant.</param>
    /// <param name="limits">What one answer may spend on tools.</param>
    /// <param name="recorder">Told of every step of every answer.</param>
    /// <param name="timeProvider">The clock of events and time limits.</param>
    /// <param name="logger">Told of tools that fail.</param>
    /// <param name="policy">What tools may do without a question.</param>
    /// <param name="approver">Asks a person whose answer has no process; nobody if it is left out.</param>
    /// <param name="egress">The way out for tools; public addresses alone if it is left out.</param>
    public Assistant(
        ICpu cpu,
        IEnumerable<ITool> tools,
        ToolLimits? limits = null,
        IStepRecorder? recorder = null,
        TimeProvider? timeProvider = null,
        ILogger<Assistant>? logger = null,
        GatePolicy? policy = null,
        IApprover? approver = null,
        EgressGuard? egress = null)
    {
        ArgumentNullException.ThrowIfNull(cpu);
        Cpu = cpu;
        ITool[] list = [.. tools];
        _declarations = [.. list.Select(tool => tool.Declaration)];
        Tools = list;
        Gate = new ToolGate(
            limits ?? new ToolLimits(), timeProvider: timeProvider, logger: logger, policy: policy, approver: approver, egress: egress);
        _loop = new AgentLoop(cpu, Gate, list, recorder, timeProvider, logger);
        _loopWithoutTools = new AgentLoop(cpu, Gate, [], recorder, timeProvider, logger);
    }

    /// <summary>What runs the model.</summary>
    public ICpu Cpu { get; }

    /// <summary>What the model may call.</summary>
    public IReadOnlyList<ITool> Tools { get; }

    /// <summary>
    /// The tools are an offer, of which a model gets those that it was taught or can read; else all of them were asked for by name.
    /// </summary>
    public bool HasOptionalTools { get; init; } = true;

    /// <summary>Runs the calls.</summary>
    public ToolGate Gate { get; }

    public string ModelName => Cpu.Info.Name;

    /// <summary>The first message of a conversation, with what the tools that the model is offered put before it.</summary>
    /// <param name="owner">Whose conversation begins.</param>
    /// <param name="message">What is said first.</param>
    public Message Open(string owner, Message message) =>
        ConversationOpening.AddTo(Cpu.Info.Offered(Tools, HasOptionalTools), owner, message);

    /// <summary>Answers the last message, running the tools that the model asks for.</summary>
    public IAsyncEnumerable<TraceEvent> AnswerAsync(
        Conversation conversation, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return AnswerAsync(new Turn(conversation) { Options = options ?? GenerationOptions.Default }, cancellationToken);
    }

    /// <summary>The same for a turn, whose tools are replaced by those of the assistant.</summary>
    public IAsyncEnumerable<TraceEvent> AnswerAsync(Turn turn, CancellationToken cancellationToken = default) =>
        AnswerAsync(turn, folder: null, cancellationToken);

    /// <summary>The same where tools have a folder to work in.</summary>
    /// <param name="turn">What is asked.</param>
    /// <param name="folder">Theirs: they may read and write in it as they like; null for none.</param>
    /// <param name="cancellationToken">Stops the answer.</param>
    public IAsyncEnumerable<TraceEvent> AnswerAsync(Turn turn, string? folder, CancellationToken cancellationToken = default) =>
        AnswerAsync(turn, folder, names: null, cancellationToken);

    /// <summary>The same with some of the tools.</summary>
    /// <param name="turn">What is asked.</param>
    /// <param name="folder">Theirs.</param>
    /// <param name="names">Those that were asked for, whether or not the model was taught them; null for all.</param>
    /// <param name="cancellationToken">Stops the answer.</param>
    public IAsyncEnumerable<TraceEvent> AnswerAsync(
        Turn turn, string? folder, IReadOnlyList<string>? names, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(turn);
        turn = names is null
            ? turn with { Tools = _declarations, HasOptionalTools = HasOptionalTools }
            : turn with { Tools = [.. _declarations.Where(tool => names.Contains(tool.Name))], HasOptionalTools = false };
        return ResumeAsync(new AgentState(turn) { Folder = folder }, cancellationToken);
    }

    /// <summary>Runs the model with exactly the tools of the turn, which are the caller's: calls are only reported.</summary>
    public IAsyncEnumerable<TraceEvent> RunAsync(Turn turn, CancellationToken cancellationToken = default) =>
        _loopWithoutTools.RunAsync(new AgentState(turn), cancellationToken);

    /// <summary>Goes on with an answer from a state that the recorder was given.</summary>
    public IAsyncEnumerable<TraceEvent> ResumeAsync(AgentState state, CancellationToken cancellationToken = default) =>
        _loop.RunAsync(state, cancellationToken);

    /// <summary>Ends the model, and whatever its tools hold open: programs that run for them, sessions with MCP servers.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var tool in Tools.OfType<IAsyncDisposable>())
        {
            await tool.DisposeAsync();
        }

        await Cpu.DisposeAsync();
    }
}
