using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>What the processes of an owner may do on a machine that is not theirs. Thread-safe.</summary>
public interface IOwnerPolicy
{
    /// <summary>
    /// The owner of processes is a guest here: what belongs to whoever owns the machine (files outside a conversation's folder, the index
    /// of them) is closed to them.
    /// </summary>
    bool IsGuest(string owner);

    /// <summary>Whether an owner's processes may use a capability at all; who may not is not asked either.</summary>
    bool MayUse(string owner, Capability capability);
}
