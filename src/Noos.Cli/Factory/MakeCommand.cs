using System.CommandLine;
using Noos.Core.Settings;
using Noos.Factory.Recipes;
using Noos.Tools;

namespace Noos.Cli.Factory;

/// <summary><c>noos make RECIPE</c></summary>
static class MakeCommand
{
    public static Command Create(NoosSettings settings)
    {
        var options = new RecipeOptions(settings);
        var command = new CommandWithExamples(
            "make",
            "Make a model from its sources: run every stage of a recipe that is missing or stale. "
            + "Interrupted, it goes on where it stopped.",
            "noos make recipes/nano.toml --data data");
        options.AddTo(command, data: true, trains: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (recipe, folder) = options.Read(parsed);
            var data = options.DataFolder(parsed);
            RecipeData.RequireAll(recipe, data);
            var maker = RecipeMaker.Create(recipe, folder, data, CourseCatalog.All);
            var isComplete = await StageCommand.RunAsync(recipe, maker, cancellationToken);
            StageCommand.Finish(isComplete, $"The models and their cards are in {folder.Models}.", cancellationToken);
        });
        return command;
    }
}
