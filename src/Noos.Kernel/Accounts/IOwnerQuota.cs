using Noos.Core;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Accounts;

/// <summary>What owners may use of the machine. Thread-safe.</summary>
public interface IOwnerQuota
{
    /// <summary>Before the model works for an owner.</summary>
    /// <exception cref="NoosException">The owner has used up what is allowed (Busy, with the time after which there is more).</exception>
    void RequireTokens(string owner);

    /// <summary>Takes note of what was used by what is in no journal; the journal counts its processes itself.</summary>
    void Spend(string owner, ProcessUsage usage);

    /// <summary>Bytes that the files of an owner's conversations may have together; null for no limit.</summary>
    long? MaxFileBytes(string owner);
}
