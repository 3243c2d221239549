namespace Noos.Kernel.Journaling;

/// <summary>
/// The way from the beginning of a process to where it is. Every <see cref="Branched"/> goes on from an earlier event, so what a process is
/// comes from stretches of its events, with others between that belong to other branches.
/// </summary>
static class BranchPath
{
    /// <summary>The stretches in their order; one alone where nothing has branched.</summary>
    /// <param name="branches">All of the process, in their order.</param>
    /// <param name="until">The last event that is read.</param>
    public static IReadOnlyList<BranchStretch> Find(IReadOnlyList<(long Id, Branched Event)> branches, long until)
    {
        var stretches = new List<BranchStretch>();
        var last = branches.Count - 1;
        while (true)
        {
            // The last branching before the end says where this stretch begins, and up to where the one before it goes.
            while (last >= 0 && branches[last].Id > until)
            {
                last--;
            }

            if (last < 0)
            {
                stretches.Add(new BranchStretch(0, until, Begin: null));
                break;
            }

            var (id, branched) = branches[last];
            stretches.Add(new BranchStretch(id, until, branched));
            until = branched.At;
        }

        stretches.Reverse();
        return stretches;
    }
}

/// <summary>Events that follow each other on a branch.</summary>
/// <param name="After">Those behind this one.</param>
/// <param name="Until">The last.</param>
/// <param name="Begin">What happened between the stretch before and this one; null for the first.</param>
readonly record struct BranchStretch(long After, long Until, Branched? Begin);
