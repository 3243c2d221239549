using Noos.Core.Conversations;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Pages.Text;

namespace Noos.Pages.Chat;

/// <summary>
/// A conversation as it is drawn: the tree of its branches, folded from the events of its process in their order. Not thread-safe.
/// </summary>
public sealed class ConversationView
{
    readonly Dictionary<long, ChatTurn> _turnOfEvent = [];
    readonly Dictionary<long, ChatTurn> _turnOfAnswer = [];
    readonly Dictionary<int, ChatTurn> _turnOfMessage = [];
    readonly List<QueuedQuestion> _queue = [];
    readonly List<AnswerText> _streamed = [];
    IReadOnlyList<ChatTurn>? _path;
    DateTimeOffset? _runBegan;
    TextPart? _continued;
    int _runStart;
    long _nextId;

    public ConversationView() => Current = Root = new ChatTurn(0, null, null, default);

    /// <summary>Where all branches begin; it has no question.</summary>
    public ChatTurn Root { get; }

    /// <summary>The end of the branch that is read.</summary>
    public ChatTurn Current { get; private set; }

    /// <summary>The branch that is read, from its beginning on.</summary>
    public IReadOnlyList<ChatTurn> Path => _path ??= FindPath();

    /// <summary>Questions that wait until the answer under way is complete.</summary>
    public IReadOnlyList<QueuedQuestion> Queue => _queue;

    /// <summary>The last state that was told.</summary>
    public ProcessState State { get; private set; }

    public bool IsEnded => State is ProcessState.Done or ProcessState.Failed or ProcessState.Killed;

    /// <summary>An answer is due or under way.</summary>
    public bool IsAnswering => !Current.IsOver && !IsEnded;

    /// <summary>The call that waits for a person; null for none.</summary>
    public AnswerCall? Waiting => IsAnswering ? Current.Items.OfType<AnswerCall>().FirstOrDefault(call => call.IsWaitingForPerson) : null;

    /// <summary>Grows when something is said or answered, and not while it is being written.</summary>
    public long Turns { get; private set; }

    /// <summary>The last event that was taken in.</summary>
    public long LastEvent { get; private set; }

    /// <summary>Takes an event in; one that is known already is passed over.</summary>
    public void Apply(JournalEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Event is CallPrinted printed)
        {
            // It is not in the journal, and has no number.
            Find(printed.CallId, call: null)?.Print(printed.Output);
            Current.Touch();
            return;
        }

        if (entry.Id <= LastEvent)
        {
            return;
        }

        LastEvent = entry.Id;
        Take(entry);
        if (entry.Event is not (Wrote or StateChanged or Renamed or Niced or FeedbackGiven or PersonCalled))
        {
            _turnOfEvent[entry.Id] = Current;
            Current.LastEvent = entry.Id;
            Turns++;
        }

        Current.Touch();
    }

    void Take(JournalEntry entry)
    {
        switch (entry.Event)
        {
            case Restored restored:
                Restore(restored.History, entry.Time);
                break;
            case Said { IsQueued: true } said:
                _queue.Add(new QueuedQuestion(entry.Id, said.Message));
                break;
            case QueueChanged changed:
                ChangeQueue(changed);
                break;
            case Continued:
                Continue();
                break;
            case Said said:
                Ask(said.Message, entry.Time);
                break;
            case RunBegan run:
                BeginRun(run, entry.Time);
                break;
            case Wrote wrote:
                Append(wrote, entry.Time);
                break;
            case RunEnded run:
                EndRun(run, entry);
                break;
            case AnsweredElsewhere other:
                Current.Model = other.To;
                Current.Items.Add(new AnswerNote($"{other.To} answers, because {other.From} does not: {other.Reason}"));
                break;
            case ApprovalAsked asked when Find(asked.Call.CallId, asked.Call) is { } call:
                (call.Asked, call.Decided) = (asked, null);
                break;
            case ApprovalDecided decided when Current.Items.OfType<AnswerCall>().LastOrDefault(call => call.IsWaitingForPerson) is { } call:
                call.Decided = decided;
                break;
            case CallBegan began when Find(began.Call.CallId, began.Call) is { } call:
                call.Began = entry.Time;
                break;
            case CallEnded ended:
                EndCalls(ended);
                break;
            case AnswerStopped stopped:
                Replace(stopped.Message, entry.Time);
                Current.Usage += stopped.Usage;
                Current.StopReason = stopped.Reason;
                EndAnswer(AnswerState.Stopped, entry.Id);
                AskQueue(entry.Time);
                break;
            case AnswerFailed failed:
                Current.Failure = failed.Reason;
                EndAnswer(AnswerState.Failed, entry.Id);
                DropQueue(entry.Time);
                break;
            case StateChanged state:
                State = state.State;
                if (state.State == ProcessState.Killed)
                {
                    EndAnswer(AnswerState.Stopped, entry.Id);
                    DropQueue(entry.Time);
                }

                break;
            case Branched branched:
                Branch(branched);
                break;
            case PersonCalled tried when FindTurn(tried) is { } turn:
                turn.Tries.Add(tried);
                turn.Touch();
                break;
            case FeedbackGiven feedback when _turnOfAnswer.GetValueOrDefault(feedback.Answer) is { } turn:
                turn.Feedback = feedback;
                turn.Touch();
                break;
            default:
                break;
        }
    }

    /// <summary>The answer whose code a person ran; by the code itself where it came with an older conversation, and no number.</summary>
    ChatTurn? FindTurn(PersonCalled tried) =>
        tried.MessageIndex is { } index && _turnOfMessage.GetValueOrDefault(index) is { } begun ? begun
        : _turnOfAnswer.GetValueOrDefault(tried.Answer) ?? _turnOfEvent.GetValueOrDefault(tried.Answer)
        ?? (CodeCell.From(tried.Call) is { } cell
            ? Path.LastOrDefault(turn => turn.Text.Contains(cell.Code, StringComparison.Ordinal))
            : null);

    void Restore(ProcessSnapshot history, DateTimeOffset time)
    {
        for (var index = 0; index < history.Messages.Count; index++)
        {
            var message = history.Messages[index];
            if (message.Role is Role.User or Role.System)
            {
                Move(new ChatTurn(++_nextId, Current, message, time) { State = AnswerState.None });
                continue;
            }

            if (Current == Root)
            {
                Move(new ChatTurn(++_nextId, Current, null, time) { State = AnswerState.None });
            }

            _turnOfMessage[index] = Current;
            Current.MessageIndex = index;
            AddParts(message, time);
            foreach (var result in message.Parts.OfType<ToolResultPart>())
            {
                End(result);
            }
        }

        _queue.AddRange(history.Queue.Select(said => new QueuedQuestion(0, said.Message)));
        if (history.IsAnswerDue)
        {
            Current.State = AnswerState.Waiting;
        }

        foreach (var turn in Path.Where(turn => turn.State == AnswerState.None && turn.Items.Count > 0))
        {
            turn.State = AnswerState.Complete;
        }
    }

    void Ask(Message question, DateTimeOffset time) => Move(new ChatTurn(++_nextId, Current, question, time));

    void Move(ChatTurn turn)
    {
        if (turn.Parent is { } parent && !parent.Children.Contains(turn))
        {
            parent.Add(turn);
        }

        GoTo(turn);
    }

    void GoTo(ChatTurn turn)
    {
        Current = turn;
        _path = null;
        for (var at = turn; at.Parent is { } parent; at = parent)
        {
            parent.LastChild = at;
            parent.Touch();
            foreach (var sibling in parent.Children)
            {
                // Their arrows count.
                sibling.Touch();
            }
        }
    }

    void ChangeQueue(QueueChanged changed)
    {
        if (_queue.FindIndex(queued => queued.Event == changed.Queued) is not (>= 0 and var at))
        {
            return;
        }

        if (changed.Message is { } message)
        {
            _queue[at] = _queue[at] with { Message = message };
        }
        else
        {
            _queue.RemoveAt(at);
        }
    }

    /// <summary>What was answered stands, and grows.</summary>
    void Continue()
    {
        (_continued, _runBegan, _runStart) = (null, null, Current.Items.Count);
        _streamed.Clear();
        if (Current.Items is [.., AnswerText last])
        {
            _continued = new TextPart(last.Stream.Text);
            _runStart--;
            BeginContinued();
        }

        (Current.State, Current.FinishReason, Current.StopReason) = (AnswerState.Waiting, null, null);
    }

    void BeginContinued()
    {
        Current.Items.RemoveRange(_runStart, Current.Items.Count - _runStart);
        // A text that was complete is drawn for good; the same, open.
        var open = new AnswerText(new StreamedMarkdown(Current.Citations));
        open.Stream.Append(_continued!.Text);
        _streamed.Add(open);
        Current.Items.Add(open);
    }

    void BeginRun(RunBegan run, DateTimeOffset time)
    {
        CloseThought(time);
        // What a run wrote before the system stopped is written again.
        if (_runBegan is not null && Current.Items.Count > _runStart)
        {
            Current.Items.RemoveRange(_runStart, Current.Items.Count - _runStart);
        }

        _runBegan = time;
        _streamed.Clear();
        if (_continued is not null)
        {
            BeginContinued();
        }
        else
        {
            _runStart = Current.Items.Count;
        }

        Current.State = AnswerState.Running;
        Current.Model = run.Model ?? Current.Model;
    }

    void Append(Wrote wrote, DateTimeOffset time)
    {
        if (wrote.IsThought)
        {
            if (Current.Items is not [.., AnswerThought { IsOver: false } open])
            {
                Current.Items.Add(open = new AnswerThought(time));
            }

            open.Append(wrote.Text);
            return;
        }

        CloseThought(time);
        if (_streamed.Count == 0 || Current.Items is not [.., AnswerText last] || last != _streamed[^1])
        {
            last = new AnswerText(new StreamedMarkdown(Current.Citations));
            _streamed.Add(last);
            Current.Items.Add(last);
        }

        last.Stream.Append(wrote.Text);
    }

    void CloseThought(DateTimeOffset time)
    {
        if (Current.Items is [.., AnswerThought { IsOver: false } thought])
        {
            (thought.IsOver, thought.Duration) = (true, time - thought.Began);
        }
    }

    void EndRun(RunEnded run, JournalEntry entry)
    {
        Current.State = AnswerState.Running;
        Replace(run.Message, entry.Time);
        Current.Usage += run.Usage;
        Current.OmittedMessages = Math.Max(Current.OmittedMessages, run.OmittedMessages ?? 0);
        Current.PagedOutTokens = Math.Max(Current.PagedOutTokens, run.PagedOutTokens ?? 0);
        if (run.FinishReason is { } reason)
        {
            Current.FinishReason = reason;
            EndAnswer(AnswerState.Complete, entry.Id);
            AskQueue(entry.Time);
        }
    }

    /// <summary>What the run wrote is in its message as a whole: texts that were drawn already stay the same objects.</summary>
    void Replace(Message message, DateTimeOffset time)
    {
        CloseThought(time);
        if (_continued is { } before)
        {
            message = Message.Assistant(before).Join(message.Parts);
            _continued = null;
        }
        else if (_runBegan is null)
        {
            _runStart = Current.Items.Count;
        }

        var thoughts = Current.Items.Skip(_runStart).OfType<AnswerThought>().ToArray();
        var notes = Current.Items.Skip(_runStart).OfType<AnswerNote>().ToArray();
        Current.Items.RemoveRange(_runStart, Current.Items.Count - _runStart);
        Current.Items.AddRange(notes);
        AddParts(message, time);
        foreach (var (old, now) in thoughts.Zip(Current.Items.Skip(_runStart).OfType<AnswerThought>()))
        {
            now.Duration = old.Duration;
        }

        _runBegan = null;
        _streamed.Clear();
    }

    void AddParts(Message message, DateTimeOffset time)
    {
        foreach (var part in message.Parts)
        {
            switch (part)
            {
                case TextPart text:
                    var known = _streamed.Find(streamed => streamed.Stream.Text == text.Text);
                    if (known is null)
                    {
                        known = new AnswerText(new StreamedMarkdown(Current.Citations));
                        known.Stream.Append(text.Text);
                    }

                    known.Stream.Complete();
                    if (!string.IsNullOrWhiteSpace(text.Text))
                    {
                        Current.Items.Add(known);
                    }

                    break;
                case ThoughtPart thought:
                    var item = new AnswerThought(time) { IsOver = true };
                    item.Append(thought.Text);
                    Current.Items.Add(item);
                    break;
                case ToolCallPart call:
                    Current.Items.Add(new AnswerCall(call));
                    break;
                default:
                    break;
            }
        }
    }

    AnswerCall? Find(string? id, ToolCallPart? call) => Current.Items.OfType<AnswerCall>().FirstOrDefault(
        item => item.Result is null && !item.IsCancelled
            && (id is not null ? item.Call.CallId == id : call is null ? item.IsRunning : item.Call.Equals(call)));

    void EndCalls(CallEnded ended)
    {
        foreach (var result in ended.Result.Parts.OfType<ToolResultPart>())
        {
            if (End(result) is { Began: not null } call)
            {
                call.Duration = TimeSpan.FromMilliseconds(ended.Usage.Milliseconds);
            }
        }
    }

    AnswerCall? End(ToolResultPart result)
    {
        Current.Citations.Add(result);
        var call = Current.Items.OfType<AnswerCall>().FirstOrDefault(item => item.Result is null
            && (result.CallId is { } id ? item.Call.CallId == id : item.Call.Name == result.Name));
        if (call is not null)
        {
            call.Result = result;
        }

        return call;
    }

    void EndAnswer(AnswerState state, long answerEvent)
    {
        if (Current.IsOver)
        {
            return;
        }

        foreach (var text in Current.Items.OfType<AnswerText>())
        {
            text.Stream.Complete();
        }

        foreach (var call in Current.Items.OfType<AnswerCall>().Where(call => call.Result is null))
        {
            call.IsCancelled = true;
        }

        Current.State = state;
        _continued = null;
        Current.AnswerEvent = answerEvent;
        _turnOfAnswer[answerEvent] = Current;
        Current.LastEvent = answerEvent;
        _runBegan = null;
        _streamed.Clear();
    }

    void AskQueue(DateTimeOffset time)
    {
        foreach (var queued in _queue)
        {
            // The questions before the last are answered with it.
            if (Current.State == AnswerState.Waiting)
            {
                Current.State = AnswerState.None;
            }

            Ask(queued.Message, time);
        }

        _queue.Clear();
    }

    void DropQueue(DateTimeOffset time)
    {
        foreach (var queued in _queue)
        {
            Ask(queued.Message, time);
            Current.State = AnswerState.None;
        }

        _queue.Clear();
    }

    void Branch(Branched branched)
    {
        _queue.Clear();
        (_runBegan, _runStart, _continued) = (null, 0, null);
        _streamed.Clear();
        if (branched.Questions is { } questions)
        {
            var turn = _turnOfEvent.GetValueOrDefault(branched.At) ?? Current;
            while (turn.Parent is { } parent && turn.Depth > questions)
            {
                turn = parent;
            }

            GoTo(turn);
        }
        else if (_turnOfEvent.GetValueOrDefault(branched.At) is { } turn)
        {
            GoTo(turn);
        }
    }

    List<ChatTurn> FindPath()
    {
        var path = new List<ChatTurn>();
        for (var turn = Current; turn.Parent is not null; turn = turn.Parent)
        {
            path.Add(turn);
        }

        path.Reverse();
        return path;
    }
}

/// <summary>A question that waits.</summary>
/// <param name="Event">With which it was asked; 0 where nobody knows.</param>
/// <param name="Message">It.</param>
public sealed record QueuedQuestion(long Event, Message Message);
