using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Noos.Core.Text;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Corpus.Archive;
using Noos.Corpus.Batches;
using Noos.Corpus.Cleaning.Duplicates;
using Noos.Corpus.Cleaning.Pages;
using Noos.Corpus.Cleaning.Policies;
using Noos.Corpus.Cleaning.Signals;
using Noos.Corpus.Documents;
using Noos.Language.Tokenization;

namespace Noos.Corpus.Cleaning;

/// <summary>
/// From archives to a corpus: pages with signals (<c>extract</c>, by ranges), pairs of copies (<c>match</c>, by slices of hashes), verdicts
/// of the policies (<c>judge</c>), clusters (<c>cluster</c>, one unit), numbers (<c>tally</c>, <c>summary</c>). Any number of processes may
/// run it on one folder at once (<see cref="WorkFolder"/>); the files that come out are the same to the byte, but for the manifests, which
/// say who worked how long. Memory is bounded by the largest page, the signatures of a range and the keys of a slice.
/// </summary>
public sealed class Cleaner
{
    const int MaxSamples = 1500;
    const int ReasonSamples = 4;
    const int SampleExcerpt = 700;

    readonly CorpusFolder _folder;
    readonly CleanPlan _plan;
    readonly PageTools _tools;
    readonly string _toolsFingerprint;
    readonly IReadOnlyList<CleanPolicy> _policies;
    readonly MatchOptions _matching;
    readonly WorkFolder _work;

    Cleaner(CorpusFolder folder, CleanPlan plan, PageTools tools, string fingerprint, IReadOnlyList<CleanPolicy> policies,
        MatchOptions matching, WorkFolder work) =>
        (_folder, _plan, _tools, _toolsFingerprint, _policies, _matching, _work) =
            (folder, plan, tools, fingerprint, policies, matching, work);

    public int RangeCount => _plan.Ranges.Count;

    /// <summary>Prepares a folder: writes what is given into it, so that further workers need nothing but the folder.</summary>
    /// <exception cref="NoosException">An input is not there or no archive, or the folder has no plan and nothing was given.</exception>
    public static Cleaner Open(string path, CleanOptions options, WorkOptions workOptions, TimeProvider timeProvider)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        var folder = new CorpusFolder(Path.GetFullPath(path));
        var work = new WorkFolder(folder.Root, workOptions, timeProvider);
        var old = CleanPlan.TryRead(folder);
        var plan = old;
        if (options.Inputs.Count > 0)
        {
            plan = (old ?? new CleanPlan([])).Add(folder, options.Inputs, options.RangeBytes);
        }
        else if (old is null)
        {
            throw new NoosException(ErrorKind.NotFound, $"'{path}' is no corpus yet; name the archives that it shall be made of.");
        }

        WriteLines(folder.AddressList, options.Addresses);
        WriteLines(folder.WordList, options.Words);
        WriteLines(folder.Exams, options.Exams);
        if (options.Tokenizer is { } tokenizer)
        {
            _ = Tokenizer.Load(tokenizer);
            var bytes = File.ReadAllBytes(tokenizer);
            AtomicFile.Write(folder.Tokenizer, stream => stream.Write(bytes));
        }

        if (options.Policies is { } policies || !File.Exists(folder.Policies))
        {
            PolicyFile.Write(folder.Policies, options.Policies ?? [CleanPolicy.Train, CleanPolicy.Search]);
        }

        if (plan!.Ranges.Count != old?.Ranges.Count)
        {
            plan.Write(folder);
        }

        var tools = new PageTools
        {
            Addresses = File.Exists(folder.AddressList) ? AddressList.Load(folder.AddressList) : AddressList.Empty,
            Words = File.Exists(folder.WordList) ? WordList.Load(folder.WordList) : WordList.Empty,
            Exams = File.Exists(folder.Exams) ? new NgramIndex(File.ReadLines(folder.Exams)) : NgramIndex.Empty,
            Tokenizer = File.Exists(folder.Tokenizer) ? Tokenizer.Load(folder.Tokenizer) : null,
        };
        var lists = string.Join('\0', new[] { folder.AddressList, folder.WordList, folder.Exams }
            .Select(list => File.Exists(list) ? File.ReadAllText(list) : ""));
        return new Cleaner(
            folder, plan, tools, tools.Fingerprint(lists), PolicyFile.Read(folder.Policies), options.Matching, work);
    }

    /// <summary>Works until the corpus is finished, by this process or others.</summary>
    /// <param name="progress">Told after each unit, on the threads that work.</param>
    /// <param name="cancellationToken">Stops; what is done stays.</param>
    public async Task<CorpusTally> RunAsync(Action<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        foreach (var name in (ReadOnlySpan<string>)["pages", "signatures", "matches", "verdicts", "tallies"])
        {
            Directory.CreateDirectory(_folder.In(name));
        }

        var ranges = _plan.Ranges.Count;
        var extractKeys = _plan.Ranges.Select(range => Key(_toolsFingerprint, range.Path, range.Start, range.End)).ToArray();
        await _work.RunAsync(
            new WorkStage(CleanStages.Extract, ranges, range => extractKeys[range], Extract), progress, cancellationToken);

        var firsts = new long[ranges + 1];
        for (var range = 0; range < ranges; range++)
        {
            firsts[range + 1] = firsts[range] + ManifestOf(CleanStages.Extract, range).Counts[CleanStages.PagesCount];
        }

        var slices = PageMatcher.CountSlices(firsts[^1], _matching);
        var signatures = Generation(CleanStages.Extract, ranges, ".bands", ".sketches");
        await _work.RunAsync(
            new WorkStage(
                CleanStages.Match, slices, slice => Key(signatures, _matching.MinSimilarity, _matching.MaxLeaders, slice, slices),
                (slice, token) => Match(slice, slices, firsts, token)),
            progress, cancellationToken);

        var optOutText = File.Exists(_folder.OptOuts) ? await File.ReadAllTextAsync(_folder.OptOuts, cancellationToken) : "";
        var optOuts = OptOutList.Read(_folder);
        var rules = Convert.ToHexStringLower(XxHash128.Hash([.. PolicyFile.ToJson(_policies), .. Encoding.UTF8.GetBytes(optOutText)]));
        var judgeKeys = Enumerable.Range(0, ranges).Select(range => Key(rules, DigestOf(CleanStages.Extract, range, ".zst"))).ToArray();
        await _work.RunAsync(
            new WorkStage(CleanStages.Judge, ranges, range => judgeKeys[range], (range, token) => Judge(range, optOuts, token)),
            progress, cancellationToken);

        var clusterKey = Key(
            rules, Generation(CleanStages.Match, slices), Generation(CleanStages.Judge, ranges), signatures);
        await _work.RunAsync(
            new WorkStage(CleanStages.Cluster, 1, _ => clusterKey, (_, token) => Cluster(slices, firsts, token)), progress,
            cancellationToken);

        var clusters = Generation(CleanStages.Cluster, 1);
        var tallyKeys = Enumerable.Range(0, ranges).Select(range => Key(clusters, judgeKeys[range], ranges)).ToArray();
        await _work.RunAsync(
            new WorkStage(CleanStages.Tally, ranges, range => tallyKeys[range], (range, token) => Tally(range, firsts, token)), progress,
            cancellationToken);

        var summaryKey = Key(Generation(CleanStages.Tally, ranges));
        await _work.RunAsync(
            new WorkStage(CleanStages.Summary, 1, _ => summaryKey, (_, token) => Summarize(token)), progress, cancellationToken);
        return CorpusTally.Read(_folder.Summary);
    }

    WorkResult Extract(int range, CancellationToken cancellationToken)
    {
        var part = _plan.Ranges[range];
        using var signatures = new SignatureWriter();
        var counts = new Dictionary<string, long>(StringComparer.Ordinal)
        {
            [CleanStages.RecordsCount] = 0,
            [CleanStages.PagesCount] = 0,
        };
        AtomicFile.Write(_folder.In(CorpusFolder.PagesName(range)), stream => PageFile.Write(stream, ReadPages()));
        AtomicFile.Write(_folder.In(CorpusFolder.SketchesName(range)), signatures.WriteSketches);
        AtomicFile.Write(_folder.In(CorpusFolder.BandsName(range)), signatures.WriteBands);
        return new WorkResult(
            [CorpusFolder.PagesName(range), CorpusFolder.SketchesName(range), CorpusFolder.BandsName(range)], counts);

        IEnumerable<PageRecord> ReadPages()
        {
            using var reader = WarcReader.Open(Path.Combine(_folder.Root, part.Path), new WarcReaderOptions
            {
                MaxContentBytes = 2 * _tools.MaxPageBytes,
            });
            var extractor = new PageExtractor(_tools);
            foreach (var (record, metadata) in Captures(reader, part))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Count(CleanStages.RecordsCount);
                var page = extractor.Extract(record, part.Path, metadata, out var reason);
                if (page is null)
                {
                    Count(CleanStages.SkippedPrefix + reason);
                    continue;
                }

                Count(CleanStages.PagesCount);
                signatures.Add(
                    page.Text, ContentDigest.Compute(page.Text), DocumentId.From(page.Host, page.Address).Value,
                    page.FetchedAt?.ToUnixTimeMilliseconds() ?? 0);
                yield return page;
            }

            if (reader.Faults.Count > 0)
            {
                counts["faults"] = reader.Faults.Count;
            }
        }

        void Count(string name) => counts[name] = counts.GetValueOrDefault(name) + 1;
    }

    /// <summary>The answers of a range, each with what a crawl says of it, which stands within the next three records.</summary>
    static IEnumerable<(WarcRecord Record, HeaderList? Metadata)> Captures(WarcReader reader, CleanRange range)
    {
        const int Following = 3;
        WarcRecord? waiting = null;
        foreach (var record in reader.Read(range.Start, range.End, Following))
        {
            var isWithin = record.Offset < range.End;
            if (waiting is not null && record.Type == WarcTypes.Metadata && waiting.Id is { } id
                && record.Headers["WARC-Concurrent-To"] == id)
            {
                yield return (waiting, HeaderList.Parse(Encoding.UTF8.GetString(record.Content.Span).Split('\n')));
                waiting = null;
                continue;
            }

            var isCapture = record.Type is WarcTypes.Response or WarcTypes.Revisit or WarcTypes.Resource or WarcTypes.Conversion;
            if (waiting is not null && (isCapture || !isWithin && record.Type != WarcTypes.Request))
            {
                yield return (waiting, null);
                waiting = null;
            }

            if (isCapture && isWithin)
            {
                waiting = record;
            }
            else if (!isWithin && waiting is null)
            {
                yield break;
            }
        }

        if (waiting is not null)
        {
            yield return (waiting, null);
        }
    }

    WorkResult Match(int slice, int slices, long[] firsts, CancellationToken cancellationToken)
    {
        var matcher = new PageMatcher(
            [.. Enumerable.Range(0, firsts.Length - 1).Select(range => _folder.In(CorpusFolder.BandsName(range)))],
            [.. Enumerable.Range(0, firsts.Length - 1).Select(range => _folder.In(CorpusFolder.SketchesName(range)))], firsts, _matching);
        var matches = matcher.Find(slice, slices, cancellationToken);
        AtomicFile.Write(_folder.In(CorpusFolder.MatchesName(slice)), matches.WriteTo);
        return new WorkResult([CorpusFolder.MatchesName(slice)], new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["near"] = matches.Near.Length,
            ["exact"] = matches.Exact.Length,
            ["superseded"] = matches.Superseded.Length,
            ["unchecked"] = matches.Unchecked,
        });
    }

    WorkResult Judge(int range, AddressList optOuts, CancellationToken cancellationToken)
    {
        var bits = new List<ulong>();
        foreach (var page in PageFile.Read(_folder.In(CorpusFolder.PagesName(range))))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var withdrawn = optOuts.Contains(page.Address) ? 1UL : 0;
            foreach (var policy in _policies)
            {
                var (dropped, noticed) = policy.Judge(page.Signals, page.Language);
                bits.Add(dropped | withdrawn);
                bits.Add(noticed);
            }
        }

        var verdicts = new VerdictFile(_policies.Count, [.. bits]);
        AtomicFile.Write(_folder.In(CorpusFolder.VerdictsName(range)), verdicts.WriteTo);
        return new WorkResult([CorpusFolder.VerdictsName(range)], new Dictionary<string, long>(StringComparer.Ordinal)
        {
            [CleanStages.PagesCount] = verdicts.Pages,
        });
    }

    WorkResult Cluster(int slices, long[] firsts, CancellationToken cancellationToken)
    {
        var builder = new ClusterBuilder(_folder, _policies, firsts);
        AtomicFile.Write(
            _folder.In(CorpusFolder.ClustersName), stream => ClusterFile.Write(stream, builder.Build(slices, cancellationToken)));
        return new WorkResult([CorpusFolder.ClustersName], new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["clusters"] = builder.ClusterCount,
        });
    }

    WorkResult Tally(int range, long[] firsts, CancellationToken cancellationToken)
    {
        // Twice its share: the least hashes of all are nearly always among them.
        var samples = Math.Min(MaxSamples, (2 * MaxSamples / _plan.Ranges.Count) + 100);
        var builder = new TallyBuilder(_policies, samples, ReasonSamples, SampleExcerpt);
        var count = (int)(firsts[range + 1] - firsts[range]);
        var verdicts = VerdictFile.Read(_folder.In(CorpusFolder.VerdictsName(range)));
        var clusters = ClusterFile.Read(_folder.In(CorpusFolder.ClustersName), firsts[range], count);
        var row = 0;
        foreach (var page in PageFile.Read(_folder.In(CorpusFolder.PagesName(range))))
        {
            cancellationToken.ThrowIfCancellationRequested();
            builder.Add(page, verdicts, row, clusters[row], firsts[range] + row);
            row++;
        }

        var json = builder.Finish(ManifestOf(CleanStages.Extract, range).Counts).ToJson();
        AtomicFile.Write(_folder.In(CorpusFolder.TallyName(range)), stream => stream.Write(json));
        return new WorkResult([CorpusFolder.TallyName(range)], new Dictionary<string, long>(StringComparer.Ordinal)
        {
            [CleanStages.PagesCount] = count,
        });
    }

    WorkResult Summarize(CancellationToken cancellationToken)
    {
        var sum = new CorpusTally();
        for (var range = 0; range < _plan.Ranges.Count; range++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sum.Add(CorpusTally.Read(_folder.In(CorpusFolder.TallyName(range))), (MaxSamples, ReasonSamples));
        }

        var json = sum.ToJson();
        AtomicFile.Write(_folder.Summary, stream => stream.Write(json));
        return new WorkResult(
            [Path.GetFileName(_folder.Summary)],
            new Dictionary<string, long>(StringComparer.Ordinal) { [CleanStages.PagesCount] = sum.Pages.Pages });
    }

    WorkManifest ManifestOf(string stage, int unit) => _work.FindManifest(stage, unit) ?? throw new NoosException(
        ErrorKind.Unavailable, $"The manifest {stage}/{unit} of '{_folder.Root}' is gone; run the command again.");

    /// <summary>Names the outputs of a stage by content; those with some endings only, if any are given.</summary>
    string Generation(string stage, int units, params string[] endings)
    {
        var hash = new XxHash128();
        for (var unit = 0; unit < units; unit++)
        {
            foreach (var output in ManifestOf(stage, unit).Outputs)
            {
                if (endings.Length == 0 || Array.Exists(endings, ending => output.Path.EndsWith(ending, StringComparison.Ordinal)))
                {
                    hash.Append(Encoding.ASCII.GetBytes(output.Digest));
                }
            }
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    string DigestOf(string stage, int unit, string ending) =>
        ManifestOf(stage, unit).Outputs.First(output => output.Path.EndsWith(ending, StringComparison.Ordinal)).Digest;

    static string Key(params object[] parts) => Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(
        string.Join('\0', parts.Select(part => Convert.ToString(part, CultureInfo.InvariantCulture))))));

    static void WriteLines(string path, IReadOnlyList<string>? lines)
    {
        if (lines is not null)
        {
            AtomicFile.Write(path, stream =>
                stream.Write(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line.ReplaceLineEndings(" ") + "\n")))));
        }
    }
}
