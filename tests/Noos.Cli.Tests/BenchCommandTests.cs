using System.Runtime.Versioning;
using System.Text.Json;

namespace Noos.Cli.Tests;

/// <summary><c>noos bench</c> as a user runs it; nothing depends on how fast it is.</summary>
[SupportedOSPlatform("linux")]
public sealed class BenchCommandTests(Terminal terminal) : IClassFixture<Terminal>
{
    static readonly string[] s_short = ["--threads", "1,2", "--prompt", "8", "--generate", "4", "--together", "2", "--rounds", "1"];

    [Fact]
    public async Task Bench_prints_speeds_beside_the_limits_of_the_machine()
    {
        var result = await terminal.RunAsync(["bench", terminal.ModelPath, .. s_short]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Limits with 1 thread:", result.Output);
        Assert.Contains("Limits with 2 threads:", result.Output);
        Assert.Contains("GB/s from memory", result.Output);
        Assert.Contains("| tokens/s | threads | noos | of the limit |", result.Output);
        Assert.Matches(@"\| prompt of 8 \| 1 \| [\d,.]+ \|", result.Output);
        Assert.Matches(@"\| generate 4 \| 2 \| [\d,.]+ \| \d+% \|", result.Output);
        Assert.Matches(@"\| 2 together, each 4 after a common 8 \| 2 \| [\d,.]+ \|", result.Output);
    }

    [Fact]
    public async Task Bench_measures_another_engine_in_turn()
    {
        var folder = terminal.Home.CreateFolder("rival");
        Script(folder, "llama-bench", """[{"avg_ts": 10.0}]""");
        Script(folder, "llama-batched-bench", """{"t_pp": 1.5, "t_tg": 0.5}""");

        var result = await terminal.RunAsync(["bench", terminal.ModelPath, .. s_short, "--only", "engine", "--against", folder, "--json"]);

        Assert.Equal(0, result.ExitCode);
        var rows = JsonElement.Parse(result.Output).GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal(8, rows.Length);
        foreach (var row in rows)
        {
            // Eight tokens of a prompt at ten a second; twice four tokens in two seconds.
            var isTime = row.GetProperty("isTime").GetBoolean();
            var (noos, rival, ratio) = (row.GetProperty("noos")
                .GetDouble(), row.GetProperty("rival")
                .GetDouble(), row.GetProperty("ratio")
                .GetDouble());
            Assert.Equal(isTime
                ? 800
                : row.GetProperty("name").GetString()!.Contains("together", StringComparison.Ordinal)
                ? 4
                : 10, rival);
            Assert.Equal(isTime ? rival / noos : noos / rival, ratio, 1e-9);
        }
    }

    [Fact]
    public async Task Bench_measures_generation_as_people_use_it()
    {
        var usual = await terminal.RunAsync(["bench", terminal.ModelPath, .. s_short, "--only", "use"]);

        Assert.Equal(0, usual.ExitCode);
        Assert.Contains("As people use it: temperature 0.7, top-p 0.9, as usual, since the model's file advises nothing;", usual.Output);
        Assert.Contains("| tokens/s | threads | streams | noos greedy | noos sampled | sampled by greedy |", usual.Output);
        Assert.Matches(@"\| 4 tokens each \| 1 \| 1 \| [\d,.]+ \| [\d,.]+ \| [\d,.]+ \|", usual.Output);
        Assert.Matches(@"\| 4 tokens each \| 2 \| 2 \| [\d,.]+ \| [\d,.]+ \| [\d,.]+ \|", usual.Output);
        Assert.Contains("Limits with 2 threads:", usual.Output);
        Assert.DoesNotContain("prompt of 8 |", usual.Output);

        var asked = await terminal.RunAsync(
            ["bench", terminal.ModelPath, .. s_short, "--only", "use", "--top-k", "3", "--temperature", "0.5", "--json"]);

        var json = JsonElement.Parse(asked.Output);
        Assert.Equal("temperature 0.5, top-k 3, top-p 0.9, as asked for", json.GetProperty("sampling").GetString());
        Assert.Equal([1, 2, 1, 2], json.GetProperty("uses").EnumerateArray().Select(use => use.GetProperty("streams").GetInt32()));
        Assert.Empty(json.GetProperty("rows").EnumerateArray());
    }

    [Fact]
    public async Task Bench_measures_the_engine_alone()
    {
        var result = await terminal.RunAsync(["bench", terminal.ModelPath, .. s_short, "--only", "engine"]);

        Assert.Contains("| prompt of 8 |", result.Output);
        Assert.DoesNotContain("As people use it", result.Output);
    }

    [Fact]
    public async Task Bench_explains_what_is_wrong()
    {
        var folder = terminal.Home.CreateFolder("broken");
        Script(folder, "llama-bench", "hello");
        Script(folder, "failing", "no such model", exitCode: 3);

        Assert.Contains("cannot be run", await Mistake(66, "--prompt", "2", "--rounds", "1", "--against", Path.Combine(folder, "none")));
        Assert.Contains("is no result of llama-bench", await Mistake(65, "--prompt", "2", "--rounds", "1", "--against", folder));
        Assert.Contains(
            "failed with exit code 3", await Mistake(69, "--prompt", "2", "--rounds", "1", "--against", Path.Combine(folder, "failing")));
        var server = terminal.Home.CreateFolder("server");
        Script(server, "llama-server", "no such model", exitCode: 3);
        Assert.Contains(
            "failed with exit code 3: no such model", await Mistake(69, "--only", "use", "--rounds", "1", "--against", server));
        Assert.Contains("fewer than", await Mistake(1, "--prompt", "300", "--rounds", "1"));
        Assert.Contains("must be between 1 and 100,000", await Mistake(1, "--prompt", "2", "--rounds", "0"));
    }

    async Task<string> Mistake(int exitCode, params string[] arguments)
    {
        var result = await terminal.RunAsync(
            ["bench", terminal.ModelPath, "--threads", "1", "--generate", "1", "--together", "0", .. arguments]);
        Assert.Equal(exitCode, result.ExitCode);
        return result.Error;
    }

    static void Script(string folder, string name, string output, int exitCode = 0)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/sh\necho '{output}'\nexit {exitCode}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
