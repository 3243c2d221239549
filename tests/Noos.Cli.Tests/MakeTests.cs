using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary>The whole life of a very small model, by the real program.</summary>
public sealed class MakeTests(Terminal terminal) : IClassFixture<Terminal>, IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Make_goes_from_text_to_an_examined_assistant_and_then_has_nothing_to_do()
    {
        WriteText();
        var recipe = WriteRecipe("steps = 3");
        string[] command = ["make", recipe, "--data", _folder.Path, "--out", In("out")];

        var first = await terminal.RunAsync(command);
        var second = await terminal.RunAsync(command);

        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.Contains("exam arithmetic: ", first.Output, StringComparison.Ordinal);
        Assert.Contains("| stories | × 1 | made here |", await File.ReadAllTextAsync(In("out/models/Mini-base.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.True(File.Exists(In("out/models/Mini.report.html")));
        Assert.Equal((0, ""), (second.ExitCode, second.Error));
        Assert.Contains("models: up to date.", second.Output, StringComparison.Ordinal);
        var answer = await terminal.RunAsync(["ask", "hello", "--model", In("out/models/Mini.gguf")]);
        Assert.Equal(0, answer.ExitCode);
    }

    [Theory]
    [InlineData("pretrain", "noos tokenizer")]
    [InlineData("sft", "noos tokenizer")]
    [InlineData("export", "noos tokenizer")]
    public async Task Stage_whose_input_is_missing_names_the_stage_that_makes_it(string stage, string named)
    {
        string[] rest = stage == "export" ? ["--to", In("x.gguf")] : [];

        var result = await terminal.RunAsync([stage, WriteRecipe("steps = 3"), "--out", In("empty"), .. rest]);

        Assert.True(result.IsMistake, $"exit code {result.ExitCode}");
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("steps = -1", "number of steps")]
    [InlineData("steps = [", "cannot be read")]
    [InlineData("learning_rate = 5.0", "learning rate")]
    public async Task Absurd_recipe_is_refused_in_one_sentence(string setting, string said)
    {
        WriteText();
        var result = await terminal.RunAsync(["make", WriteRecipe(setting), "--data", _folder.Path, "--out", In("out")]);

        Assert.True(result.IsMistake, $"exit code {result.ExitCode}");
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    string In(string name) => _folder.File(name);

    void WriteText() => File.WriteAllLines(In("stories.txt"), Enumerable.Range(0, 4000).Select(index =>
        $"The {(index % 3 == 0 ? "cat" : "dog")} number {index} ran to the {(index % 2 == 0 ? "river" : "hill")} and came home again with {index % 17} friends.\n"));

    string WriteRecipe(string pretrain)
    {
        var path = In("mini.toml");
        File.WriteAllText(path, $"""
            name = "Mini"
            [tokenizer]
            vocabulary = 400
            conversation_megabytes = 1
            [[sources]]
            name = "stories"
            path = "stories.txt"
            format = "text"
            licence = "made here"
            [model]
            context = 96
            embedding = 32
            blocks = 1
            feed_forward = 32
            heads = 2
            key_value_heads = 1
            head_length = 16
            [pretrain]
            {pretrain}
            rows = 2
            evaluate_every = 2
            checkpoint_every = 2
            [[lessons.courses]]
            name = "arithmetic"
            count = 600
            [[lessons.courses]]
            name = "talk"
            count = 100
            [fine_tune]
            steps = 3
            rows = 2
            """);
        return path;
    }
}
