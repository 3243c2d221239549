using Noos.Core;
using Noos.Factory.Recipes;
using Noos.Testing;

namespace Noos.Factory.Tests.Recipes;

public sealed class RecipeInheritanceTests : IDisposable
{
    readonly TinyRecipe _base = new();

    public void Dispose() => _base.Dispose();

    [Fact]
    public void Recipe_that_extends_another_says_only_what_is_different()
    {
        _ = _base.Write("steps = 3\nlearning_rate = 0.001", """
            [[lessons.courses]]
            name = "copying"
            count = 7
            [[lessons.courses]]
            name = "facts"
            count = 5
            """);
        var recipe = Recipe.Read(Write("""
            extends = "mini.toml"
            without = ["facts"]
            name = "Other"
            [pretrain]
            steps = 9
            [[sources]]
            name = "stories"
            passes = 2.5
            [[sources]]
            name = "news"
            path = "news.txt"
            """));

        Assert.Equal(("Other", 9L, 0.001), (recipe.Name, recipe.Pretrain.Steps, recipe.Pretrain.LearningRate));
        Assert.Equal(["stories", "news"], recipe.Sources.Select(source => source.Name));
        Assert.Equal(("stories.txt", 2.5), (recipe.Sources[0].Path, recipe.Sources[0].Passes));
        Assert.Contains(recipe.Lessons.Courses, course => course is { Name: "copying", Count: 7 });
        Assert.DoesNotContain(recipe.Lessons.Courses, course => course.Name == "facts");
        Assert.Null(recipe.Extends);
        Assert.Null(recipe.Without);
    }

    [Theory]
    [InlineData("extends = \"other.toml\"", "extends itself")]
    [InlineData("extends = \"mini.toml\"\nwithout = [\"storys\"]", "no such source, set or course")]
    [InlineData("without = [\"stories\"]", "extends no other")]
    [InlineData("extends = \"none.toml\"", "none.toml")]
    [InlineData("extends = \"mini.toml\"\n[pretrain]\nstep = 3", "unknown key 'pretrain.step'")]
    public void Recipe_that_cannot_extend_says_why(string text, string expected)
    {
        _ = _base.Write();

        Assert.Contains(expected, Assert.Throws<NoosException>(() => Recipe.Read(Write(text))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recipe_without_what_other_models_wrote_has_no_trace_of_it()
    {
        var recipe = Recipe.Read(Path.Combine(Repository(), "recipes", "mini-free.toml"));
        var mini = Recipe.Read(Path.Combine(Repository(), "recipes", "mini.toml"));

        Assert.StartsWith("Noos-", recipe.Name, StringComparison.Ordinal);
        Assert.DoesNotContain(recipe.Sources, source => source.Licence!.Contains("Llama", StringComparison.Ordinal));
        Assert.DoesNotContain(recipe.Lessons.Sets, set => set.Licence!.Contains("Llama", StringComparison.Ordinal));
        Assert.DoesNotContain("Llama", recipe.Card.Attribution + recipe.Licence, StringComparison.Ordinal);
        Assert.Equal(mini.Sources.Count - 1, recipe.Sources.Count);
        Assert.Equal(mini.Pretrain.Steps, recipe.Pretrain.Steps);
    }

    static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Noos.slnx")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }

    string Write(string text)
    {
        var path = _base.In("other.toml");
        File.WriteAllText(path, text);
        return path;
    }
}
