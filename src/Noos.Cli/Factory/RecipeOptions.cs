using System.CommandLine;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Factory.Recipes;
using Noos.Training.Kernels;
using Noos.Training.Torch;

namespace Noos.Cli.Factory;

/// <summary>What every command of the factory takes: a recipe, the data it names, and where results go.</summary>
sealed class RecipeOptions(NoosSettings settings)
{
    const string DataVariable = "NOOS_DATA";

    public Argument<string> Recipe { get; } = new("recipe") { Description = "The recipe, such as recipes/nano.toml." };

    public Option<string?> Data { get; } = new("--data")
    {
        Description = "Folder that holds the sources which the recipe names (default: $" + DataVariable + ").",
    };

    public Option<string?> Out { get; } = new("--out")
    {
        Description = "Folder for all results (default: a folder of the recipe's name in your data folder).",
    };

    public Option<string?> Kernels { get; } = new("--kernels")
    {
        Description = "What computes the training: " + string.Join(", ", ProductOptions.Names) + " (default: what the recipe names, else "
            + "the fastest of this processor). 'cuda' needs an NVIDIA GPU and, in $NOOS_LIBTORCH, the folder of a libtorch made for it. "
            + "A run is resumed with the kernels that began it.",
    };

    /// <param name="command">Receives the options.</param>
    /// <param name="data">Whether it reads the sources.</param>
    /// <param name="trains">Whether it trains.</param>
    public void AddTo(Command command, bool data, bool trains = false)
    {
        if (trains)
        {
            command.Options.Add(Kernels);
        }

        command.Arguments.Add(Recipe);
        command.Options.Add(Out);
        if (data)
        {
            command.Options.Add(Data);
        }
    }

    /// <summary>Trains with the libtorch that the settings name.</summary>
    public void UseLibraries() => LibtorchPackage.Default.OwnLibraries = settings.LibtorchFolder;

    /// <exception cref="NoosException">The recipe cannot be read.</exception>
    public (Recipe Recipe, RecipeFolder Folder) Read(ParseResult parsed)
    {
        var recipe = Noos.Factory.Recipes.Recipe.Read(parsed.GetRequiredValue(Recipe));
        UseLibraries();
        if (parsed.GetResult(Kernels) is not null && parsed.GetValue(Kernels) is { } kernels)
        {
            recipe = recipe.WithKernels(kernels);
        }

        // A run of many hours outlives a clone, so it is kept with the user's own data.
        var root = parsed.GetValue(Out) ?? Path.Combine(settings.UserData.Folder, "runs", recipe.Name);
        return (recipe, new RecipeFolder(Path.GetFullPath(root), recipe.Name));
    }

    /// <exception cref="NoosException">Neither the option nor the variable names a folder, or it is not there.</exception>
    public string DataFolder(ParseResult parsed)
    {
        var folder = parsed.GetValue(Data) ?? settings.SourcesFolder ?? throw new NoosException(
            $"This step reads the sources of the recipe; name the folder that holds them with --data FOLDER or ${DataVariable}.");
        RecipeData.RequireFolder(folder);
        return folder;
    }
}
