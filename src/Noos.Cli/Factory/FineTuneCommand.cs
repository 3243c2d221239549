using System.CommandLine;
using Noos.Core.Settings;
using Noos.Factory.Stages;

namespace Noos.Cli.Factory;

/// <summary><c>noos sft RECIPE</c></summary>
static class FineTuneCommand
{
    public static Command Create(NoosSettings settings)
    {
        var options = new RecipeOptions(settings);
        var minutes = TimeLimit.Option();
        var command = new CommandWithExamples(
            "sft", "Fine-tune the base model of a recipe on its lessons, or go on where the run stopped.", "noos sft recipes/nano.toml");
        options.AddTo(command, data: false, trains: true);
        command.Options.Add(minutes);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (recipe, folder) = options.Read(parsed);
            using var limit = TimeLimit.After(parsed.GetValue(minutes), cancellationToken);
            var isComplete = await StageCommand.RunAsync(recipe, folder, new FineTuneStage(folder), limit.Token);
            StageCommand.Finish(isComplete, $"The assistant is trained; see {folder.FineTuning}.", cancellationToken);
        });
        return command;
    }
}
