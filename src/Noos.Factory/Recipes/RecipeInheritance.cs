using System.Globalization;
using Noos.Core;
using Noos.Core.Storage;
using Tomlyn;
using Tomlyn.Model;

namespace Noos.Factory.Recipes;

/// <summary>
/// A recipe that <c>extends</c> another says only what is different: its keys win, key by key; its tables of a list replace those of the
/// same <c>name</c> or come behind; and what it names in <c>without</c> is taken out of the lists.
/// </summary>
static class RecipeInheritance
{
    const string Extends = "extends";
    const string Without = "without";

    // Nobody writes so many; a circle has no end.
    const int MaxDepth = 8;

    // The list of lessons asks about texts by the names of their sources, so one word takes a text out of everything.
    static readonly string[] s_lists = ["sources", "lessons.sets", "lessons.courses", "mid_train.plain"];

    /// <summary>The text of a recipe with all that it extends.</summary>
    /// <exception cref="NoosException">A recipe extends itself, or takes out what is not there (Invalid).</exception>
    public static string Read(string path)
    {
        RegularFile.Require(path);
        var text = File.ReadAllText(path);
        var whole = Read(path, 0);
        return TomlSerializer.Deserialize<TomlTable>(text)?.ContainsKey(Extends) == true ? TomlSerializer.Serialize(whole) : text;
    }

    static TomlTable Read(string path, int depth)
    {
        RegularFile.Require(path);
        var table = TomlSerializer.Deserialize<TomlTable>(File.ReadAllText(path)) ?? [];
        RecipeKeys.RequireKnown(table, path);
        if (!table.Remove(Extends, out var extended))
        {
            return table.ContainsKey(Without)
                ? throw new NoosException(
                    $"The recipe '{path}' says what it is made 'without' and extends no other; name that one: extends = \"mini.toml\".")
                : table;
        }

        if (depth == MaxDepth)
        {
            throw new NoosException($"The recipe '{path}' extends itself, or too many others; name one that stands for itself.");
        }

        var name = Convert.ToString(extended, CultureInfo.InvariantCulture) ?? "";
        var result = Read(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name), depth + 1);
        table.Remove(Without, out var without);
        foreach (var unwanted in without as TomlArray ?? [])
        {
            TakeOut(result, Convert.ToString(unwanted, CultureInfo.InvariantCulture) ?? "", path);
        }

        Merge(result, table);
        return result;
    }

    static void TakeOut(TomlTable recipe, string name, string path)
    {
        var found = false;
        foreach (var place in s_lists)
        {
            object? value = recipe;
            foreach (var key in place.Split('.'))
            {
                value = value is TomlTable table && table.TryGetValue(key, out var inner) ? inner : null;
            }

            foreach (var item in value is TomlTableArray list ? list.Where(item => IsNamed(item, name)).ToArray() : [])
            {
                found = ((TomlTableArray)value!).Remove(item) || found;
            }
        }

        if (!found)
        {
            throw new NoosException(
                $"The recipe '{path}' is to be made without '{name}', but what it extends has no such source, set or course.");
        }
    }

    static void Merge(TomlTable target, TomlTable source)
    {
        foreach (var (key, value) in source)
        {
            switch (value)
            {
                case TomlTable table when target.TryGetValue(key, out var old) && old is TomlTable inner:
                    Merge(inner, table);
                    break;
                case TomlTableArray list when target.TryGetValue(key, out var old) && old is TomlTableArray inner:
                    foreach (var item in list)
                    {
                        var same = item.TryGetValue("name", out var name)
                            ? inner.FirstOrDefault(other => IsNamed(other, Convert.ToString(name, CultureInfo.InvariantCulture) ?? ""))
                            : null;
                        if (same is null)
                        {
                            inner.Add(item);
                        }
                        else
                        {
                            Merge(same, item);
                        }
                    }

                    break;
                default:
                    target[key] = value;
                    break;
            }
        }
    }

    static bool IsNamed(TomlTable item, string name) => item.TryGetValue("name", out var value) && value is string own && own == name;
}
