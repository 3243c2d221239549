using System.CommandLine;
using Noos.Factory;

namespace Noos.Cli.Factory;

/// <summary><c>noos make RECIPE</c></summary>
static class MakeCommand
{
    public static Command Create()
    {
        var options = new RecipeOptions();
        var command = new CommandWithExamples(
            "make", "Make a model from its sources: run every stage of a recipe that is missing or stale. Interrupted, it goes on where it stopped.", "noos make recipes/nano.toml --data data");
        options.AddTo(command, data: true);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (recipe, folder) = options.Read(parsed);
            bool made;
            using (var progress = TrainingProgress.ForConsole())
            {
                made = await new RecipeMaker(recipe, folder, () => options.DataFolder(parsed), Console.Out, progress).RunAsync(cancellation);
            }

            if (!made)
            {
                Console.WriteLine("Stopped and saved; the same command goes on from here.");
            }

            return 0;
        });
        return command;
    }
}
