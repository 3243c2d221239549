using System.Collections.Immutable;
using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>The decisions that hold now, in memory; where there is a journal they are on its disk. Thread-safe.</summary>
public sealed class PermissionList
{
    ImmutableList<PermissionRule> _all = [];

    /// <summary>All of them, in the order in which they were decided.</summary>
    public IReadOnlyList<PermissionRule> All => _all;

    /// <summary>Puts what the journal says in the place of what was known.</summary>
    public void Load(IEnumerable<PermissionRule> permissions) => _all = [.. permissions];

    /// <summary>Adds a decision that is in no journal.</summary>
    public void Add(PermissionRule permission) => ImmutableInterlocked.Update(ref _all, list => list.Add(permission));

    /// <summary>The decision on an effect: "never" before any other, then the exact one; null if there is none.</summary>
    /// <param name="caller">Who wants it.</param>
    /// <param name="effect">What it wants.</param>
    /// <param name="target">The target, as it is compared.</param>
    internal PermissionRule? Find(Caller caller, Effect effect, string target)
    {
        PermissionRule? found = null;
        foreach (var permission in _all)
        {
            if (permission.Covers(caller, effect, target) && (found is null || Rank(permission) > Rank(found)))
            {
                found = permission;
            }
        }

        return found;
    }

    static int Rank(PermissionRule permission) => !permission.IsGranted ? 2 : permission.IsExact ? 1 : 0;
}
