using System.Security.Cryptography;
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
    public async Task Worker_that_shares_nothing_but_the_key_is_sent_all_it_needs()
    {
        var recipe = _recipe.Write("steps = 3");
        await terminal.RunAsync(["tokenizer", recipe, "--data", _recipe.Folder, "--out", _recipe.In("here")]);
        await terminal.RunAsync(["shards", recipe, "--data", _recipe.Folder, "--out", _recipe.In("here")]);
        using var elsewhere = new TemporaryFolder();
        var key = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        await File.WriteAllTextAsync(_recipe.In("join.key"), key, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(elsewhere.File("copied.key"), key, TestContext.Current.CancellationToken);
        using var port = new ReservedPort();
        var address = $"127.0.0.1:{port.Number}";

        // The worker comes first, and waits for the training.
        var worker = terminal.RunAsync(["pretrain", "--join", address, "--key-file", elsewhere.File("copied.key")]);
        var training = await terminal.RunAsync(
            ["pretrain", recipe, "--out", _recipe.In("here"), "--listen", address, "--key-file", _recipe.In("join.key")]);

        Assert.Equal((0, ""), (training.ExitCode, training.Error));
        Assert.Equal((0, ""), ((await worker).ExitCode, (await worker).Error));
        Assert.Equal([elsewhere.File("copied.key")], Directory.GetFileSystemEntries(elsewhere.Path));
        Assert.NotEmpty(await ReadModelAsync("here"));
    }

    [Fact]
    public async Task Worker_without_a_training_or_a_key_says_so()
    {
        var recipe = _recipe.Write("steps = 8");
        var noKey = await terminal.RunAsync(["pretrain", recipe, "--out", _recipe.In("out"), "--join", "127.0.0.1:1"]);
        var both = await terminal.RunAsync(["pretrain", recipe, "--join", "127.0.0.1:1", "--workers", "2"]);
        var tooMany = await terminal.RunAsync(["pretrain", recipe, "--out", _recipe.In("out"), "--workers", "99"]);

        var noRecipe = await terminal.RunAsync(["pretrain"]);
        var neither = await terminal.RunAsync(["pretrain", "--join", "127.0.0.1:1"]);

        Assert.All([noKey, both, tooMany, noRecipe, neither], result => Assert.True(result.IsMistake, result.Error));
        Assert.Contains("recipes/nano.toml", noRecipe.Error, StringComparison.Ordinal);
        Assert.Contains("--key-file", neither.Error, StringComparison.Ordinal);
        Assert.Contains("join.key", noKey.Error, StringComparison.Ordinal);
        Assert.Contains("leave --workers", both.Error, StringComparison.Ordinal);
        Assert.Contains("pretrain.workers", tooMany.Error, StringComparison.Ordinal);
    }

    Task<byte[]> ReadModelAsync(string run) => File.ReadAllBytesAsync(
        Path.Combine(Directory.EnumerateDirectories(_recipe.In(run + "/pretrain"), "step-*").Max()!, "model.safetensors"),
        TestContext.Current.CancellationToken);
}
