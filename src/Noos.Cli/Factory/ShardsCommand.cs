using System.CommandLine;
using Noos.Factory;

namespace Noos.Cli.Factory;

/// <summary><c>noos shards RECIPE</c></summary>
static class ShardsCommand
{
    public static Command Create()
    {
        var options = new RecipeOptions();
        var command = new CommandWithExamples("shards", "Turn the sources of a recipe into shards of tokens.", "noos shards recipes/nano.toml --data data");
        options.AddTo(command, data: true);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (recipe, folder) = options.Read(parsed);
            await CorpusStages.BuildShardsAsync(recipe, options.DataFolder(parsed), folder, Console.Out, cancellation);
            return 0;
        });
        return command;
    }
}
