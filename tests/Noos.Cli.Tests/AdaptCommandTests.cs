using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary>Adapters by the real program on a tiny model.</summary>
public sealed class AdaptCommandTests(Terminal terminal) : IClassFixture<Terminal>, IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly TinyModel _model = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Adapter_of_a_training_that_is_killed_is_the_same_and_acts_beside_the_model()
    {
        await File.WriteAllLinesAsync(
            _folder.File("answers.jsonl"),
            Enumerable.Range(0, 6).Select(number =>
                $$"""{"messages": [{"role": "user", "content": "Hello {{number}}"}, """
                + """{"role": "assistant", "content": "there was a fox"}]}"""),
            Token);

        var whole = await terminal.RunAsync(Adapt("whole.gguf"));
        Assert.Equal((0, ""), (whole.ExitCode, whole.Error));
        Assert.Contains("14 matrices, 400 updates", whole.Output, StringComparison.Ordinal);

        using (var process = terminal.Start(Adapt("parts.gguf")))
        {
            // Of two checkpoints the first is whole.
            while (!Directory.Exists(_folder.File("parts.run")) || Directory.GetDirectories(_folder.File("parts.run"), "step-*").Length < 2)
            {
                Assert.False(process.HasExited);
                await Task.Delay(5, Token);
            }

            process.Kill();
            await process.WaitForExitAsync(Token);
        }

        Assert.False(File.Exists(_folder.File("parts.gguf")));
        var resumed = await terminal.RunAsync(Adapt("parts.gguf"));
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
        Assert.Contains("resumed at step", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(
            await File.ReadAllBytesAsync(_folder.File("whole.gguf"), Token),
            await File.ReadAllBytesAsync(_folder.File("parts.gguf"), Token));

        string[] ask = ["ask", "--model", _model.Path, "--temperature", "0", "--max-tokens", "20", "Hello 2"];
        var plain = await terminal.RunAsync(ask);
        var adapted = await terminal.RunAsync([.. ask, "--lora", _folder.File("whole.gguf")]);
        Assert.DoesNotContain("there was a fox", plain.Output, StringComparison.Ordinal);
        Assert.Contains("there was a fox", adapted.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_in_one_sentence()
    {
        await File.WriteAllTextAsync(_folder.File("none.jsonl"), "", Token);
        string[] start = ["adapt", _model.Path, "--to", _folder.File("x.gguf"), "--data"];

        var nothing = await terminal.RunAsync([.. start, _folder.File("none.jsonl")]);
        var missing = await terminal.RunAsync([.. start, _folder.File("nowhere.jsonl")]);
        var target = await terminal.RunAsync([.. start, _folder.File("none.jsonl"), "--targets", "attn_x"]);

        Assert.All([nothing, missing, target], result => Assert.NotEqual(0, result.ExitCode));
        Assert.Contains("no answer of an assistant", nothing.Error, StringComparison.Ordinal);
        Assert.Contains("nowhere.jsonl", missing.Error, StringComparison.Ordinal);
        Assert.Contains("attn_x", target.Error, StringComparison.Ordinal);
        Assert.All([nothing, missing, target], result => Assert.Single(result.Error.TrimEnd().Split('\n')));
    }

    string[] Adapt(string output) =>
    [
        "adapt", _model.Path, "--data", _folder.File("answers.jsonl"), "--to", _folder.File(output), "--name", "fox", "--steps", "400",
        "--rows", "6", "--learning-rate", "0.01", "--rank", "4", "--checkpoint-every", "5",
    ];
}
