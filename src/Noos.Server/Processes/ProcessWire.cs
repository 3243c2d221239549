using System.Text.Json.Serialization;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Memory;
using Noos.Kernel.Processes;
using Noos.Server.Files;

namespace Noos.Server.Processes;

// The answers of /api; processes and their events are the kernel's own records.

/// <param name="Data">The processes that changed last come first; requests of the API before all others.</param>
/// <param name="Next">Given as "after" it gets the next page; not there where this is the last.</param>
public sealed record ProcessList(IReadOnlyList<ProcessRecord> Data, string? Next);

/// <param name="Data">In their order.</param>
/// <param name="Next">Given as "after" it gets the next page; not there where this is the last.</param>
public sealed record EntryList(IReadOnlyList<JournalEntry> Data, long? Next);

/// <param name="Data">What was said, in its order.</param>
/// <param name="Queue">What waits until the answer under way is complete.</param>
/// <param name="Partial">What the run under way has written; not there where nothing is.</param>
/// <param name="Total">Messages in all.</param>
/// <param name="Citations">Which of them cite passages; not there where none does.</param>
public sealed record MessageList(
    IReadOnlyList<Message> Data, IReadOnlyList<Message> Queue, Message? Partial, int Total,
    IReadOnlyList<MessageCitations>? Citations = null);

/// <param name="Message">Which message of the list, from 0.</param>
/// <param name="Passages">In the order of its text.</param>
public sealed record MessageCitations(int Message, IReadOnlyList<CitedPassage> Passages)
{
    /// <summary>Those of all messages from one on; null for none.</summary>
    internal static IReadOnlyList<MessageCitations>? Find(IReadOnlyList<Message> messages, int first)
    {
        var citations = Enumerable.Range(first, messages.Count - first)
            .Select(index => new MessageCitations(index - first, CitedPassage.Find(messages, index)))
            .Where(message => message.Passages.Count > 0).ToArray();
        return citations.Length > 0 ? citations : null;
    }
}

/// <param name="Event">Its id: the answer is in the events after it.</param>
/// <param name="IsQueued">It waits for the answer under way.</param>
/// <param name="Process">To whom it was said.</param>
public sealed record SaidAnswer(long Event, [property: JsonPropertyName("queued")] bool IsQueued, ProcessRecord Process);

/// <param name="IsIdentical">All runs came out as they were recorded.</param>
/// <param name="Data">The runs in their order.</param>
public sealed record ReplayAnswer([property: JsonPropertyName("identical")] bool IsIdentical, IReadOnlyList<RunReplay> Data);

/// <param name="Data">The best first.</param>
public sealed record PassageList(IReadOnlyList<JournalPassage> Data);

/// <param name="Cache">The memory of keys and values of all models here; not there where all run elsewhere.</param>
/// <param name="SwapBytes">Bytes of them on the disk.</param>
/// <param name="Data">What each process holds of both, the one that ran longest ago first.</param>
public sealed record MemoryAnswer(CpuCache? Cache, long SwapBytes, IReadOnlyList<ProcessMemory> Data);

/// <param name="Id">Of the process that is no more.</param>
public sealed record DeletedAnswer(long Id)
{
    public bool Deleted => true;
}

/// <summary>What <c>/api</c> answers, as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ProcessRecord))]
[JsonSerializable(typeof(GenerationOptions))]
[JsonSerializable(typeof(ProcessList))]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(EntryList))]
[JsonSerializable(typeof(MessageList))]
[JsonSerializable(typeof(ContextTable))]
[JsonSerializable(typeof(SaidAnswer))]
[JsonSerializable(typeof(ReplayAnswer))]
[JsonSerializable(typeof(PassageList))]
[JsonSerializable(typeof(MemoryAnswer))]
[JsonSerializable(typeof(DeletedAnswer))]
[JsonSerializable(typeof(FileList))]
public sealed partial class ProcessJson : JsonSerializerContext;
