using System.CommandLine;
using Noos.Core.Settings;
using Noos.Factory.Stages;
using Noos.Language.Gguf;

namespace Noos.Cli.Factory;

/// <summary><c>noos export RECIPE</c></summary>
static class ExportCommand
{
    public static Command Create(NoosSettings settings)
    {
        var options = new RecipeOptions(settings);
        var to = new Option<string>("--to") { Description = "The GGUF file to write.", Required = true };
        var assistant = new Option<bool>("--assistant") { Description = "Export the fine-tuned assistant instead of the base model." };
        var type = new Option<string>("--type") { Description = "Type of the matrices.", DefaultValueFactory = _ => "q8_0" };
        type.AcceptOnlyFromAmong("f32", "f16", "q8_0");
        var command = new CommandWithExamples(
            "export", "Write the newest checkpoint of a recipe as a GGUF file.", "noos export recipes/nano.toml --to base.gguf");
        options.AddTo(command, data: false);
        command.Options.Add(to);
        command.Options.Add(assistant);
        command.Options.Add(type);
        command.SetAction(parsed =>
        {
            var (recipe, folder) = options.Read(parsed);
            var chat = parsed.GetValue(assistant);
            var path = parsed.GetRequiredValue(to);
            var tensorType = Enum.Parse<GgufTensorType>(parsed.GetRequiredValue(type), ignoreCase: true);
            var step = new ModelExport(recipe, folder).Write(chat, tensorType, path);
            Console.WriteLine($"Wrote {path} (step {step:N0}, {new FileInfo(path).Length / 1e6:f1} MB).");
        });
        return command;
    }
}
