using System.CommandLine;
using Noos.Core.Settings;
using Noos.Factory.Stages;
using Noos.Tools;

namespace Noos.Cli.Factory;

/// <summary><c>noos tokenizer RECIPE</c></summary>
static class TokenizerCommand
{
    public static Command Create(NoosSettings settings)
    {
        var options = new RecipeOptions(settings);
        var command = new CommandWithExamples(
            "tokenizer", "Train the vocabulary of a recipe on its sources.", "noos tokenizer recipes/nano.toml --data data");
        options.AddTo(command, data: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (recipe, folder) = options.Read(parsed);
            var stage = new TokenizerStage(folder, options.DataFolder(parsed), CourseCatalog.All);
            StageCommand.Finish(
                await StageCommand.RunAsync(recipe, folder, stage, cancellationToken), $"The vocabulary is {folder.Tokenizer}.",
                cancellationToken);
        });
        return command;
    }
}
