using System.Text;
using Noos.Core.Conversations;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Pages.Text;

namespace Noos.Pages.Chat;

/// <summary>A piece of an answer, in the order in which it came.</summary>
public abstract class AnswerItem;

/// <summary>What the model said.</summary>
public sealed class AnswerText(StreamedMarkdown stream) : AnswerItem
{
    public StreamedMarkdown Stream => stream;
}

/// <summary>What the model thought before it spoke.</summary>
public sealed class AnswerThought(DateTimeOffset began) : AnswerItem
{
    readonly StringBuilder _text = new();

    public string Text => _text.ToString();

    public DateTimeOffset Began => began;

    /// <summary>Null while it thinks, or where nobody knows.</summary>
    public TimeSpan? Duration { get; set; }

    public bool IsOver { get; set; }

    public void Append(string text) => _text.Append(text);
}

/// <summary>Something that happened beside, in a sentence.</summary>
public sealed class AnswerNote(string text) : AnswerItem
{
    public string Text => text;
}

/// <summary>A call of a tool, with what became of it.</summary>
public sealed class AnswerCall(ToolCallPart call) : AnswerItem
{
    public ToolCallPart Call => call;

    /// <summary>It runs since then; null before.</summary>
    public DateTimeOffset? Began { get; set; }

    /// <summary>Null while it runs.</summary>
    public TimeSpan? Duration { get; set; }

    /// <summary>What it has printed so far; only its end where that is long.</summary>
    public string Output { get; private set; } = "";

    /// <summary>Null until it is over.</summary>
    public ToolResultPart? Result { get; set; }

    /// <summary>The question to a person; null where none was asked.</summary>
    public ApprovalAsked? Asked { get; set; }

    /// <summary>The answer to it; null while it waits.</summary>
    public ApprovalDecided? Decided { get; set; }

    /// <summary>It ended with its answer, before it ran.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>All that is drawn of it.</summary>
    public AnswerCallState State => new(this, Began, Duration, Output, Result, Asked, Decided, IsCancelled);

    public void Print(string output)
    {
        const int MaxOutput = 8000;
        var all = Output + output;
        Output = all.Length <= MaxOutput ? all : all[^MaxOutput..];
    }

    public bool IsWaitingForPerson => Asked is not null && Decided is null && Result is null && !IsCancelled;

    public bool IsRunning => Began is not null && Result is null && !IsCancelled;

    /// <summary>The answers of a person that hold longer than this call.</summary>
    public string? DecisionText => Decided is not { } decided ? null : (decided.IsGranted, decided.Scope) switch
    {
        (true, ApprovalScope.Once) => "Allowed once",
        (true, ApprovalScope.Conversation) => "Allowed in this conversation",
        (true, _) => "Always allowed",
        (false, ApprovalScope.Always) => "Never allowed",
        (false, ApprovalScope.Conversation) => "Refused in this conversation",
        _ => "Refused",
    };
}

/// <summary>What of a call can change: equal ones are drawn alike.</summary>
public readonly record struct AnswerCallState(
    AnswerCall Call, DateTimeOffset? Began, TimeSpan? Duration, string Output, ToolResultPart? Result, ApprovalAsked? Asked,
    ApprovalDecided? Decided, bool IsCancelled);
