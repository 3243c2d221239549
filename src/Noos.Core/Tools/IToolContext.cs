using Noos.Core.Conversations;

namespace Noos.Core.Tools;

/// <summary>What a tool may use of the system while it runs a call.</summary>
public interface IToolContext
{
    /// <summary>On whose behalf it runs: the same for all calls of one answer.</summary>
    string ProcessId { get; }

    /// <summary>Whose process it is; what is stored for one owner no other gets. Empty where nobody was named.</summary>
    string Owner => "";

    /// <summary>The owner is a guest on this machine: the files and indexes of the person whose it is are not for them.</summary>
    bool IsGuest => false;

    /// <summary>The clock. Tools that depend on the time can be replayed only with this one.</summary>
    TimeProvider TimeProvider { get; }

    /// <summary>
    /// The way to other machines: goes only where the effects of this call go, to public addresses, and limits time and size. Its refusals
    /// are <see cref="NoosException"/>s. Not to be kept after the call.
    /// </summary>
    HttpClient Http { get; }

    /// <summary>The folder of the process, in which it may read and write as it likes; null where it has none.</summary>
    string? Folder { get; }

    /// <summary>
    /// Characters of a result that the model which reads it has room for, beside the question and an answer: what is chosen by worth is
    /// chosen up to there. Null where nobody knows its context window.
    /// </summary>
    int? ResultRoom => null;

    /// <summary>
    /// The least trusted origin of what the process has read so far; null while all of it can be trusted. Whatever outlasts the process is
    /// stored with it, and comes back with it as <see cref="ToolResult.Origin"/>.
    /// </summary>
    Origin? Taint { get; }

    /// <summary>
    /// Shows what the call has to say so far, a piece at a time, to whoever watches: a person, not the model, which reads the result. May
    /// be called from any thread, and costs nothing where nobody watches; what is reported after the call has ended is dropped.
    /// </summary>
    void Report(string output)
    {
    }
}
