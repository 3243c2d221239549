using System.Text.Json.Serialization;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Memory;

namespace Noos.Kernel.Processes;

/// <summary>All that a <see cref="ProcessHistory"/> knows at one event, as data: what a fork begins with.</summary>
public sealed record ProcessSnapshot
{
    /// <summary>All that was said, without the instructions of the program.</summary>
    public IReadOnlyList<Message> Messages { get; init; } = [];

    /// <summary>What waits until the answer under way is complete.</summary>
    public IReadOnlyList<Said> Queue { get; init; } = [];

    /// <summary>Calls of the last run without a result, in the model's order.</summary>
    public IReadOnlyList<ToolCallPart> PendingCalls { get; init; } = [];

    /// <summary>The first of these had begun.</summary>
    public bool IsCallInFlight { get; init; }

    /// <summary>An answer has begun, or must begin, and is not complete.</summary>
    public bool IsAnswerDue { get; init; }

    /// <summary>It goes on with the last message.</summary>
    public bool IsContinuing { get; init; }

    /// <summary>Runs of that answer that are over.</summary>
    public int Runs { get; init; }

    /// <summary>Steps of that answer that are over.</summary>
    public int Steps { get; init; }

    /// <summary>What the draws of that answer begin with.</summary>
    [JsonConverter(typeof(SeedConverter))]
    public ulong? Seed { get; init; }

    /// <summary>How that answer is generated.</summary>
    public GenerationOptions? Options { get; init; }

    /// <summary>What a person has decided about pages; null for nothing.</summary>
    public IReadOnlyDictionary<int, PageMark>? Marks { get; init; }

    /// <summary>The same, decided during that answer: it holds after it.</summary>
    public IReadOnlyDictionary<int, PageMark>? NewMarks { get; init; }

    /// <summary>What was made of the beginning of the conversation; null for nothing.</summary>
    public IReadOnlyList<ContextSummary>? Summaries { get; init; }

    /// <summary>The same, made during that answer: it holds after it.</summary>
    public IReadOnlyList<ContextSummary>? NewSummaries { get; init; }

    /// <summary>It was taken from another process, and not from an older file.</summary>
    public bool IsFork { get; init; }
}
