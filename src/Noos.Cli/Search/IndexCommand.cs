using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Noos.Cli.Corpora;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Corpus.Cleaning;
using Noos.Corpus.Encyclopedias;
using Noos.Corpus.Index;
using Noos.Tools.Search;

namespace Noos.Cli.Search;

/// <summary><c>noos index add|list|show|remove|embed</c></summary>
static class IndexCommand
{
    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static Command Create(NoosSettings settings)
    {
        var command = new CommandWithExamples(
            "index",
            "What 'noos search' and the model find on this machine: files, folders and pages that you add. It lies in "
            + $"{SearchIndex.FileName} in the home folder.",
            "noos index add notes.md ~/documents",
            "noos index add https://example.org/manual.txt",
            "noos index list",
            "noos index remove ~/documents");
        command.Subcommands.Add(CreateAdd(settings));
        command.Subcommands.Add(CreateList(settings));
        command.Subcommands.Add(CreateShow(settings));
        command.Subcommands.Add(CreateRemove(settings));
        command.Subcommands.Add(CreateEmbed(settings));
        return command;
    }

    static CommandWithExamples CreateAdd(NoosSettings settings)
    {
        var places = new Argument<string[]>("place")
        {
            Description = "Files, folders, addresses of pages, and corpora of 'noos clean'. What was added before is brought up to date.",
            Arity = ArgumentArity.OneOrMore,
        };
        var network = new NetworkOptions();
        var command = new CommandWithExamples(
            "add", "Add files, all files of folders, pages, or what a cleaned corpus has for search.",
            "noos index add notes.md ~/documents", "noos index add https://example.org/a.txt", "noos index add corpus");
        command.Arguments.Add(places);
        foreach (var option in network.All)
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var index = SearchIndex.Open(PathOf(settings));
            using var egress = network.Egress(parsed, SearchOptions.From(settings));
            using var http = egress.CreateClient();
            var progress = ProgressLine.OnError();
            var adder = new IndexAdder(index, http, progress);
            var change = default(IndexChange);
            foreach (var place in parsed.GetRequiredValue(places))
            {
                change += await adder.AddAsync(place, cancellationToken);
            }

            progress.Clear();
            Console.Out.WriteLine(Describe(change));
            return adder.Faults == 0 ? 0 : ErrorKind.Invalid.ExitCode();
        });
        return command;
    }

    static CommandWithExamples CreateList(NoosSettings settings)
    {
        var json = new Option<bool>("--json") { Description = "Write one line of JSON for each file or page." };
        var command = new CommandWithExamples("list", "List what was added.", "noos index list", "noos index list --json");
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            IReadOnlyList<IndexEntry> entries = [];
            if (File.Exists(PathOf(settings)))
            {
                using var index = SearchIndex.OpenRead(PathOf(settings));
                entries = index.List();
            }

            foreach (var entry in entries)
            {
                Console.Out.WriteLine(parsed.GetValue(json)
                    ? JsonSerializer.Serialize(entry, s_json)
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"{entry.Place}  {entry.Title}, {entry.Passages} passages, {entry.Added.ToLocalTime():yyyy-MM-dd}"));
            }

            if (entries.Count == 0 && !parsed.GetValue(json))
            {
                Console.Error.WriteLine("Nothing was added yet; add files with 'noos index add'.");
            }
        });
        return command;
    }

    static CommandWithExamples CreateShow(NoosSettings settings)
    {
        var address = new Argument<string>("address") { Description = "The address of a document, as a search shows it." };
        var number = new Option<int?>("--passage", "-p") { Description = "Only this passage, from 1." }.AtLeast(1);
        var asFetched = new Option<bool>("--as-fetched")
        {
            Description = "Write the page as it was fetched, from the archive of its corpus, instead of its text.",
        };
        var command = new CommandWithExamples(
            "show", "Show the passages of a document as they were read: what a citation leads to.",
            "noos index show \"wordnet:George Washington\" --passage 1",
            "noos index show https://example.org/ --as-fetched > page.html");
        command.Arguments.Add(address);
        command.Options.Add(number);
        command.Options.Add(asFetched);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wanted = parsed.GetRequiredValue(address);
            using var index = File.Exists(PathOf(settings)) ? SearchIndex.OpenRead(PathOf(settings)) : null;
            if (parsed.GetValue(asFetched))
            {
                WriteAsFetched(index, wanted);
                return 0;
            }

            using var articles = await Encyclopedia.OpenAsync(EncyclopediaLocation.From(settings), cancellationToken);
            string[] addresses = wanted.Contains("://", StringComparison.Ordinal) ? [wanted] : [wanted, Path.GetFullPath(wanted)];
            var passages = addresses.SelectMany(one => new[] { index, articles }.OfType<SearchIndex>().Select(each => Read(each, one)))
                .FirstOrDefault(found => found.Count > 0) ?? throw new NoosException(
                    ErrorKind.NotFound, $"There is no document '{wanted}' in the index; 'noos search' shows addresses.");
            if (parsed.GetValue(number) is { } only)
            {
                passages = only >= 1 && only <= passages.Count ? [passages[only - 1]] : throw new NoosException(
                    ErrorKind.NotFound, string.Create(
                        CultureInfo.InvariantCulture, $"'{wanted}' has {passages.Count} passages, and {only} is none of them."));
            }

            Console.Out.WriteLine(passages[0].Title);
            foreach (var passage in passages)
            {
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{passage.Number}\n{passage.Text}"));
            }

            return 0;
        });
        return command;
    }

    static void WriteAsFetched(SearchIndex? index, string address)
    {
        var (corpus, capture) = index?.FindCapture(address) ?? throw new NoosException(
            ErrorKind.NotFound, $"'{address}' was not added from a corpus, so that nothing of it is kept as it was fetched.");
        CaptureWriter.Write(CleanCorpus.Open(corpus).OpenCapture(capture));
    }

    static CommandWithExamples CreateRemove(NoosSettings settings)
    {
        var places = new Argument<string[]>("place")
        {
            Description = "Files, folders and addresses, as 'noos index list' shows them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new CommandWithExamples(
            "remove", "Remove what was added. The files themselves stay.", "noos index remove notes.md", "noos index remove ~/documents");
        command.Arguments.Add(places);
        command.SetAction(parsed =>
        {
            if (!File.Exists(PathOf(settings)))
            {
                throw new NoosException(ErrorKind.NotFound, "Nothing was added yet; add files with 'noos index add'.");
            }

            using var index = SearchIndex.Open(PathOf(settings));
            foreach (var place in parsed.GetRequiredValue(places))
            {
                var removed = index.Remove(IndexAdder.IsPage(place) ? place : Path.GetFullPath(place));
                Console.Out.WriteLine(removed > 0
                    ? string.Create(CultureInfo.InvariantCulture, $"Removed {removed} documents of {place}.")
                    : throw new NoosException(
                        ErrorKind.NotFound, $"'{place}' was not added; 'noos index list' shows what was."));
            }
        });
        return command;
    }

    static CommandWithExamples CreateEmbed(NoosSettings settings)
    {
        var model = new Argument<string>("model") { Description = "An embedding model, by name or file." };
        var command = new CommandWithExamples(
            "embed",
            "Make vectors of all passages, those of the encyclopedia too, so that 'noos search --embeddings MODEL' ranks by meaning. "
            + "What is "
            + "made is kept when it is stopped.",
            "noos index embed qwen3-embedding");
        command.Arguments.Add(model);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var generator = EmbeddingsOption.Open(parsed.GetRequiredValue(model), settings);
            string?[] paths =
            [
                File.Exists(PathOf(settings)) ? PathOf(settings) : null,
                await Encyclopedia.PrepareAsync(EncyclopediaLocation.From(settings), cancellationToken),
            ];
            var progress = ProgressLine.OnError();
            var made = 0;
            foreach (var path in paths.OfType<string>())
            {
                using var index = SearchIndex.Open(path);
                made += await PassageVectors.AddAsync(
                    index, generator, new PassageProgress(progress), cancellationToken);
            }

            progress.Clear();
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Made {made} vectors."));
            return 0;
        });
        return command;
    }

    static string PathOf(NoosSettings settings) => Path.Combine(settings.UserData.Folder, SearchIndex.FileName);

    static List<Passage> Read(SearchIndex index, string address)
    {
        var passages = new List<Passage>();
        while (index.Find(address, passages.Count + 1) is { } next)
        {
            passages.Add(next);
        }

        return passages;
    }

    static string Describe(IndexChange change) => string.Create(
        CultureInfo.InvariantCulture,
        $"{change.Added} documents added, {change.Updated} updated, {change.Unchanged} unchanged"
        + $"{(change.Removed > 0 ? $", {change.Removed} removed" : "")}.");

    /// <summary>Shown as it is told, in the order in which it is told.</summary>
    sealed class PassageProgress(ProgressLine line) : IProgress<(int Made, int All)>
    {
        public void Report((int Made, int All) value) => line.Show(new ProgressState(value.Made, value.All, Text: "passages"));
    }
}
