using System.CommandLine;
using Noos.Core.Settings;
using Noos.Factory.Stages;
using Noos.Tools;

namespace Noos.Cli.Factory;

/// <summary><c>noos lessons RECIPE</c></summary>
static class LessonsCommand
{
    public static Command Create(NoosSettings settings)
    {
        var options = new RecipeOptions(settings);
        var command = new CommandWithExamples("lessons", "Collect the conversations that the assistant of a recipe learns from.",
            "noos lessons recipes/nano.toml --data data");
        options.AddTo(command, data: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (recipe, folder) = options.Read(parsed);
            var stage = new LessonsStage(folder, options.DataFolder(parsed), CourseCatalog.All);
            StageCommand.Finish(
                await StageCommand.RunAsync(recipe, folder, stage, cancellationToken), $"The lessons are {folder.Lessons}.",
                cancellationToken);
        });
        return command;
    }
}
