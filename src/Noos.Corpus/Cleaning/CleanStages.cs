using Noos.Corpus.Cleaning.Policies;

namespace Noos.Corpus.Cleaning;

/// <summary>The names of stages and counts, and how reasons are read from files.</summary>
static class CleanStages
{
    public const string Extract = "extract";
    public const string Match = "match";
    public const string Judge = "judge";
    public const string Cluster = "cluster";
    public const string Tally = "tally";
    public const string Summary = "summary";

    public const string RecordsCount = "records";
    public const string PagesCount = "pages";

    /// <summary>In the counts of extraction: what gave no page.</summary>
    public const string SkippedPrefix = "skipped: ";

    // Reasons by bit: the first is a later opt-out, the second a later capture; see CleanPolicy.Reasons.
    const ulong SupersededBit = 2;

    /// <summary>The reasons of a page, in their order.</summary>
    public static List<string> ReasonsOf(ulong dropped, in ClusterEntry cluster, int policy, IReadOnlyList<string> reasons)
    {
        dropped |= cluster.IsSuperseded ? SupersededBit : 0;
        var found = new List<string>();
        for (var i = 0; i < reasons.Count && dropped >> i != 0; i++)
        {
            if ((dropped >> i & 1) != 0)
            {
                found.Add(reasons[i]);
            }
        }

        // Copies were chosen among what all else keeps.
        if (cluster.IsDuplicate(policy))
        {
            found.Add(CleanPolicy.Duplicate);
        }

        if (cluster.IsNearDuplicate(policy))
        {
            found.Add(CleanPolicy.NearDuplicate);
        }

        return found;
    }
}
