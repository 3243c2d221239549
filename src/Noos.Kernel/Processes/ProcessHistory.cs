using Noos.Core.Conversations;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;

namespace Noos.Kernel.Processes;

/// <summary>
/// What the events of a process come to: its conversation, and where its answer stands. A fold without side effects, so what a process is
/// after a restart is what it was before. Not thread-safe.
/// </summary>
public sealed class ProcessHistory
{
    readonly List<Message> _messages = [];
    readonly List<Message> _queue = [];
    readonly List<ToolCallPart> _pending = [];
    int _runs;
    int _steps;
    ulong? _seed;

    /// <summary>All that was said, without the instructions of the program.</summary>
    public IReadOnlyList<Message> Messages => _messages;

    /// <summary>Messages that wait until the answer under way is complete.</summary>
    public IReadOnlyList<Message> Queue => _queue;

    /// <summary>The call whose end is not in the journal: it may have happened, in whole or in part.</summary>
    public ToolCallPart? CallInFlight { get; private set; }

    /// <summary>An answer has begun, or must begin, and is not complete.</summary>
    public bool IsAnswerDue { get; private set; }

    /// <summary>Takes an event in; in the order of the journal.</summary>
    public void Apply(JournalEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        switch (happened)
        {
            case Said { IsQueued: true } said:
                _queue.Add(said.Message);
                break;
            case Said said:
                _messages.Add(said.Message);
                BeginAnswer();
                break;
            case RunBegan run:
                _seed ??= run.Seed;
                break;
            case RunEnded run:
                End(run);
                break;
            case CallBegan call:
                CallInFlight = call.Call;
                break;
            case CallEnded call:
                End(call);
                break;
            case AnswerFailed or StateChanged { State: ProcessState.Killed }:
                IsAnswerDue = false;
                CallInFlight = null;
                _pending.Clear();
                _messages.AddRange(_queue);
                _queue.Clear();
                break;
            default:
                break;
        }
    }

    /// <summary>Where the answer goes on from.</summary>
    /// <param name="process">Whose; it becomes the id that tools see.</param>
    /// <param name="tools">What the model may call.</param>
    public AgentState ToState(ProcessRecord process, IReadOnlyList<Noos.Core.Tools.ToolDeclaration> tools)
    {
        ArgumentNullException.ThrowIfNull(process);
        Message[] instructions = process.Program.Instructions is { } text ? [Message.System(text)] : [];
        var options = process.Program.Options;
        return new AgentState(new Turn(new Conversation([.. instructions, .. _messages]))
        {
            Tools = tools,
            Options = options with { Seed = options.Seed ?? _seed },
            Process = process.Id,
            Owner = process.Owner,
            Priority = process.Priority,
        })
        {
            ProcessId = process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Runs = _runs,
            Steps = _steps,
            PendingCalls = [.. _pending],
        };
    }

    void BeginAnswer()
    {
        IsAnswerDue = true;
        (_runs, _steps, _seed) = (0, 0, null);
        _pending.Clear();
    }

    void End(RunEnded run)
    {
        if (run.Message.Parts.Count > 0)
        {
            _messages.Add(run.Message);
        }

        _runs++;
        _steps++;
        _seed ??= run.Seed;
        _pending.Clear();
        if (run.FinishReason is null)
        {
            _pending.AddRange(run.Message.Parts.OfType<ToolCallPart>());
            return;
        }

        IsAnswerDue = false;
        if (_queue.Count > 0)
        {
            _messages.AddRange(_queue);
            _queue.Clear();
            BeginAnswer();
        }
    }

    void End(CallEnded call)
    {
        // The results of one run stand in one message.
        if (_messages is [.., { Role: Role.Tool } last])
        {
            _messages[^1] = last with { Parts = [.. last.Parts, .. call.Result.Parts] };
        }
        else
        {
            _messages.Add(call.Result);
        }

        CallInFlight = null;
        _steps++;
        if (_pending.Count > 0)
        {
            _pending.RemoveAt(0);
        }
    }
}
