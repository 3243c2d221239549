using System.CommandLine;
using Noos.Factory;

namespace Noos.Cli.Factory;

/// <summary><c>noos pretrain RECIPE</c></summary>
static class PretrainCommand
{
    public static Command Create()
    {
        var options = new RecipeOptions();
        var minutes = TimeLimit.Option();
        var command = new CommandWithExamples("pretrain", "Train the base model of a recipe, or go on where the run stopped.", "noos pretrain recipes/nano.toml --minutes 60");
        options.AddTo(command, data: false);
        command.Options.Add(minutes);
        command.SetAction((parsed, cancellation) =>
        {
            var (recipe, folder) = options.Read(parsed);
            using var stop = TimeLimit.After(parsed.GetValue(minutes), cancellation);
            bool complete;
            using (var progress = TrainingProgress.ForConsole())
            {
                complete = PretrainStage.Run(recipe, folder, stop.Token, progress);
            }

            Console.WriteLine(complete ? $"The base model is trained; see {folder.Pretraining}." : "Stopped and saved; the same command goes on from here.");
            return Task.FromResult(0);
        });
        return command;
    }
}
