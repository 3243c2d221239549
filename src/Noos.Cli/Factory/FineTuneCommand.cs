using System.CommandLine;
using Noos.Factory;

namespace Noos.Cli.Factory;

/// <summary><c>noos sft RECIPE</c></summary>
static class FineTuneCommand
{
    public static Command Create()
    {
        var options = new RecipeOptions();
        var minutes = TimeLimit.Option();
        var command = new CommandWithExamples("sft", "Fine-tune the base model of a recipe on its lessons, or go on where the run stopped.", "noos sft recipes/nano.toml");
        options.AddTo(command, data: false);
        command.Options.Add(minutes);
        command.SetAction((parsed, cancellation) =>
        {
            var (recipe, folder) = options.Read(parsed);
            using var stop = TimeLimit.After(parsed.GetValue(minutes), cancellation);
            bool complete;
            using (var progress = TrainingProgress.ForConsole())
            {
                complete = FineTuneStage.Run(recipe, folder, stop.Token, progress);
            }

            Console.WriteLine(complete ? $"The assistant is trained; see {folder.FineTuning}." : "Stopped and saved; the same command goes on from here.");
            return Task.FromResult(0);
        });
        return command;
    }
}
