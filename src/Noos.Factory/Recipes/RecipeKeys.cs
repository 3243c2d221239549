using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Text;
using Tomlyn.Model;

namespace Noos.Factory.Recipes;

/// <summary>A key that no recipe has would be passed over, so that a model is made with another setting than its recipe says.</summary>
static class RecipeKeys
{
    /// <exception cref="NoosException">There is such a key; the message names it and those that are alike.</exception>
    public static void RequireKnown(TomlTable recipe, string path) => RequireKnown(recipe, path, typeof(Recipe));

    /// <inheritdoc cref="RequireKnown(TomlTable, string)"/>
    /// <param name="recipe">What the file says.</param>
    /// <param name="path">The file.</param>
    /// <param name="type">What it is read as.</param>
    public static void RequireKnown(TomlTable recipe, string path, Type type) => RequireKnown(recipe, type, "", path);

    static void RequireKnown(TomlTable table, Type type, string place, string path)
    {
        var known = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite
                && property.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always })
            .ToDictionary(
                property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name), property => property.PropertyType,
                StringComparer.Ordinal);
        foreach (var (key, value) in table)
        {
            if (!known.TryGetValue(key, out var kind))
            {
                var near = NearestNames.Find(key, known.Keys);
                throw new NoosException(
                    $"The recipe '{path}' has the unknown key '{place}{key}'; "
                    + (near.Count == 0 ? "take it out." : $"did you mean {string.Join(" or ", near.Select(other => $"'{other}'"))}?"));
            }

            switch (value)
            {
                case TomlTable inner:
                    RequireKnown(inner, kind, $"{place}{key}.", path);
                    break;
                case TomlTableArray list when kind.IsGenericType:
                    foreach (var item in list)
                    {
                        RequireKnown(item, kind.GetGenericArguments()[0], $"{place}{key}.", path);
                    }

                    break;
                default:
                    break;
            }
        }
    }
}
