using System.Diagnostics;
using System.Text.Json;
using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary>Several models and failover as a user meets them.</summary>
public sealed class SeveralModelsTests : IDisposable
{
    readonly Terminal _terminal = new();
    readonly TinyModel _other = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Question_is_answered_by_the_fallback_where_the_model_is_not_there()
    {
        var other = Other("Second.gguf");
        var gone = await _terminal.RunAsync(["ask", "--model", _terminal.Home.File("gone.gguf"), "--fallback", other, "Hello", .. Few]);
        var away = await _terminal.RunAsync(["ask", "--model", "http://127.0.0.1:9/v1#big", "--fallback", other, "Hello", .. Few]);
        _terminal.Variables["NOOS_FALLBACK"] = $"http://127.0.0.1:9/v1#small, {other}";
        var json = await _terminal.RunAsync(["ask", "--model", "http://127.0.0.1:9/v1#big", "--json", "Hello", .. Few]);

        Assert.Equal((0, 0, 0), (gone.ExitCode, away.ExitCode, json.ExitCode));
        Assert.Contains("(Second answers, because ", gone.Error, StringComparison.Ordinal);
        Assert.StartsWith("(Second answers, because big does not: The model at http://127.0.0.1:9/v1 cannot be reached", away.Error,
            StringComparison.Ordinal);
        Assert.Equal(
            ["small", "Second"],
            JsonElement.Parse(json.Output).GetProperty("events").EnumerateArray()
                .Where(item => item.GetProperty("event").GetString() == "failover").Select(item => item.GetProperty("to").GetString()));
    }

    [Fact]
    public async Task Process_is_spawned_with_another_model_of_the_server_and_ps_shows_it()
    {
        using var server = _terminal.Start("up", "--port", "0", "--also", Other("Second.gguf"), "--max-timers", "1");
        await UpAsync(server);

        var spawned = await _terminal.RunAsync(["spawn", "--model", "Second", "Hello", "--wait", "--json", .. Few]);
        await _terminal.RunAsync(["spawn", "Hello", "--wait", .. Few]);
        var ps = await _terminal.RunAsync(["ps", "-l"]);
        var top = await _terminal.RunAsync(["top", "--count", "1"]);
        var unknown = await _terminal.RunAsync(["spawn", "--model", "Third", "Hello"]);
        var first = await _terminal.RunAsync(["timer", "add", "@daily", "Hello"]);
        var second = await _terminal.RunAsync(["timer", "add", "@daily", "Hello"]);
        server.Kill();
        await server.WaitForExitAsync(Token);

        Assert.Equal((0, ""), (spawned.ExitCode, spawned.Error));
        Assert.Contains("\"model\":\"Second\"", spawned.Output, StringComparison.Ordinal);
        var lines = ps.Output.Split('\n');
        Assert.Contains("MODEL", lines[0], StringComparison.Ordinal);
        Assert.Matches("PAGES  SHARED    MEMORY      DISK  TITLE$", lines[0]);
        Assert.Contains(lines, line => line.Contains(" Second ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains(" Tiny ", StringComparison.Ordinal));
        Assert.Contains("on disk", top.Output, StringComparison.Ordinal);
        Assert.Equal(66, unknown.ExitCode);
        Assert.StartsWith("There is no model 'Third' here; there are: Tiny, Second", unknown.Error, StringComparison.Ordinal);
        Assert.Equal((0, 77), (first.ExitCode, second.ExitCode));
        Assert.Contains("--max-timers", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistakes_are_told_in_a_sentence()
    {
        var origin = await _terminal.RunAsync(["up", "--allow-origin", "foo"]);
        var also = await _terminal.RunAsync(["up", "--port", "0", "--also", "nowhere.gguf"]);
        var question = await _terminal.RunAsync(["ask", string.Join(' ', Enumerable.Repeat("Once upon a time", 200)), .. Few]);
        var permissions = await _terminal.RunAsync(["permissions"]);

        Assert.True(origin.IsMistake);
        Assert.Contains("'foo' is no origin", origin.Error, StringComparison.Ordinal);
        Assert.True(also.IsMistake);
        Assert.Contains("nowhere.gguf", also.Error, StringComparison.Ordinal);
        Assert.Equal(0, question.ExitCode);
        Assert.StartsWith("The question is longer than the model reads: ", question.Error, StringComparison.Ordinal);
        Assert.Equal("No question waits.\nNothing is allowed or refused for longer than one call.\n", permissions.Output);
    }

    public void Dispose()
    {
        _terminal.Dispose();
        _other.Dispose();
    }

    static string[] Few => ["--max-tokens", "3", "--seed", "1"];

    string Other(string name)
    {
        var path = _terminal.Home.File(name);
        File.Copy(_other.Path, path, overwrite: true);
        return path;
    }

    static async Task UpAsync(Process server)
    {
        while (await server.StandardOutput.ReadLineAsync(Token) is { } line)
        {
            if (line.Contains("Ctrl-C stops", StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail(await server.StandardError.ReadToEndAsync(Token));
    }
}
