using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Corpus.Index;
using Noos.Tools.Search;

namespace Noos.Cli.Search;

/// <summary><c>noos search "..."</c></summary>
static class SearchCommand
{
    const int MaxResults = 50;

    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static Command Create(NoosSettings settings)
    {
        var words = new Argument<string[]>("question")
        {
            Description = "A question or a few words; several words need no quotes.",
            Arity = ArgumentArity.OneOrMore,
        };
        var sources = new Option<string[]>("--source", "-s")
        {
            Description =
                $"Where to look: {string.Join(", ", SearchSources.Names)}; can be given several times (default: $NOOS_SEARCH, else this "
                + "machine, and Wikipedia or what $NOOS_SEARXNG and $BRAVE_API_KEY name).",
        };
        sources.AcceptOnlyFromAmong([.. SearchSources.Names]);
        var limit = new Option<int>("--limit", "-n") { Description = "How many results.", DefaultValueFactory = _ => 5 };
        limit.Validators.Add(result =>
        {
            if (result.TryGetValue<int>(out var count) && count is < 1 or > MaxResults)
            {
                result.AddError($"--limit must be from 1 to {MaxResults}.");
            }
        });
        var json = new Option<bool>("--json") { Description = "Write one result a line as JSON." };
        var network = new NetworkOptions();
        var embeddings = new EmbeddingsOption();
        var command = new CommandWithExamples(
            "search",
            "Search this machine (your files that 'noos index add' knows, and an encyclopedia) and the web. Each result is a passage as it "
            + "was read, with its title, address and date.",
            "noos search \"Who was the first president of the United States?\"",
            "noos search --source local --limit 3 tallest animal",
            "noos search --json capital of Cuba");
        command.Arguments.Add(words);
        foreach (var option in (Option[])[sources, limit, json, embeddings.Option, .. network.All])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var query = SearchQuery.Parse(string.Join(' ', parsed.GetRequiredValue(words)));
            if (query.IsEmpty)
            {
                throw new NoosException("There is no word to search for; write a question or a few words.");
            }

            using var generator = embeddings.Open(parsed, settings);
            var options = SearchOptions.From(settings) with { Embeddings = generator };
            options = parsed.GetValue(sources) is { Length: > 0 } chosen ? options with { Sources = chosen } : options;
            var asked = SearchSources.Create(options);
            using var egress = network.Egress(parsed, options);
            using var http = egress.CreateClient();
            try
            {
                var report = await new WebSearch(asked).SearchAsync(query, parsed.GetValue(limit), http, cancellationToken);
                return Write(report, parsed.GetValue(json));
            }
            finally
            {
                foreach (var source in asked.OfType<IDisposable>())
                {
                    source.Dispose();
                }
            }
        });
        return command;
    }

    static int Write(SearchReport report, bool isJson)
    {
        foreach (var fault in report.Faults)
        {
            Console.Error.WriteLine(fault);
        }

        for (var i = 0; i < report.Results.Count; i++)
        {
            if (isJson)
            {
                var line = new ResultLine(report.Results[i].ToCitation(i + 1), report.Results[i].Text);
                Console.Out.WriteLine(JsonSerializer.Serialize(line, s_json));
            }
            else
            {
                Console.Out.WriteLine($"{(i > 0 ? "\n" : "")}{Describe(report.Results[i], i + 1)}");
            }
        }

        if (report.Results.Count == 0 && !report.HasFailed)
        {
            Console.Error.WriteLine("Nothing was found.");
        }

        return report.HasFailed ? ErrorKind.Unavailable.ExitCode() : 0;
    }

    static string Describe(SearchResult result, int number)
    {
        var about = new[]
        {
            result.Address, result.Date is { } date ? ResultDate.Format(date) : null,
            result.Passage is { } passage ? string.Create(CultureInfo.InvariantCulture, $"passage {passage}") : null, result.Licence,
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"[{number}] {result.Title}\n    {string.Join(", ", about.OfType<string>())}\n    {result.Text.ReplaceLineEndings("\n    ")}");
    }

    /// <summary>One result as JSON.</summary>
    sealed record ResultLine(Core.Conversations.Citation Citation, string Text);
}
