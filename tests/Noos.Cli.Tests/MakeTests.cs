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

    [Fact]
    public async Task Pretraining_that_is_ended_by_a_signal_loses_no_update()
    {
        // No checkpoint falls due meanwhile: what is there afterwards, the signal wrote.
        var recipe = _recipe.Write("steps = 100000", "", checkpointEvery: 100_000);
        string[] folders = ["--out", _recipe.In("out")];
        await terminal.RunAsync(["tokenizer", recipe, "--data", _recipe.Folder, .. folders]);
        await terminal.RunAsync(["shards", recipe, "--data", _recipe.Folder, .. folders]);
        using var process = terminal.Start(["pretrain", recipe, .. folders]);
        while (!File.Exists(_recipe.In("out/pretrain/metrics.jsonl"))
            || !(await ReadSharedAsync(_recipe.In("out/pretrain/metrics.jsonl"))).Contains("\"step\":20,", StringComparison.Ordinal))
        {
            Assert.False(process.HasExited);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        using (var kill = System.Diagnostics.Process.Start("sh", ["-c", $"kill -TERM {process.Id}"]))
        {
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Contains("Stopped and saved", output, StringComparison.Ordinal);
        }

        Assert.Equal(130, process.ExitCode);
        var last = (await ReadSharedAsync(_recipe.In("out/pretrain/metrics.jsonl"))).Split("\"step\":")[^1].Split(',')[0];
        Assert.Equal(
            int.Parse(last, System.Globalization.CultureInfo.InvariantCulture),
            Directory.EnumerateDirectories(_recipe.In("out/pretrain"), "step-*").Max(folder => int.Parse(
                Path.GetFileName(folder)["step-".Length..], System.Globalization.CultureInfo.InvariantCulture)));

        static async Task<string> ReadSharedAsync(string path)
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("pretrain", "noos tokenizer")]
    [InlineData("midtrain", "no mid-training")]
    [InlineData("sft", "noos tokenizer")]
    [InlineData("export", "noos tokenizer")]
    public async Task Stage_whose_input_is_missing_names_the_stage_that_makes_it(string stage, string named)
    {
        string[] rest = stage == "export" ? ["--to", _recipe.In("x.gguf")] : [];

        var result = await terminal.RunAsync([stage, _recipe.Write("steps = 3"), "--out", _recipe.In("empty"), .. rest]);

        Assert.True(result.IsMistake, $"exit code {result.ExitCode}");
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_is_not_there_is_told_before_anything_begins()
    {
        var recipe = _recipe.Write("steps = 3");
        var shipped = Path.Combine(ShippedModelTests.Repository, "recipes", "nano.toml");
        Directory.CreateDirectory(_recipe.In("some/text"));
        await File.WriteAllTextAsync(_recipe.In("some/text/stories.jsonl.zst"), "", TestContext.Current.CancellationToken);

        foreach (var (arguments, said) in ((string[], string)[])
            [
                (["make", recipe, "--data", _recipe.In("nowhere")], $"There is no data folder '{_recipe.In("nowhere")}'"),
                (["tokenizer", recipe, "--data", _recipe.In("nowhere")], $"There is no data folder '{_recipe.In("nowhere")}'"),
                (["make", shipped, "--data", _recipe.In("some")],
                    $"The data folder '{_recipe.In("some")}' lacks text/books.jsonl.zst and 11 more of the recipe's files"),
            ])
        {
            var result = await terminal.RunAsync([.. arguments, "--out", _recipe.In("out")]);

            Assert.Equal((66, ""), (result.ExitCode, result.Output));
            Assert.StartsWith(said, Assert.Single(result.Error.Trim().Split('\n')), StringComparison.Ordinal);
            Assert.Contains("recipes/README.md", result.Error, StringComparison.Ordinal);
        }
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
