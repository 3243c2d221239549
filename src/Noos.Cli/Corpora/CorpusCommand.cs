using System.CommandLine;
using System.Globalization;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Core.Storage;
using Noos.Corpus.Cleaning;
using Noos.Corpus.Cleaning.Reports;
using Noos.Corpus.Cleaning.Signals;
using Noos.Corpus.Index;
using Noos.Factory.Provenance;

namespace Noos.Cli.Corpora;

/// <summary><c>noos corpus report|show|opt-out</c></summary>
static class CorpusCommand
{
    public static Command Create(NoosSettings settings)
    {
        var command = new CommandWithExamples(
            "corpus",
            "What is in a corpus of 'noos clean', why pages are dropped, and how one is taken out.",
            "noos corpus report corpus --out report.html",
            "noos corpus show corpus https://example.org/ --as-fetched > page.html",
            "noos corpus opt-out corpus example.org --runs out/nano");
        command.Subcommands.Add(CreateReport());
        command.Subcommands.Add(CreateShow());
        command.Subcommands.Add(CreateOptOut(settings));
        return command;
    }

    static Argument<string> FolderArgument() => new("corpus") { Description = "A folder that 'noos clean' has finished." };

    static CommandWithExamples CreateReport()
    {
        var folder = FolderArgument();
        var output = new Option<FileInfo>("--out", "-o")
        {
            Description = "The file that is written. Default: report.html in the corpus.",
            HelpName = "FILE",
        };
        var price = new Option<double?>("--price")
        {
            Description = "What an hour of one core costs, for the sums; in whichever currency. Default: 0.04.",
            HelpName = "N",
        }.Between(0, 1e6);
        var currency = new Option<string>("--currency")
        {
            Description = "Its sign.",
            HelpName = "SIGN",
            DefaultValueFactory = _ => "$",
        };
        var command = new CommandWithExamples(
            "report",
            "One HTML file: what is kept and dropped by rule, site and language, samples of both side by side, tokens and cost; "
            + "bounds can be moved to see what moves, and written as policies for 'noos clean --policies'.",
            "noos corpus report corpus", "noos corpus report corpus --out report.html --price 0.03 --currency EUR");
        command.Arguments.Add(folder);
        command.Options.Add(output);
        command.Options.Add(price);
        command.Options.Add(currency);
        command.SetAction(parsed =>
        {
            var corpus = CorpusFolder.Open(parsed.GetRequiredValue(folder));
            var path = parsed.GetValue(output)?.FullName ?? corpus.In("report.html");
            var html = CorpusReport.Render(corpus, new CorpusReportOptions
            {
                PricePerCoreHour = parsed.GetValue(price) ?? new CorpusReportOptions().PricePerCoreHour,
                Currency = parsed.GetRequiredValue(currency),
            });
            AtomicFile.Write(path, stream => stream.Write(html));
            Console.Out.WriteLine(path);
        });
        return command;
    }

    static CommandWithExamples CreateShow()
    {
        var folder = FolderArgument();
        var address = new Argument<string>("address") { Description = "Of a page." };
        var asFetched = new Option<bool>("--as-fetched") { Description = "Write the page as it was fetched instead of its text." };
        var command = new CommandWithExamples(
            "show", "Show the text of a page and what was measured and decided, or the page as it was fetched.",
            "noos corpus show corpus https://example.org/", "noos corpus show corpus https://example.org/ --as-fetched > page.html");
        command.Arguments.Add(folder);
        command.Arguments.Add(address);
        command.Options.Add(asFetched);
        command.SetAction((parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(folder);
            var (corpus, wanted) = (CleanCorpus.Open(path), parsed.GetRequiredValue(address));
            var page = corpus.Find(wanted, cancellationToken) ?? throw new NoosException(
                ErrorKind.NotFound, $"There is no page '{wanted}' in the corpus '{path}'.");
            if (parsed.GetValue(asFetched))
            {
                CaptureWriter.Write(corpus.OpenCapture(page.Capture));
                return Task.FromResult(0);
            }

            Console.Out.WriteLine(page.Title ?? page.Address);
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{page.Address}, fetched {page.FetchedAt:yyyy-MM-dd HH:mm}, {page.Language}, {page.Capture}"));
            foreach (var policy in PolicyFile.Read(CorpusFolder.Open(path).Policies))
            {
                var judged = corpus.ReadPages(policy.Name, cancellationToken).Last(other => other.Page.Capture == page.Capture);
                Console.Out.WriteLine(judged.Reasons.Count == 0
                    ? string.Create(CultureInfo.InvariantCulture, $"{policy.Name}: kept, {judged.Copies} of its kind")
                    : $"{policy.Name}: dropped, {string.Join(", ", judged.Reasons)}");
            }

            foreach (var (name, value) in page.Signals.Values)
            {
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-30} {value}"));
            }

            Console.Out.WriteLine($"\n{page.Text}");
            return Task.FromResult(0);
        });
        return command;
    }

    static CommandWithExamples CreateOptOut(NoosSettings settings)
    {
        var folder = FolderArgument();
        var places = new Argument<string[]>("place")
        {
            Description = "Pages (https://example.org/page), parts of sites (example.org/blog/) and sites (example.org).",
            Arity = ArgumentArity.OneOrMore,
        };
        var runs = new Option<string[]>("--runs")
        {
            Description = "Folders of training runs, to say which checkpoints have seen them; several times for several.",
            HelpName = "FOLDER",
        };
        var command = new CommandWithExamples(
            "opt-out",
            "Take pages out that nobody may use any more: from the index of this machine at once, from whatever is read of the corpus "
            + "from now on (shards, index), and list the checkpoints that have seen them.",
            "noos corpus opt-out corpus example.org --runs out/nano");
        command.Arguments.Add(folder);
        command.Arguments.Add(places);
        command.Options.Add(runs);
        command.SetAction(parsed =>
        {
            var corpus = CorpusFolder.Open(parsed.GetRequiredValue(folder));
            var patterns = parsed.GetRequiredValue(places);
            OptOutList.Add(corpus, patterns);
            var list = new AddressList(patterns);
            var index = Path.Combine(settings.UserData.Folder, SearchIndex.FileName);
            var removed = 0;
            if (File.Exists(index))
            {
                using var search = SearchIndex.Open(index);
                removed = search.RemoveWhere(list.Contains);
            }

            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Removed {removed} documents from the index; what is built of the corpus from now on has them no more."));
            foreach (var run in parsed.GetValue(runs) ?? [])
            {
                var count = 0;
                foreach (var exposure in CheckpointDocuments.Find(run, list.Contains))
                {
                    count++;
                    Console.Out.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{exposure.Run}, step {exposure.Step}: has seen {exposure.Documents} of its documents"));
                }

                if (count == 0)
                {
                    Console.Out.WriteLine($"No checkpoint in {run} has seen them.");
                }
            }
        });
        return command;
    }
}
