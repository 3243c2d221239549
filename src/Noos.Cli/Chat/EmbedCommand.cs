using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Noos.Cli.Terminal;
using Noos.Core.Settings;
using Noos.Cpus;
using Noos.Cpus.Library;
using Noos.Inference;
using Noos.Language.Architectures;

namespace Noos.Cli.Chat;

/// <summary><c>noos embed TEXT...</c></summary>
static class EmbedCommand
{
    public static Command Create(NoosSettings settings)
    {
        var texts = new Argument<string[]>("text")
        {
            Description = "Texts; without any, each line of standard input is one.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var model = ModelOptions.ModelOption();
        var pooling = new Option<string?>("--pooling")
        {
            Description =
                "What makes one vector of a text's tokens: mean, cls (the first) or last (default: what the model says, else last).",
        };
        pooling.AcceptOnlyFromAmong("mean", "cls", "last");
        var dimensions = new Option<int?>("--dimensions", "-d")
        {
            Description = "Only so many of the first numbers, for models that were trained for it.",
        }.AtLeast(1);
        var command = new CommandWithExamples(
            "embed",
            "Turn texts into vectors of length one: a JSON list a line.",
            "noos embed \"A fox in the snow\" --model qwen3-embedding",
            "noos embed --pooling mean < lines.txt > vectors.jsonl");
        command.Arguments.Add(texts);
        foreach (var option in (Option[])[model, pooling, dimensions])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var given = parsed.GetValue(texts) is { Length: > 0 } words ? words : await PipedLines.ReadAsync(
                "There is no text; write one in quotes after 'noos embed', or pipe lines in.", cancellationToken);
            using var generator = ModelSource.OpenEmbeddings(
                new NoosOptions
                {
                    Model = ModelOptions.Chosen(parsed, model, settings),
                    Library = ModelLibraryOptions.From(settings),
                    Inference = new InferenceOptions { MaxKernelTier = KernelChoice.Parse(settings.Kernels) },
                },
                Kind(parsed.GetValue(pooling)));
            var vectors = await generator.GenerateAsync(
                given, new EmbeddingGenerationOptions { Dimensions = parsed.GetValue(dimensions) }, cancellationToken);
            foreach (var vector in vectors)
            {
                WriteLine(vector.Vector.Span);
            }

            return 0;
        });
        return command;
    }

    static Pooling? Kind(string? name) => name switch
    {
        null => null,
        "mean" => Pooling.Mean,
        "cls" => Pooling.First,
        _ => Pooling.Last,
    };

    static void WriteLine(ReadOnlySpan<float> vector)
    {
        using var line = new MemoryStream();
        using (var writer = new Utf8JsonWriter(line))
        {
            writer.WriteStartArray();
            foreach (var value in vector)
            {
                writer.WriteNumberValue(value);
            }

            writer.WriteEndArray();
        }

        Console.Out.WriteLine(System.Text.Encoding.UTF8.GetString(line.ToArray()));
    }
}
