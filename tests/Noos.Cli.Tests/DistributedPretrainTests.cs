using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary>Pretraining by worker processes of the real program.</summary>
public sealed class DistributedPretrainTests(Terminal terminal) : IClassFixture<Terminal>, IDisposable
{
    readonly TinyRecipe _recipe = new();

    public void Dispose() => _recipe.Dispose();

    [Fact]
    public async Task Pretraining_with_workers_makes_the_same_weights_as_without()
    {
        var recipe = _recipe.Write("steps = 8");
        await terminal.RunAsync(["tokenizer", recipe, "--data", _recipe.Folder, "--out", _recipe.In("alone")]);
        await terminal.RunAsync(["shards", recipe, "--data", _recipe.Folder, "--out", _recipe.In("alone")]);
        Directory.CreateDirectory(_recipe.In("workers/shards"));
        foreach (var file in Directory.EnumerateFiles(_recipe.In("alone"), "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(_recipe.In("workers"), Path.GetRelativePath(_recipe.In("alone"), file)));
        }

        var alone = await terminal.RunAsync(["pretrain", recipe, "--out", _recipe.In("alone")]);
        var workers = await terminal.RunAsync(["pretrain", recipe, "--out", _recipe.In("workers"), "--workers", "2"]);

        Assert.Equal((0, ""), (alone.ExitCode, alone.Error));
        Assert.Equal((0, ""), (workers.ExitCode, workers.Error));
        Assert.Contains("workers join at 127.0.0.1:", workers.Output, StringComparison.Ordinal);
        Assert.Equal(await ReadModelAsync("alone"), await ReadModelAsync("workers"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_recipe.In("workers/pretrain/join.key")));
        }
    }

    [Fact]
    public async Task Worker_without_a_training_or_a_key_says_so()
    {
        var recipe = _recipe.Write("steps = 8");
        var noKey = await terminal.RunAsync(["pretrain", recipe, "--out", _recipe.In("out"), "--join", "127.0.0.1:1"]);
        var both = await terminal.RunAsync(["pretrain", recipe, "--join", "127.0.0.1:1", "--workers", "2"]);
        var tooMany = await terminal.RunAsync(["pretrain", recipe, "--out", _recipe.In("out"), "--workers", "99"]);

        Assert.All([noKey, both, tooMany], result => Assert.True(result.IsMistake, result.Error));
        Assert.Contains("join.key", noKey.Error, StringComparison.Ordinal);
        Assert.Contains("leave --workers", both.Error, StringComparison.Ordinal);
        Assert.Contains("pretrain.workers", tooMany.Error, StringComparison.Ordinal);
    }

    Task<byte[]> ReadModelAsync(string run) => File.ReadAllBytesAsync(
        Path.Combine(Directory.EnumerateDirectories(_recipe.In(run + "/pretrain"), "step-*").Max()!, "model.safetensors"),
        TestContext.Current.CancellationToken);
}
