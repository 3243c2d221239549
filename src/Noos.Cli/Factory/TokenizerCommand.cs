using System.CommandLine;
using Noos.Factory;

namespace Noos.Cli.Factory;

/// <summary><c>noos tokenizer RECIPE</c></summary>
static class TokenizerCommand
{
    public static Command Create()
    {
        var options = new RecipeOptions();
        var command = new CommandWithExamples("tokenizer", "Train the vocabulary of a recipe on its sources.", "noos tokenizer recipes/nano.toml --data data");
        options.AddTo(command, data: true);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (recipe, folder) = options.Read(parsed);
            _ = await CorpusStages.TrainTokenizerAsync(recipe, options.DataFolder(parsed), folder, Console.Out, cancellation);
        });
        return command;
    }
}
