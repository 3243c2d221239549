using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Corpus.Batches;
using Noos.Corpus.Cleaning;
using Noos.Corpus.Cleaning.Duplicates;
using Noos.Corpus.Cleaning.Policies;
using Noos.Courses.Examinations;
using Noos.Tools;

namespace Noos.Cli.Corpora;

/// <summary><c>noos clean ARCHIVE... --out CORPUS</c></summary>
static class CleanCommand
{
    static readonly CleanOptions s_default = new();
    static readonly WorkOptions s_work = new();

    public static Command Create()
    {
        var inputs = new Argument<string[]>("archive")
        {
            Description = "WARC and WET files, folders with some, folders of crawls. Without any, a corpus that was begun is worked on.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var output = new Option<string>("--out", "-o")
        {
            Description = "The folder of the corpus. The same again goes on there, and takes what is new in the archives.",
            HelpName = "FOLDER",
            Required = true,
        };
        var threads = new Option<int?>("--workers")
        {
            Description = "Threads of this process. More processes, here or elsewhere, may run the same command at the same time. Default: "
                + "the processors of this machine.",
            HelpName = "N",
        }.AtLeast(1);
        var rangeSize = MemorySizeOption.Create("--range-size", "Bytes of an archive that one worker takes at a time. Default: 64M.");
        var languages = new Option<string[]>("--language")
        {
            Description = "Languages that training keeps (ISO 639-1: en, de); several times for several. Default: all.",
            HelpName = "LANGUAGE",
        };
        var tokenizer = new Option<FileInfo?>("--tokenizer")
        {
            Description = "A tokenizer.json to count tokens with. Default: an estimate of four bytes a token.",
            HelpName = "FILE",
        };
        var addresses = List("--url-list", "A list of sites, pages and *words* of addresses that no policy keeps, one on a line.");
        var words = List("--word-list", "A list of words of which training keeps no page with many, one on a line.");
        var exams = List("--exams", "Questions and passages, one on a line, whose wordings training must not hold, beside those of Noos.");
        var policies = List("--policies", "Policies with their rules and bounds, such as the report writes. Default: train and search.");
        var similarity = new Option<double?>("--similarity")
        {
            Description = string.Create(
                CultureInfo.InvariantCulture,
                $"From which similarity two texts are near-duplicates, from 0 to 1. Default: {s_default.Matching.MinSimilarity}."),
            HelpName = "N",
        }.Between(0, 1);
        var lease = new Option<double?>("--lease")
        {
            Description = string.Create(
                CultureInfo.InvariantCulture,
                $"Seconds after which the work of a worker that has died is taken over. Default: {s_work.LeaseTime.TotalSeconds}."),
            HelpName = "SECONDS",
        }.Between(0.1, 86_400);
        var worker = new Option<string?>("--worker")
        {
            Description = "The name of this process among the workers, such as $SLURM_ARRAY_TASK_ID or $JOB_COMPLETION_INDEX. Default: "
                + "machine and process.",
            HelpName = "NAME",
        };
        var command = new CommandWithExamples(
            "clean",
            "Make a corpus of archives: text without its frame, languages, the measures of Gopher, C4 and FineWeb, personal data, "
            + "copies and near copies; and two policies on them, strict for training and loose for search. Nothing is deleted: every page "
            + "keeps its reasons. Can be killed at any time, and shared by any number of processes over a shared folder.",
            "noos clean crawl --out corpus",
            "noos clean data/cc --out corpus --language en --url-list bad-sites.txt --tokenizer nano/tokenizer.json",
            "noos clean --out /shared/corpus --worker $SLURM_ARRAY_TASK_ID",
            "noos clean --out corpus --policies policies.json");
        command.Arguments.Add(inputs);
        foreach (var option in (ReadOnlySpan<Option>)
            [output, threads, rangeSize, languages, tokenizer, addresses, words, exams, policies, similarity, lease, worker])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetRequiredValue(output);
            var isNew = !CorpusFolder.Exists(folder);
            var given = ReadLines(parsed.GetValue(exams));
            var options = new CleanOptions
            {
                Inputs = parsed.GetValue(inputs) ?? [],
                RangeBytes = parsed.GetValue(rangeSize) ?? s_default.RangeBytes,
                Tokenizer = parsed.GetValue(tokenizer)?.FullName,
                Addresses = ReadLines(parsed.GetValue(addresses)),
                Words = ReadLines(parsed.GetValue(words)),
                // What a worker joins has its examinations already, maybe of another version.
                Exams = isNew || given is not null ? [.. new ExamGuard(CourseCatalog.All).Wordings, .. given ?? []] : null,
                Policies = PoliciesFor(parsed.GetValue(policies), parsed.GetValue(languages), new CorpusFolder(folder), isNew),
                Matching = new MatchOptions
                {
                    MinSimilarity = parsed.GetValue(similarity) ?? s_default.Matching.MinSimilarity,
                },
            };
            var cleaner = Cleaner.Open(
                folder, options, new WorkOptions
                {
                    Worker = parsed.GetValue(worker) ?? WorkerName(Environment.ProcessId),
                    Threads = parsed.GetValue(threads) ?? Environment.ProcessorCount,
                    LeaseTime = TimeSpan.FromSeconds(parsed.GetValue(lease) ?? s_work.LeaseTime.TotalSeconds),
                    IsGone = IsGone,
                },
                TimeProvider.System);
            var line = ProgressLine.OnError();
            var shown = new Lock();
            var tally = await cleaner.RunAsync(
                progress =>
                {
                    lock (shown)
                    {
                        line.Show(new ProgressState(
                            progress.Done, progress.Units,
                            string.Create(CultureInfo.InvariantCulture, $"{progress.Done} of {progress.Units}"), Text: progress.Stage));
                    }
                },
                cancellationToken);
            line.Clear();
            Console.Out.WriteLine(Describe(tally));
            return 0;
        });
        return command;
    }

    static Option<FileInfo?> List(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

    static string[]? ReadLines(FileInfo? file)
    {
        if (file is null)
        {
            return null;
        }

        RegularFile.Require(file.FullName);
        return file.Exists
            ? File.ReadAllLines(file.FullName)
            : throw new NoosException(ErrorKind.NotFound, $"There is no list '{file}'; check its name.");
    }

    static IReadOnlyList<CleanPolicy>? PoliciesFor(
        FileInfo? file, string[]? languages, CorpusFolder folder, bool isNew)
    {
        var policies = file is not null ? PolicyFile.Read(file.FullName)
            : languages is not { Length: > 0 } ? null
            : isNew || !File.Exists(folder.Policies)
                ? [CleanPolicy.Train, CleanPolicy.Search]
                : PolicyFile.Read(folder.Policies);
        return policies is null || languages is not { Length: > 0 } ? policies
            : [.. policies.Select(policy => policy.Name == CleanPolicy.TrainName
                ? policy with { Languages = languages } : policy)];
    }

    static string WorkerName(int process) => string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{process}");

    /// <summary>Whether a worker of this machine is no more; of others nobody knows.</summary>
    static bool IsGone(string owner)
    {
        var prefix = Environment.MachineName + "-";
        if (!owner.StartsWith(prefix, StringComparison.Ordinal)
            || !int.TryParse(owner.AsSpan(prefix.Length).ToString().Split('.')[0], CultureInfo.InvariantCulture, out var id))
        {
            return false;
        }

        try
        {
            using var process = Process.GetProcessById(id);
            return process.HasExited;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    static string Describe(CorpusTally tally)
    {
        var skipped = tally.Skipped.Values.Sum();
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{tally.Records:N0} answers: {tally.Pages.Pages:N0} pages with {tally.Pages.Tokens:N0} tokens, {skipped:N0} without a page.");
        foreach (var (reason, count) in tally.Skipped.OrderByDescending(pair => pair.Value).Take(8))
        {
            text += string.Create(CultureInfo.InvariantCulture, $"\n  {count,9:N0}  {reason}");
        }

        foreach (var policy in tally.Policies)
        {
            text += string.Create(
                CultureInfo.InvariantCulture,
                $"\nFor {policy.Name}: {policy.Kept.Pages:N0} pages with {policy.Kept.Tokens:N0} tokens are kept. Dropped:");
            foreach (var reason in policy.Reasons.Where(reason => reason.First.Pages > 0).OrderByDescending(reason => reason.First.Pages))
            {
                text += string.Create(CultureInfo.InvariantCulture, $"\n  {reason.First.Pages,9:N0}  {reason.Name}");
            }
        }

        return text;
    }
}
