using System.CommandLine;
using Noos.Core;
using Noos.Factory;

namespace Noos.Cli.Factory;

/// <summary>What every command of the factory takes: a recipe, the data it names, and where results go.</summary>
sealed class RecipeOptions
{
    public Argument<string> Recipe { get; } = new("recipe") { Description = "The recipe, such as recipes/nano.toml." };

    public Option<string?> Data { get; } = new("--data") { Description = "Folder that holds the sources which the recipe names (default: $NOOS_DATA)." };

    public Option<string?> Out { get; } = new("--out") { Description = "Folder for all results (default: a folder of the recipe's name in your data folder)." };

    public void AddTo(Command command, bool data)
    {
        command.Arguments.Add(Recipe);
        command.Options.Add(Out);
        if (data)
        {
            command.Options.Add(Data);
        }
    }

    public (Recipe Recipe, RecipeFolder Folder) Read(ParseResult parsed)
    {
        var recipe = Noos.Factory.Recipe.Read(parsed.GetRequiredValue(Recipe));
        return (recipe, RecipeFolder.For(recipe, parsed.GetValue(Out)));
    }

    public string DataFolder(ParseResult parsed) => parsed.GetValue(Data) ?? Environment.GetEnvironmentVariable("NOOS_DATA")
        ?? throw new NoosException("This step reads the sources of the recipe; name the folder that holds them with --data FOLDER or $NOOS_DATA.");
}
