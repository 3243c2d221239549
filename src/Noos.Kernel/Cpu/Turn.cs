using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Memory;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Cpu;

/// <summary>What a CPU is to do: generate the next message of a conversation.</summary>
/// <param name="Conversation">All that was said.</param>
public sealed record Turn(Conversation Conversation)
{
    /// <summary>The kernel decides about all pages.</summary>
    public static IReadOnlyDictionary<int, PageMark> NoMarks { get; } = new Dictionary<int, PageMark>().AsReadOnly();

    /// <summary>The name of the model that is to answer; null for the usual one.</summary>
    public string? Model { get; init; }

    /// <summary>
    /// Models that answer, in this order, where that one cannot; null for those that are usual with it. An answer that has begun never
    /// changes its model.
    /// </summary>
    public IReadOnlyList<string>? Fallbacks { get; init; }

    /// <summary>
    /// A text that the model continues as it stands, without chat layout, tools and thoughts; the conversation is then read by people only.
    /// Null for an answer.
    /// </summary>
    public RawPrompt? Prompt { get; init; }

    /// <summary>
    /// The last message is the model's own, and it goes on with that: the run makes only what follows (vLLM's
    /// <c>continue_final_message</c>). A CPU without <see cref="CpuFeatures.Continue"/> is asked for it in words.
    /// </summary>
    public bool ContinuesAnswer { get; init; }

    /// <summary>What the model may call.</summary>
    public IReadOnlyList<ToolDeclaration> Tools { get; init; } = [];

    /// <summary>Whether it may, or must.</summary>
    public ToolChoice ToolChoice { get; init; } = ToolChoice.Auto;

    /// <summary>
    /// A model that cannot be told of the tools answers without them; else such a turn is refused. For tools that nobody asked for.
    /// </summary>
    public bool HasOptionalTools { get; init; }

    /// <summary>The message may have several calls; else at most one.</summary>
    public bool HasParallelCalls { get; init; } = true;

    /// <summary>What happens to a conversation that is longer than the context.</summary>
    public Truncation Truncation { get; init; } = Truncation.Auto;

    /// <summary>
    /// What a person has decided about pages of the conversation, by their numbers: <see cref="FittedPage.Number"/>.
    /// </summary>
    public IReadOnlyDictionary<int, PageMark> Marks { get; init; } = NoMarks;

    /// <summary>What stands for the beginning of the conversation where that is paged out; of several the latest that fits.</summary>
    public IReadOnlyList<ContextSummary> Summaries { get; init; } = [];

    /// <summary>
    /// A further tool, which the model is only told of where something is paged out and it may call tools: it brings that back. Null for
    /// none.
    /// </summary>
    public ToolDeclaration? Recall { get; init; }

    /// <summary>
    /// Where the files of the conversation lie: a CPU that sees (<see cref="CpuFeatures.See"/>) looks at the pictures among them itself.
    /// Null for none.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>How the message is generated.</summary>
    public GenerationOptions Options { get; init; } = GenerationOptions.Default;

    /// <summary>The process that it is for; null for none, such as a request of the API.</summary>
    public long? Process { get; init; }

    /// <summary>Whose it is: owners share the machine fairly. Null counts as an owner, too.</summary>
    public string? Owner { get; init; }

    /// <summary>Who goes first when the machine is full.</summary>
    public ProcessPriority Priority { get; init; }
}
