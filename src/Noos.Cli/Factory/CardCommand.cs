using System.CommandLine;
using Noos.Core.Settings;
using Noos.Factory.Stages;
using Noos.Tools;

namespace Noos.Cli.Factory;

/// <summary><c>noos card RECIPE</c></summary>
static class CardCommand
{
    public static Command Create(NoosSettings settings)
    {
        var options = new RecipeOptions(settings);
        var to = new Option<string>("--to")
        {
            Description = "Folder that holds the exported models; the cards are written beside them.",
            Required = true,
        };
        var command = new CommandWithExamples(
            "card", "Examine the exported models of a recipe and write their cards.", "noos card recipes/nano.toml --to models");
        options.AddTo(command, data: false);
        command.Options.Add(to);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (recipe, folder) = options.Read(parsed);
            var models = parsed.GetRequiredValue(to);
            var stage = new CardStage(folder, models, CourseCatalog.All);

            // Always written: these models may be others than those that the record of the recipe knows.
            using var display = StageDisplay.ForConsole();
            await stage.RunAsync(new StageContext(recipe) { Progress = display }, cancellationToken);
            StageCommand.Finish(isComplete: true, $"The cards are in {models}.", cancellationToken);
        });
        return command;
    }
}
