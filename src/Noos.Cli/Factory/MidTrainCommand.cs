using System.CommandLine;
using Noos.Core.Settings;
using Noos.Factory.Stages;
using Noos.Tools;

namespace Noos.Cli.Factory;

/// <summary><c>noos midtrain RECIPE</c></summary>
static class MidTrainCommand
{
    public static Command Create(NoosSettings settings)
    {
        var options = new RecipeOptions(settings);
        var minutes = TimeLimit.Option();
        var command = new CommandWithExamples(
            "midtrain",
            "Go on training the base model of a recipe with lessons among its text and a falling rate, or go on where the run stopped.",
            "noos midtrain recipes/mini.toml --minutes 60");
        options.AddTo(command, data: false, trains: true);
        command.Options.Add(minutes);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (recipe, folder) = options.Read(parsed);
            using var limit = TimeLimit.After(parsed.GetValue(minutes), cancellationToken);
            var isComplete = await StageCommand.RunAsync(recipe, folder, new MidTrainStage(folder, CourseCatalog.All), limit.Token);
            StageCommand.Finish(isComplete, $"The base model has had its lessons; see {folder.MidTraining}.", cancellationToken);
        });
        return command;
    }
}
