using System.CommandLine;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Cpus.Library;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Cli.Models;

/// <summary><c>noos advise IN OUT --temperature T</c></summary>
static class AdviseCommand
{
    public static Command Create(ModelLibrary library)
    {
        var input = new Argument<string>("in")
        {
            Description = "The GGUF model to read, of a split one its first part; or a name that 'noos models' lists.",
        };
        var output = new Argument<string>("out") { Description = "The GGUF file to write." };
        var temperature = Number("--temperature", "0 always takes the likeliest token; higher is more varied.", 2);
        var topK = new Option<int?>("--top-k") { Description = "Choose among so many of the likeliest tokens; 0 or -1 for all." }
            .AtLeast(-1);
        var topP = Number("--top-p", "Choose among the likeliest tokens that together have this probability.", 1);
        var minP = Number("--min-p", "Choose among tokens at least this likely, compared with the likeliest.", 1);
        var command = new CommandWithExamples(
            "advise",
            "Write a copy of a GGUF model that says how its tokens are drawn unless the user says otherwise; its weights stay as they are.",
            "noos advise model.gguf advised.gguf --temperature 0.7 --top-p 0.9");
        command.Arguments.Add(input);
        command.Arguments.Add(output);
        foreach (var option in (Option[])[temperature, topK, topP, minP])
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, _) =>
        {
            var advice = new SamplingAdvice
            {
                Temperature = parsed.GetValue(temperature),
                TopK = parsed.GetValue(topK) is { } candidates ? Math.Max(0, candidates) : null,
                TopP = parsed.GetValue(topP),
                MinP = parsed.GetValue(minP),
            };
            Run(library.Resolve(parsed.GetRequiredValue(input)), parsed.GetRequiredValue(output), advice);
            return Task.FromResult(0);
        });
        return command;
    }

    static void Run(string input, string output, SamplingAdvice advice)
    {
        (string Key, GgufValue? Value)[] changes = [.. advice.ToMetadata()];
        if (changes.Length == 0)
        {
            throw new NoosException("There is no advice; give at least one of --temperature, --top-k, --top-p and --min-p.");
        }

        GgufMetadataEditor.Rewrite(input, output, changes);
        Console.WriteLine($"Wrote {output} ({new FileInfo(output).Length / 1e6:N1} MB).");
    }

    static Option<float?> Number(string name, string description, float max)
    {
        var option = new Option<float?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.TryGetValue<float?>(out var value) && !(value is null || (value >= 0 && value <= max)))
            {
                result.AddError($"The option {name} must be a number from 0 to {max}.");
            }
        });
        return option;
    }
}
