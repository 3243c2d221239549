using System.CommandLine;
using System.Globalization;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Core.Storage;
using Noos.Cpus;
using Noos.Cpus.Library;
using Noos.Inference;

namespace Noos.Cli.Chat;

/// <summary><c>noos rerank QUESTION FILE...</c></summary>
static class RerankCommand
{
    const int ScoreWidth = 8;

    public static Command Create(NoosSettings settings)
    {
        var question = new Argument<string>("question") { Description = "What is asked." };
        var files = new Argument<string[]>("file")
        {
            Description = "Files of text, a document each; without any, each line of standard input is one.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var model = ModelOptions.ModelOption();
        var top = new Option<int?>("--top", "-n") { Description = "Only so many of the best (default: all)." }.AtLeast(1);
        var command = new CommandWithExamples(
            "rerank",
            "Put texts in the order in which they answer a question: a score from 0 to 1 and a text or file a line, the best first.",
            "noos rerank \"Who digs in snow?\" --model jina-reranker-v1-tiny-en < lines.txt",
            "noos rerank \"Who digs in snow?\" notes/*.txt --top 3");
        command.Arguments.Add(question);
        command.Arguments.Add(files);
        foreach (var option in (Option[])[model, top])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var paths = parsed.GetValue(files) ?? [];
            var names = paths.Length > 0 ? paths : await PipedLines.ReadAsync(
                "There is no document; name files after the question, or pipe lines in.", cancellationToken);
            var documents = paths.Length > 0 ? Array.ConvertAll(paths, Read) : names;
            using var reranker = ModelSource.OpenReranker(new NoosOptions
            {
                Model = ModelOptions.Chosen(parsed, model, settings),
                Library = ModelLibraryOptions.From(settings),
                Inference = new InferenceOptions { MaxKernelTier = KernelChoice.Parse(settings.Kernels) },
            });
            var ranking = await reranker.RankAsync(parsed.GetValue(question)!, documents, cancellationToken);
            foreach (var (index, score) in ranking.Documents.Take(parsed.GetValue(top) ?? int.MaxValue))
            {
                Console.Out.WriteLine(
                    $"{score.ToString("F6", CultureInfo.InvariantCulture).PadLeft(ScoreWidth)}  {names[index]}");
            }

            return 0;
        });
        return command;
    }

    static string Read(string path)
    {
        RegularFile.Require(path);
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new NoosException(ErrorKind.NotFound, $"The file '{path}' cannot be read: {e.Message}", e);
        }
    }
}
