using System.Security.Cryptography;
using System.Text.Json;
using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary>Getting, listing, using and removing models as a user does.</summary>
public sealed class PulledModelTests : IDisposable
{
    const string Repository = LoopbackHub.Repository;

    readonly Terminal _terminal = new();
    readonly LoopbackHub _hub = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_pull_goes_on_where_it_was()
    {
        var content = _hub.Files["M-Q4_K_M.gguf"] = LoopbackHub.Content(3_000_000);
        using var ends = new CancellationTokenSource();
        _hub.Next(_ => new LoopbackHub.Answer(200) { Body = content, CutAt = 2_000_000, Hold = Task.Delay(Timeout.Infinite, ends.Token) });
        var target = _terminal.Home.File($"models/{Repository}/M-Q4_K_M.gguf");
        using (var killed = _terminal.Start("pull", Repository, "--endpoint", _hub.Endpoint.ToString()))
        {
            while (new FileInfo(target + ".part") is not { Exists: true, Length: 2_000_000 } && !killed.HasExited)
            {
                await Task.Delay(20, Cancellation);
            }

            killed.Kill();
            await killed.WaitForExitAsync(Cancellation);
        }

        var listed = await _terminal.RunAsync(["models"]);
        var result = await PullAsync();
        await ends.CancelAsync();

        Assert.Contains($"go on with 'noos pull {Repository}:Q4_K_M'", listed.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith($"{Repository}:Q4_K_M is here (2.9 MiB", result.Output, StringComparison.Ordinal);
        Assert.Equal("bytes=2000000-", _hub.ToStore.Last()["Range"]);
        Assert.Equal(content, await File.ReadAllBytesAsync(target, Cancellation));
    }

    [Fact]
    public async Task Pulled_model_is_listed_works_by_name_and_can_be_removed()
    {
        _hub.Files["M-Q8_0.gguf"] = await File.ReadAllBytesAsync(_terminal.ModelPath, Cancellation);
        await PullAsync();

        var row = Assert.Single(await ListAsync(), row => row.GetProperty("origin").GetString() == "pulled");
        Assert.Equal($"{Repository}:Q8_0", row.GetProperty("name").GetString());
        Assert.Equal("qwen3", row.GetProperty("architecture").GetString());
        Assert.Equal(_hub.Files["M-Q8_0.gguf"].Length, row.GetProperty("bytes").GetInt64());
        foreach (var name in (string[])[$"{Repository}:q8_0", Repository, "M-Q8_0", "some-model-gguf"])
        {
            Assert.Equal((0, ""), await RunAsync("complete", "Once", "--tokens", "1", "--model", name));
        }

        Assert.Equal((0, ""), await RunAsync("inspect", Repository));

        var kept = await _terminal.RunAsync(["rm", Repository], "n\n");
        Assert.Equal(1, kept.ExitCode);
        Assert.Contains($"Remove {Repository}:Q8_0", kept.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(row.GetProperty("path").GetString()));

        // Of two it removes none by guessing.
        _hub.Files["M-Q4_K_M.gguf"] = LoopbackHub.Content(100);
        await PullAsync();
        Assert.Contains("several pulled models", (await RunAsync("rm", Repository, "--yes")).Error, StringComparison.Ordinal);
        Assert.Equal((0, ""), await RunAsync("rm", "M-Q4_K_M", "--yes"));
        Assert.Equal((0, ""), await RunAsync("rm", Repository, "--yes"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_terminal.Home.File("models")));
    }

    [Fact]
    public async Task Pulled_voice_is_listed_speaks_and_can_be_removed()
    {
        using var made = new TemporaryFolder();
        var voice = TinyVoice.Write(made.Path, "en_US-tiny");
        _hub.Files["en/en_US-tiny.onnx"] = await File.ReadAllBytesAsync(voice, Cancellation);
        _hub.Files["en/en_US-tiny.onnx.json"] = await File.ReadAllBytesAsync(voice + ".json", Cancellation);

        var pulled = await PullAsync();

        Assert.Equal((0, ""), (pulled.ExitCode, pulled.Error));
        Assert.Contains("--voice en_US-tiny", pulled.Output, StringComparison.Ordinal);
        Assert.Contains("en_US-tiny", (await _terminal.RunAsync(["speak", "--list"])).Output, StringComparison.Ordinal);
        var row = Assert.Single(await ListAsync(), row => row.GetProperty("device").GetString() == "voice");
        Assert.Equal($"{Repository}:en_US-tiny", row.GetProperty("name").GetString());
        var sound = _terminal.Home.File("hello.wav");
        Assert.Equal(0, (await RunAsync("speak", "Hello.", "--voice", "en_US-tiny", "--out", sound)).ExitCode);
        Assert.True(new FileInfo(sound).Length > 1000);
        Assert.Equal((0, ""), await RunAsync("rm", "en_US-tiny", "--yes"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_terminal.Home.File("models")));
    }

    [Fact]
    public async Task Models_of_ollama_work_by_name_and_are_never_removed()
    {
        var content = await File.ReadAllBytesAsync(_terminal.ModelPath, Cancellation);
        var digest = Convert.ToHexStringLower(SHA256.HashData(content));
        Write("blobs/sha256-" + digest, content);
        Write("manifests/registry.ollama.ai/library/tiny/latest", Manifest($"sha256:{digest}"));
        Write("manifests/registry.ollama.ai/someone/tiny/3b", Manifest($"sha256:{digest}"));
        Write("manifests/registry.ollama.ai/library/gone/latest", Manifest("sha256:" + new string('0', 64)));
        Write("manifests/registry.ollama.ai/library/sly/latest", Manifest("sha256:../../../secret"));
        Write("manifests/registry.ollama.ai/library/broken/latest", "{"u8.ToArray());

        var names = (await ListAsync())
            .Where(row => row.GetProperty("origin").GetString() == "ollama")
            .Select(row => row.GetProperty("name").GetString());
        Assert.Equal(["someone/tiny:3b", "tiny:latest"], names);
        Assert.Equal((0, ""), await RunAsync("complete", "Once", "--tokens", "1", "--model", "tiny"));
        var refused = await _terminal.RunAsync(["rm", "tiny", "--yes"]);

        Assert.Equal(77, refused.ExitCode);
        Assert.Contains("ollama rm tiny:latest", refused.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_terminal.Home.File("ollama/blobs/sha256-" + digest)));

        void Write(string path, byte[] bytes)
        {
            path = _terminal.Home.File("ollama/" + path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        }

        static byte[] Manifest(string digest) => JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2,
            layers = new[]
            {
                new { mediaType = "application/vnd.ollama.image.template", digest = "sha256:1" },
                new { mediaType = "application/vnd.ollama.image.model", digest },
            },
        });
    }

    [Fact]
    public async Task Models_that_were_put_into_a_folder_are_listed_and_never_removed()
    {
        var path = _terminal.Home.File("models/Mine.gguf");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(_terminal.ModelPath, path);

        Assert.Contains(await ListAsync(), row => row.GetProperty("path").GetString() == path);
        var refused = await _terminal.RunAsync(["rm", "mine", "-y"]);

        Assert.Equal(77, refused.ExitCode);
        Assert.Contains("was not pulled", refused.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task Unknown_name_gets_the_nearest_ones_and_how_to_pull()
    {
        var path = _terminal.Home.File("models/Mine-Tiny.gguf");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(_terminal.ModelPath, path);

        var near = await _terminal.RunAsync(["ask", "hi", "--model", "mine-tyni"]);
        var far = await _terminal.RunAsync(["inspect", "Qwen/Qwen3-0.6B-GGUF"]);

        Assert.Equal((66, 66), (near.ExitCode, far.ExitCode));
        Assert.Contains("did you mean 'Mine-Tiny'?", near.Error, StringComparison.Ordinal);
        Assert.Contains("'noos pull Qwen/Qwen3-0.6B-GGUF'", far.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_explains_what_is_wrong()
    {
        foreach (var (exitCode, sentence, arguments) in ((int, string, string[])[])
        [
            (1, "names no model that can be pulled", ["pull", "model"]),
            (1, "is no web address", ["pull", "a/b", "--endpoint", "nowhere"]),
            (66, "There is no repository 'a/b'", ["pull", "a/b", "--endpoint", _hub.Endpoint.ToString()]),
        ])
        {
            var result = await _terminal.RunAsync(arguments);
            Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
            Assert.Contains(
                sentence, Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        _hub.Dispose();
        _terminal.Dispose();
    }

    async Task<Terminal.Result> PullAsync()
    {
        _terminal.Variables["HF_ENDPOINT"] = _hub.Endpoint.ToString();
        return await _terminal.RunAsync(["pull", Repository]);
    }

    async Task<JsonElement[]> ListAsync() =>
        [.. JsonElement.Parse((await _terminal.RunAsync(["models", "--json"])).Output).EnumerateArray()];

    async Task<(int ExitCode, string Error)> RunAsync(params string[] arguments)
    {
        var result = await _terminal.RunAsync(arguments);
        return (result.ExitCode, result.Error);
    }
}
