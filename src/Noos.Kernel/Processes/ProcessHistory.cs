using System.Globalization;
using System.Text;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Memory;

namespace Noos.Kernel.Processes;

/// <summary>
/// What the events of a process come to: its conversation, and where its answer stands. A fold without side effects, so what a process is
/// after a restart is what it was before. Not thread-safe.
/// </summary>
public sealed class ProcessHistory
{
    readonly List<Message> _messages = [];
    readonly List<(long Id, Said Said)> _queue = [];
    readonly List<ToolCallPart> _pending = [];
    readonly List<Part> _partial = [];
    readonly StringBuilder _text = new();
    readonly List<long> _events = [];
    readonly Dictionary<int, PageMark> _marks = [];
    readonly Dictionary<int, PageMark> _newMarks = [];
    readonly List<ContextSummary> _summaries = [];
    readonly List<ContextSummary> _newSummaries = [];
    int _countedMessages;
    int _countedParts;
    bool _isThought;
    bool _isContinuing;
    int _runs;
    int _steps;
    ulong? _seed;
    GenerationOptions? _options;

    readonly bool _isRoot;

    /// <param name="isRoot">A person speaks to the process; to a sub-agent the model above does.</param>
    public ProcessHistory(bool isRoot = true)
    {
        _isRoot = isRoot;
        Provenance = new Provenance(isRoot);
    }

    /// <summary>What of all that was read is foreign, and which addresses were named.</summary>
    public Provenance Provenance { get; }

    /// <summary>The question to a person about the next call; null for none.</summary>
    public ApprovalAsked? Asked { get; private set; }

    /// <summary>The answer to it, until the call is over; null while there is none.</summary>
    public ApprovalDecided? Decided { get; private set; }

    /// <summary>The next call waits for a person.</summary>
    public bool IsWaitingForApproval => Asked is not null && Decided is null;

    /// <summary>There is something to run.</summary>
    public bool CanGoOn => IsAnswerDue && !IsWaitingForApproval;

    /// <summary>All that was said, without the instructions of the program.</summary>
    public IReadOnlyList<Message> Messages => _messages;

    /// <summary>Messages that wait until the answer under way is complete.</summary>
    public IReadOnlyList<Message> Queue => [.. _queue.Select(queued => queued.Said.Message)];

    /// <summary>The events with which these were said; 0 where that was not told.</summary>
    public IReadOnlyList<long> QueueEvents => [.. _queue.Select(queued => queued.Id)];

    /// <summary>The last thing said is a text of the model, with which it can go on.</summary>
    public bool CanContinue => !IsAnswerDue && _messages is [.., { Role: Role.Assistant, Parts: [.., TextPart { Text.Length: > 0 }] }];

    /// <summary>What the run under way has written; without parts where it has written nothing.</summary>
    public Message Partial => Message.Assistant([.. _partial, .. Unfinished()]);

    /// <summary>The call whose end is not in the journal: it may have happened, in whole or in part.</summary>
    public ToolCallPart? CallInFlight { get; private set; }

    /// <summary>An answer has begun, or must begin, and is not complete.</summary>
    public bool IsAnswerDue { get; private set; }

    /// <summary>
    /// By the parts of all messages in their order: the event with which each came, 0 where that was not told. The number of a part in it,
    /// with the instructions before, is its number as a page.
    /// </summary>
    public IReadOnlyList<long> PartEvents => _events;

    /// <summary>What a person has decided about pages, by their numbers; what was decided during this answer holds after it.</summary>
    public IReadOnlyDictionary<int, PageMark> Marks =>
        _newMarks.Concat(_marks.Where(mark => !_newMarks.ContainsKey(mark.Key))).ToDictionary();

    /// <summary>What was made of the beginning of the conversation; what came during this answer holds after it.</summary>
    public IReadOnlyList<ContextSummary> Summaries => [.. _summaries, .. _newSummaries];

    /// <summary>
    /// Takes an event in; in the order of the journal, on one branch: before a <see cref="Branched"/> this must be what it was at the event
    /// that it names.
    /// </summary>
    /// <param name="happened">The event.</param>
    /// <param name="id">Its id; 0 where nobody will ask for it.</param>
    public void Apply(JournalEvent happened, long id = 0)
    {
        ArgumentNullException.ThrowIfNull(happened);
        Take(happened, id);

        // Parts are only ever added behind all others, so only the last message can still grow.
        for (; _countedMessages < _messages.Count - 1; _countedMessages++)
        {
            _countedParts += _messages[_countedMessages].Parts.Count;
        }

        for (var parts = _countedParts + (_messages.Count == 0 ? 0 : _messages[^1].Parts.Count); _events.Count < parts;)
        {
            _events.Add(id);
        }
    }

    void Take(JournalEvent happened, long id)
    {
        Learn(happened);
        switch (happened)
        {
            case Restored restored:
                Restore(restored.History);
                break;
            case Said { IsQueued: true } said:
                _queue.Add((id, said));
                break;
            case QueueChanged changed when changed.Queued > 0 && _queue.FindIndex(queued => queued.Id == changed.Queued) is >= 0 and var at:
                if (changed.Message is { } message)
                {
                    _queue[at] = (changed.Queued, _queue[at].Said with { Message = message });
                }
                else
                {
                    _queue.RemoveAt(at);
                }

                break;
            case Continued:
                (IsAnswerDue, _isContinuing) = (true, CanContinue);
                (_runs, _steps, _seed) = (0, 0, null);
                break;
            case Said said:
                BeginAnswer([said]);
                break;
            case RunBegan run:
                ClearPartial();
                _seed ??= run.Seed;
                _options = run.Options ?? _options;
                break;
            case Wrote wrote:
                Append(wrote);
                break;
            case RunEnded run:
                End(run);
                break;
            case CallBegan call:
                CallInFlight = call.Call;
                break;
            case ApprovalAsked asked:
                (Asked, Decided) = (asked, null);
                break;
            case ApprovalDecided decided:
                Decided = decided;
                break;
            case CallEnded call:
                End(call.Result);
                break;
            case AnswerStopped stopped:
                Add(stopped.Message);
                EndAnswer("It did not run: the answer was stopped.");
                AnswerQueue();
                break;
            case AnswerFailed or StateChanged { State: ProcessState.Killed }:
                EndAnswer("It did not run: the answer failed before.");
                _messages.AddRange(Queue);
                _queue.Clear();
                break;
            case PageMarked page:
                _newMarks[page.Page] = page.Mark;
                TakeMarks();
                break;
            case Branched { Messages: { } kept }:
                Cut(kept);
                break;
            case Summarized summary:
                _newSummaries.Add(new ContextSummary(summary.LastPage, summary.Text));
                TakeMarks();
                break;
            default:
                break;
        }
    }

    /// <summary>Where the answer goes on from.</summary>
    /// <param name="process">Whose; it becomes the id that tools see.</param>
    /// <param name="tools">What the model may call.</param>
    /// <param name="hasOptionalTools">Tools are only an offer to a program that names none.</param>
    public AgentState ToState(ProcessRecord process, IReadOnlyList<ToolDeclaration> tools, bool hasOptionalTools = true)
    {
        ArgumentNullException.ThrowIfNull(process);
        Message[] instructions = process.Program.Instructions is { } text ? [Message.System(text)] : [];
        var options = (_options ?? GenerationOptions.Default).OrElse(process.Program.Options);
        return new AgentState(new Turn(new Conversation([.. instructions, .. _messages]))
        {
            Model = process.Program.Model,
            Fallbacks = process.Program.Fallbacks,
            Tools = tools,
            ContinuesAnswer = _isContinuing,
            // Tools that the program names are needed; all that there are is an offer.
            HasOptionalTools = process.Program.Tools is null && hasOptionalTools,
            Options = options with { Seed = options.Seed ?? _seed },
            Marks = _marks.Count == 0 ? Turn.NoMarks : new Dictionary<int, PageMark>(_marks),
            Summaries = [.. _summaries],
            // A program without tools is to have none.
            Recall = process.Program.Tools is { Count: 0 } || tools.Any(tool => tool.Name == RecallDeclaration.Name)
                ? null
                : RecallDeclaration.Declaration,
            Process = process.Id,
            Owner = process.Owner,
            Priority = process.Priority,
        })
        {
            ProcessId = process.Id.ToString(CultureInfo.InvariantCulture),
            Runs = _runs,
            Steps = _steps,
            PendingCalls = [.. _pending],
        };
    }

    /// <summary>All of this, as data for a fork.</summary>
    public ProcessSnapshot ToSnapshot() => new()
    {
        // A fork has no parent: what a model said there must not become the word of a person here.
        Messages = _isRoot ? [.. _messages] : [.. _messages.Select(OfModel)],
        Queue = [.. _queue.Select(queued => queued.Said)],
        IsContinuing = _isContinuing,
        PendingCalls = [.. _pending],
        IsCallInFlight = CallInFlight is not null,
        IsAnswerDue = IsAnswerDue,
        Runs = _runs,
        Steps = _steps,
        Seed = _seed,
        Options = _options,
        Marks = _marks.Count == 0 ? null : new Dictionary<int, PageMark>(_marks),
        NewMarks = _newMarks.Count == 0 ? null : new Dictionary<int, PageMark>(_newMarks),
        Summaries = _summaries.Count == 0 ? null : [.. _summaries],
        NewSummaries = _newSummaries.Count == 0 ? null : [.. _newSummaries],
        IsFork = true,
    };

    static Message OfModel(Message message) => message.Role is not (Role.User or Role.System) ? message : message with
    {
        Parts = [.. message.Parts.Select(part => part is TextPart { Origin: null } ? part with { Origin = Origin.Model } : part)],
    };

    /// <summary>Everything that was read counts, also what is not shown to the model any more.</summary>
    internal void Learn(JournalEvent happened)
    {
        IEnumerable<Message> read = happened switch
        {
            Spawned { Program.Instructions: { } instructions } => [Message.System(instructions)],
            Restored restored => restored.History.Messages.Concat(restored.History.Queue.Select(said => said.Message)),
            Said said => [said.Message],
            QueueChanged { Message: { } message } => [message],
            RunEnded run => [run.Message],
            CallEnded call => [call.Result],
            _ => [],
        };
        foreach (var message in read)
        {
            Provenance.Add(message);
        }

        foreach (var effect in (happened as CallBegan)?.Effects ?? [])
        {
            if (effect.Kind == EffectKind.Fetch)
            {
                Provenance.Open(effect.Target);
            }
        }
    }

    void Restore(ProcessSnapshot snapshot)
    {
        _messages.AddRange(snapshot.Messages);
        _queue.AddRange(snapshot.Queue.Select(said => (0L, said)));
        _isContinuing = snapshot.IsContinuing;
        _pending.AddRange(snapshot.PendingCalls);
        CallInFlight = snapshot.IsCallInFlight ? _pending[0] : null;
        IsAnswerDue = snapshot.IsAnswerDue;
        (_runs, _steps, _seed, _options) = (snapshot.Runs, snapshot.Steps, snapshot.Seed, snapshot.Options);
        foreach (var (page, mark) in snapshot.Marks ?? Turn.NoMarks)
        {
            _marks[page] = mark;
        }

        _summaries.AddRange(snapshot.Summaries ?? []);
        _newSummaries.AddRange(snapshot.NewSummaries ?? []);
        foreach (var (page, mark) in snapshot.NewMarks ?? Turn.NoMarks)
        {
            _newMarks[page] = mark;
        }
    }

    void BeginAnswer(IReadOnlyList<Said> questions)
    {
        _messages.AddRange(questions.Select(said => said.Message));
        IsAnswerDue = true;
        (_runs, _steps, _seed) = (0, 0, null);
        _options = questions.LastOrDefault(said => said.Options is not null)?.Options;
        _pending.Clear();
    }

    void EndAnswer(string reason)
    {
        (IsAnswerDue, _isContinuing) = (false, false);
        (Asked, Decided) = (null, null);
        ClearPartial();
        // A call without a result is no conversation that a model can read.
        foreach (var call in _pending.ToArray())
        {
            End(Message.Tool(new ToolResultPart(call.Name, reason, IsError: true, call.CallId)));
        }

        CallInFlight = null;
        TakeMarks();
    }

    /// <summary>Runs of one answer read the same pages, whenever it is that a person decides.</summary>
    void TakeMarks()
    {
        if (IsAnswerDue)
        {
            return;
        }

        foreach (var (page, mark) in _newMarks)
        {
            _ = mark == PageMark.None ? _marks.Remove(page) : (_marks[page] = mark) == mark;
        }

        _newMarks.Clear();
        _summaries.AddRange(_newSummaries);
        _newSummaries.Clear();
    }

    /// <summary>Only the first messages were ever said; nothing is due.</summary>
    void Cut(int count)
    {
        _messages.RemoveRange(count, _messages.Count - count);
        _queue.Clear();
        _pending.Clear();
        ClearPartial();
        (IsAnswerDue, _isContinuing, CallInFlight, Asked, Decided) = (false, false, null, null, null);
        TakeMarks();
        // Their pages are counted anew.
        (_countedMessages, _countedParts) = (0, 0);
        var parts = _messages.Sum(message => message.Parts.Count);
        if (_events.Count > parts)
        {
            _events.RemoveRange(parts, _events.Count - parts);
        }

        // Parts have the numbers from 1 on, from 2 where instructions are the first: what may tell of a page that is gone goes, too.
        _summaries.RemoveAll(summary => summary.LastPage > parts);
        foreach (var page in _marks.Keys.Where(page => page > parts).ToArray())
        {
            _marks.Remove(page);
        }
    }

    void AnswerQueue()
    {
        if (_queue.Count > 0)
        {
            Said[] questions = [.. _queue.Select(queued => queued.Said)];
            _queue.Clear();
            BeginAnswer(questions);
        }
    }

    void End(RunEnded run)
    {
        Add(run.Message);
        ClearPartial();
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
        TakeMarks();
        AnswerQueue();
    }

    void End(Message result)
    {
        // The results of one run stand in one message.
        if (_messages is [.., { Role: Role.Tool } last])
        {
            _messages[^1] = last with { Parts = [.. last.Parts, .. result.Parts] };
        }
        else
        {
            _messages.Add(result);
        }

        CallInFlight = null;
        (Asked, Decided) = (null, null);
        _steps++;
        if (_pending.Count > 0)
        {
            _pending.RemoveAt(0);
        }
    }

    void Add(Message message)
    {
        if (message.Parts.Count > 0 && _isContinuing)
        {
            _messages[^1] = _messages[^1].Join(message.Parts);
        }
        else if (message.Parts.Count > 0)
        {
            _messages.Add(message);
        }

        _isContinuing = false;
    }

    void Append(Wrote wrote)
    {
        if (wrote.IsThought != _isThought)
        {
            _partial.AddRange(Unfinished());
            _text.Clear();
            _isThought = wrote.IsThought;
        }

        _text.Append(wrote.Text);
    }

    Part[] Unfinished() => _text.Length == 0 ? [] : _isThought ? [new ThoughtPart(_text.ToString())] : [new TextPart(_text.ToString())];

    void ClearPartial()
    {
        _partial.Clear();
        _text.Clear();
        _isThought = false;
    }
}
