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
        var rounds = new Option<int>("--rounds")
        {
            Description = "How often every question is asked where answers are drawn: more take longer and say more.",
            DefaultValueFactory = _ => CardStage.UsualRounds,
        };
        rounds.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() is < 1 or > 1000)
            {
                given.AddError("--rounds is a number from 1 to 1,000.");
            }
        });
        var command = new CommandWithExamples(
            "card", "Examine the exported models of a recipe and write their cards.", "noos card recipes/nano.toml --to models",
            "noos card recipes/mini.toml --to models --rounds 5");
        options.AddTo(command, data: false);
        command.Options.Add(to);
        command.Options.Add(rounds);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (recipe, folder) = options.Read(parsed);
            var models = parsed.GetRequiredValue(to);
            var stage = new CardStage(folder, models, CourseCatalog.All, parsed.GetValue(rounds));

            // Always written: these models may be others than those that the record of the recipe knows.
            using var display = StageDisplay.ForConsole();
            await stage.RunAsync(new StageContext(recipe) { Progress = display }, cancellationToken);
            StageCommand.Finish(isComplete: true, $"The cards are in {models}.", cancellationToken);
        });
        return command;
    }
}
