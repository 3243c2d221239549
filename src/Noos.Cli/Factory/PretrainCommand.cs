using System.CommandLine;
using Noos.Core.Settings;
using Noos.Factory.Stages;

namespace Noos.Cli.Factory;

/// <summary><c>noos pretrain RECIPE</c></summary>
static class PretrainCommand
{
    public static Command Create(NoosSettings settings)
    {
        var options = new RecipeOptions(settings);
        var minutes = TimeLimit.Option();
        var command = new CommandWithExamples("pretrain", "Train the base model of a recipe, or go on where the run stopped.",
            "noos pretrain recipes/nano.toml --minutes 60");
        options.AddTo(command, data: false, trains: true);
        command.Options.Add(minutes);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (recipe, folder) = options.Read(parsed);
            using var limit = TimeLimit.After(parsed.GetValue(minutes), cancellationToken);
            var isComplete = await StageCommand.RunAsync(recipe, folder, new PretrainStage(folder), limit.Token);
            StageCommand.Finish(isComplete, $"The base model is trained; see {folder.Pretraining}.", cancellationToken);
        });
        return command;
    }
}
