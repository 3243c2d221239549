using Noos.Core;
using Noos.Corpus.Rows;
using Noos.Training.Checkpoints;

namespace Noos.Factory.Provenance;

/// <summary>Says which checkpoints of training runs have seen which documents, from what stands beside them.</summary>
public static class CheckpointDocuments
{
    // Pretraining, mid-training, fine-tuning, and what may come; a circle ends too.
    const int MaxRuns = 16;

    // What the weights that a run begins with have seen was seen before its first row.
    const long Before = -1;

    /// <summary>The checkpoints below a folder that have seen documents of some addresses, by run and step.</summary>
    /// <param name="folder">A run, or a folder with runs in it, such as that of a recipe.</param>
    /// <param name="isMeant">Whether an address is meant.</param>
    /// <exception cref="NoosException">There is no such folder, or a list of documents is damaged.</exception>
    public static IEnumerable<CheckpointExposure> Find(string folder, Func<string, bool> isMeant)
    {
        ArgumentNullException.ThrowIfNull(isMeant);
        if (!Directory.Exists(folder))
        {
            throw new NoosException(ErrorKind.NotFound, $"There is no folder '{folder}' with training runs; check its name.");
        }

        var files = Directory.EnumerateFiles(folder, SeenDocuments.FileName, SearchOption.AllDirectories).Order(StringComparer.Ordinal);
        foreach (var run in files.Select(file => Path.GetDirectoryName(file)!))
        {
            var rows = FindRows(run, isMeant, MaxRuns).Values;
            foreach (var state in rows.Count > 0 ? CheckpointStore.List(run) : [])
            {
                // Rows are counted from 0: a state that has consumed n has seen those below n.
                var seen = rows.Count(row => row < state.Rows);
                if (seen > 0)
                {
                    yield return new CheckpointExposure(run, state.Step, seen);
                }
            }
        }
    }

    /// <summary>The documents that are meant, by id, with the first row of the run that has some of each.</summary>
    static Dictionary<string, long> FindRows(string run, Func<string, bool> isMeant, int maxRuns)
    {
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var document in SeenDocuments.Read(run).Where(document => isMeant(document.Address)))
        {
            rows[document.Id] = Math.Min(document.FirstRow, rows.GetValueOrDefault(document.Id, long.MaxValue));
        }

        if (maxRuns > 1 && SeenDocuments.ReadBeginning(run) is { } beginning)
        {
            foreach (var (id, row) in FindRows(beginning.Run, isMeant, maxRuns - 1))
            {
                if (row < beginning.Rows)
                {
                    rows[id] = Before;
                }
            }
        }

        return rows;
    }
}
