using System.CommandLine;
using Noos.Core.Settings;
using Noos.Factory.Stages;
using Noos.Tools;

namespace Noos.Cli.Factory;

/// <summary><c>noos shards RECIPE</c></summary>
static class ShardsCommand
{
    public static Command Create(NoosSettings settings)
    {
        var options = new RecipeOptions(settings);
        var command = new CommandWithExamples(
            "shards", "Turn the sources of a recipe into shards of tokens.", "noos shards recipes/nano.toml --data data");
        options.AddTo(command, data: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (recipe, folder) = options.Read(parsed);
            var stage = new ShardsStage(
                folder, options.DataFolder(parsed), recipe.Sources.Select(source => source.Name), CourseCatalog.All);
            StageCommand.Finish(
                await StageCommand.RunAsync(recipe, folder, stage, cancellationToken), $"The shards are in {folder.Shards}.",
                cancellationToken);
        });
        return command;
    }
}
