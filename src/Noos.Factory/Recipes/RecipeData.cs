using Noos.Core;

namespace Noos.Factory.Recipes;

/// <summary>The folder with the public data sets that recipes name.</summary>
public static class RecipeData
{
    const string Where = "recipes/README.md says where to get each and how it is laid out";

    /// <summary>Refuses a folder that is not there.</summary>
    /// <exception cref="NoosException">There is none (<see cref="ErrorKind.NotFound"/>).</exception>
    public static void RequireFolder(string dataFolder)
    {
        if (!Directory.Exists(dataFolder))
        {
            throw new NoosException(
                ErrorKind.NotFound,
                $"There is no data folder '{dataFolder}'; give the folder that holds the recipe's sources with --data: {Where}.");
        }
    }

    /// <summary>Refuses a folder that lacks something of a recipe, before hours of work end where it is first read.</summary>
    /// <exception cref="NoosException">It lacks some, or is not there (<see cref="ErrorKind.NotFound"/>).</exception>
    public static void RequireAll(Recipe recipe, string dataFolder)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        RequireFolder(dataFolder);
        string[] missing =
        [
            .. recipe.Sources.Select(source => (source.Path, In: source.PathIn(dataFolder)))
                .Concat(recipe.Lessons.Sets.Select(set => (set.Path, In: set.PathIn(dataFolder))))
                .Where(file => !Path.Exists(file.In)).Select(file => file.Path).Distinct(StringComparer.Ordinal),
        ];
        if (missing.Length > 0)
        {
            var more = missing.Length > 1 ? $" and {missing.Length - 1} more of the recipe's files" : ", which the recipe names";
            throw new NoosException(ErrorKind.NotFound, $"The data folder '{dataFolder}' lacks {missing[0]}{more}; {Where}.");
        }
    }
}
