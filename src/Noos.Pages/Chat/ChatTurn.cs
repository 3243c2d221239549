using System.Globalization;
using Noos.Core.Conversations;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Pages.Text;

namespace Noos.Pages.Chat;

/// <summary>How far an answer is.</summary>
public enum AnswerState
{
    /// <summary>Nobody has asked: what stands here was said before.</summary>
    None,

    /// <summary>The question waits for the model.</summary>
    Waiting,

    /// <summary>It is being written.</summary>
    Running,

    Complete,

    Stopped,

    Failed,
}

/// <summary>A question with its answer: a node of the tree that the branches of a conversation make.</summary>
/// <param name="id">Unlike that of all others of the conversation.</param>
/// <param name="parent">What was said before; null for the root, which has no question.</param>
/// <param name="question">Null for the root, and for what begins without one.</param>
/// <param name="time">When it was asked.</param>
public sealed class ChatTurn(long id, ChatTurn? parent, Message? question, DateTimeOffset time)
{
    readonly List<ChatTurn> _children = [];

    public long Id => id;

    public ChatTurn? Parent => parent;

    public Message? Question => question;

    public DateTimeOffset Time => time;

    /// <summary>What was asked after this answer, on different branches.</summary>
    public IReadOnlyList<ChatTurn> Children => _children;

    /// <summary>The branch behind this that was read last; null where there is none.</summary>
    public ChatTurn? LastChild { get; set; }

    /// <summary>Questions of people up to this one.</summary>
    public int Depth { get; } = parent is null ? 0 : parent.Depth + (question?.Role == Role.User ? 1 : 0);

    public List<AnswerItem> Items { get; } = [];

    public AnswerState State { get; set; } = parent is null ? AnswerState.None : AnswerState.Waiting;

    /// <summary>Why it failed.</summary>
    public string? Failure { get; set; }

    /// <summary>Why it was stopped; null where a person did it.</summary>
    public string? StopReason { get; set; }

    public string? FinishReason { get; set; }

    /// <summary>The model of its last run.</summary>
    public string? Model { get; set; }

    public ProcessUsage Usage { get; set; } = new();

    public int OmittedMessages { get; set; }

    public long PagedOutTokens { get; set; }

    /// <summary>The last event that belongs to it.</summary>
    public long LastEvent { get; set; }

    /// <summary>The event with which the answer ended; null while there is none.</summary>
    public long? AnswerEvent { get; set; }

    /// <summary>
    /// The number of the last message of the answer among those that the conversation began with; null where it was given here.
    /// </summary>
    public int? MessageIndex { get; set; }

    /// <summary>What a person thinks of it; null for nothing.</summary>
    public FeedbackGiven? Feedback { get; set; }

    /// <summary>What became of its code that a person ran.</summary>
    public CodeTries Tries { get; } = new();

    /// <summary>What numbers in brackets lead to.</summary>
    public CitationLinks Citations { get; } = new(
        "turn-" + id.ToString(CultureInfo.InvariantCulture), parent?.Citations);

    /// <summary>Grows with every change.</summary>
    public int Version { get; private set; }

    public bool IsOver => State is AnswerState.None or AnswerState.Complete or AnswerState.Stopped or AnswerState.Failed;

    /// <summary>All that the model said, as it said it.</summary>
    public string Text => string.Join("\n\n", Items.OfType<AnswerText>().Select(item => item.Stream.Text.Trim())).Trim();

    /// <summary>What a person typed, without what was put before it.</summary>
    public string QuestionText => QuestionParts.TextOf(question);

    /// <summary>Other answers to the same question, and this one, in their order.</summary>
    public IReadOnlyList<ChatTurn> Answers => parent is null ? [this] : [.. parent.Children.Where(IsSameQuestion)];

    /// <summary>The different questions that were asked here, each by its answer that was read last.</summary>
    public IReadOnlyList<ChatTurn> Questions
    {
        get
        {
            if (parent is null)
            {
                return [this];
            }

            var different = new List<ChatTurn>();
            foreach (var child in parent.Children)
            {
                var known = different.FindIndex(child.IsSameQuestion);
                if (known < 0)
                {
                    different.Add(child);
                }
                else if (child == this || (child == parent.LastChild && different[known] != this))
                {
                    different[known] = child;
                }
            }

            return different;
        }
    }

    /// <summary>The end of the branch that was read last.</summary>
    public ChatTurn Leaf
    {
        get
        {
            var leaf = this;
            while (leaf.LastChild is { } next)
            {
                leaf = next;
            }

            return leaf;
        }
    }

    public void Touch() => Version++;

    internal void Add(ChatTurn child) => _children.Add(child);

    bool IsSameQuestion(ChatTurn other) => other.Question is null ? question is null : other.Question.Equals(question);
}
