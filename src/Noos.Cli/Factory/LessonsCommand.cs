using System.CommandLine;
using Noos.Factory;

namespace Noos.Cli.Factory;

/// <summary><c>noos lessons RECIPE</c></summary>
static class LessonsCommand
{
    public static Command Create()
    {
        var options = new RecipeOptions();
        var command = new CommandWithExamples("lessons", "Collect the conversations that the assistant of a recipe learns from.", "noos lessons recipes/nano.toml --data data");
        options.AddTo(command, data: true);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (recipe, folder) = options.Read(parsed);
            foreach (var count in await LessonsStage.RunAsync(recipe, options.DataFolder(parsed), folder, cancellation))
            {
                Console.WriteLine($"{count.Name}: {count.Written:N0} conversations ({count.Duplicates:N0} duplicates and {count.Forbidden:N0} of examinations left out)");
            }

            Console.WriteLine($"Wrote {folder.Lessons}.");
        });
        return command;
    }
}
