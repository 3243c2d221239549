using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary>The whole life of a very small model, by the real program.</summary>
public sealed class MakeTests(Terminal terminal) : IClassFixture<Terminal>, IDisposable
{
    readonly TinyRecipe _recipe = new();

    public void Dispose() => _recipe.Dispose();

    [Fact]
    public async Task Make_goes_from_text_to_an_examined_assistant_and_then_has_nothing_to_do()
    {
        var recipe = _recipe.Write("steps = 3");
        string[] command = ["make", recipe, "--data", _recipe.Folder, "--out", _recipe.In("out")];

        var first = await terminal.RunAsync(command);
        var second = await terminal.RunAsync(command);

        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.Contains("exam arithmetic: ", first.Output, StringComparison.Ordinal);
        Assert.Contains("| stories | × 1 | made here |",
            await File.ReadAllTextAsync(_recipe.In("out/models/Mini-base.md"), TestContext.Current.CancellationToken),
                StringComparison.Ordinal);
        Assert.True(File.Exists(_recipe.In("out/models/Mini.report.html")));
        Assert.Equal((0, ""), (second.ExitCode, second.Error));
        Assert.Contains("models: up to date.", second.Output, StringComparison.Ordinal);
        var answer = await terminal.RunAsync(["ask", "hello", "--model", _recipe.In("out/models/Mini.gguf")]);
        Assert.Equal(0, answer.ExitCode);
    }

    [Fact]
    public async Task Make_that_is_interrupted_says_so_with_its_exit_code_and_goes_on()
    {
        string[] command = ["make", _recipe.Write("steps = 100000"), "--data", _recipe.Folder, "--out", _recipe.In("out")];
        using var process = terminal.Start(command);
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line
            && !line.StartsWith("pretrain:", StringComparison.Ordinal))
        {
        }

        // SIGTERM, which is handled alike: a SIGINT that the parent of the tests ignores is ignored by all its children.
        using (var kill = System.Diagnostics.Process.Start("sh", ["-c", $"kill -TERM {process.Id}"]))
        {
            await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(130, process.ExitCode);
    }

    [Theory]
    [InlineData("pretrain", "noos tokenizer")]
    [InlineData("sft", "noos tokenizer")]
    [InlineData("export", "noos tokenizer")]
    public async Task Stage_whose_input_is_missing_names_the_stage_that_makes_it(string stage, string named)
    {
        string[] rest = stage == "export" ? ["--to", _recipe.In("x.gguf")] : [];

        var result = await terminal.RunAsync([stage, _recipe.Write("steps = 3"), "--out", _recipe.In("empty"), .. rest]);

        Assert.True(result.IsMistake, $"exit code {result.ExitCode}");
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("steps = -1", "number of steps")]
    [InlineData("steps = [", "cannot be read")]
    [InlineData("learning_rate = 5.0", "learning rate")]
    [InlineData("step = 5", "did you mean 'steps'")]
    [InlineData("zebra = 5", "unknown key")]
    public async Task Absurd_recipe_is_refused_in_one_sentence(string setting, string said)
    {
        var result = await terminal.RunAsync(["make", _recipe.Write(setting), "--data", _recipe.Folder, "--out", _recipe.In("out")]);

        Assert.True(result.IsMistake, $"exit code {result.ExitCode}");
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
    }
}
