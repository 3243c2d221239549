using System.Runtime.CompilerServices;
using Noos.Core;
using Noos.Corpus.Archive;
using Noos.Corpus.Batches;
using Noos.Corpus.Cleaning.Pages;
using Noos.Corpus.Cleaning.Policies;
using Noos.Corpus.Cleaning.Signals;
using Noos.Corpus.Documents;

namespace Noos.Corpus.Cleaning;

/// <summary>
/// Reads a cleaned corpus: the documents that a policy keeps, for training shards and the search index alike, so that one page is one
/// document (<see cref="Document.Id"/>) for both; and the page behind a document as it was fetched. Later opt-outs count at once.
/// </summary>
public sealed class CleanCorpus
{
    readonly CorpusFolder _folder;
    readonly IReadOnlyList<CleanPolicy> _policies;
    readonly long[] _firsts;

    CleanCorpus(CorpusFolder folder, IReadOnlyList<CleanPolicy> policies, long[] firsts) =>
        (_folder, _policies, _firsts) = (folder, policies, firsts);

    /// <exception cref="NoosException">It is none, or was not cleaned to its end.</exception>
    public static CleanCorpus Open(string path)
    {
        var folder = CorpusFolder.Open(path);
        if (!File.Exists(folder.Summary))
        {
            throw new NoosException(ErrorKind.NotFound, $"The corpus '{path}' is not finished; run 'noos clean --out {path}' to its end.");
        }

        var work = new WorkFolder(folder.Root, new WorkOptions(), TimeProvider.System);
        var ranges = CleanPlan.TryRead(folder)!.Ranges.Count;
        var firsts = new long[ranges + 1];
        for (var range = 0; range < ranges; range++)
        {
            var manifest = work.FindManifest(CleanStages.Extract, range) ?? throw new NoosException(
                ErrorKind.NotFound, $"The corpus '{path}' has new archives; run 'noos clean --out {path}' to its end.");
            firsts[range + 1] = firsts[range] + manifest.Counts.GetValueOrDefault(CleanStages.PagesCount);
        }

        return new CleanCorpus(folder, PolicyFile.Read(folder.Policies), firsts);
    }

    /// <summary>Pages in all, kept or not.</summary>
    public long PageCount => _firsts[^1];

    /// <summary>All pages with what was decided, in their order.</summary>
    /// <param name="policy">Its name.</param>
    /// <param name="cancellationToken">Stops between pages.</param>
    /// <exception cref="NoosException">There is no such policy, or a file is damaged.</exception>
    public IEnumerable<JudgedPage> ReadPages(string policy, CancellationToken cancellationToken = default)
    {
        var number = FindPolicy(policy);
        var optOuts = OptOutList.Read(_folder);
        var reasons = _policies[number].Reasons;
        for (var range = 0; range + 1 < _firsts.Length; range++)
        {
            var count = (int)(_firsts[range + 1] - _firsts[range]);
            var verdicts = VerdictFile.Read(_folder.In(CorpusFolder.VerdictsName(range)));
            var clusters = ClusterFile.Read(_folder.In(CorpusFolder.ClustersName), _firsts[range], count);
            if (verdicts.Pages != count)
            {
                throw new NoosException(ErrorKind.Damaged, $"The verdicts of '{_folder.Root}' are not of its pages; clean it again.");
            }

            var row = 0;
            foreach (var page in PageFile.Read(_folder.In(CorpusFolder.PagesName(range))))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var dropped = verdicts.Dropped(row, number) | (optOuts.Contains(page.Address) ? 1UL : 0);
                yield return new JudgedPage(page, clusters[row].Size, CleanStages.ReasonsOf(dropped, clusters[row], number, reasons));
                row++;
            }
        }
    }

    /// <summary>The documents that a policy keeps.</summary>
    /// <param name="policy">Its name: <c>train</c> or <c>search</c>, or one of <c>policies.json</c>.</param>
    /// <param name="masksPersonalData">Mail addresses, telephone numbers and the like are replaced.</param>
    /// <param name="cancellationToken">Stops between documents.</param>
    public async IAsyncEnumerable<Document> ReadAsync(
        string policy, bool masksPersonalData, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        foreach (var page in ReadPages(policy, cancellationToken).Where(page => page.Reasons.Count == 0))
        {
            var document = page.Page.ToDocument();
            yield return masksPersonalData ? document with { Text = PersonalData.Mask(document.Text) } : document;
        }
    }

    /// <summary>What training shards are built from: the documents of the policy <c>train</c>, personal data replaced.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="name">Names the shards.</param>
    public static DocumentSource OpenForTraining(string path, string name) => new(
        name, cancellationToken => Open(path).ReadAsync(CleanPolicy.TrainName, masksPersonalData: true, cancellationToken));

    /// <inheritdoc cref="CorpusFolder.OpenCapture"/>
    public WarcRecord OpenCapture(string capture) => _folder.OpenCapture(capture);

    /// <summary>The page of an address, kept or not, the latest; null where there is none. Reads the corpus.</summary>
    public PageRecord? Find(string address, CancellationToken cancellationToken = default)
    {
        PageRecord? found = null;
        for (var range = 0; range + 1 < _firsts.Length; range++)
        {
            foreach (var page in PageFile.Read(_folder.In(CorpusFolder.PagesName(range))))
            {
                cancellationToken.ThrowIfCancellationRequested();
                found = page.Address == address && (found is null || page.FetchedAt >= found.FetchedAt) ? page : found;
            }
        }

        return found;
    }

    int FindPolicy(string name)
    {
        for (var i = 0; i < _policies.Count; i++)
        {
            if (_policies[i].Name == name)
            {
                return i;
            }
        }

        throw new NoosException(
            ErrorKind.NotFound,
            $"There is no policy '{name}' in '{_folder.Policies}'; it has {string.Join(", ", _policies.Select(policy => policy.Name))}.");
    }
}
