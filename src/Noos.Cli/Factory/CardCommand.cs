using System.CommandLine;
using Noos.Factory;

namespace Noos.Cli.Factory;

/// <summary><c>noos card RECIPE</c></summary>
static class CardCommand
{
    public static Command Create()
    {
        var options = new RecipeOptions();
        var to = new Option<string>("--to") { Description = "Folder that holds the exported models; the cards are written beside them.", Required = true };
        var command = new CommandWithExamples("card", "Examine the exported models of a recipe and write their cards.", "noos card recipes/nano.toml --to models");
        options.AddTo(command, data: false);
        command.Options.Add(to);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (recipe, folder) = options.Read(parsed);
            var models = parsed.GetRequiredValue(to);
            CardStage.WriteBase(recipe, folder, Path.Combine(models, Path.GetFileName(folder.BaseModel)));
            await CardStage.WriteAssistantAsync(recipe, folder, Path.Combine(models, Path.GetFileName(folder.Assistant)), Console.Out, cancellation);
            return 0;
        });
        return command;
    }
}
