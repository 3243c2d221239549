using System.Text.Json;
using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary>Labels, reward models and reinforcement, by the real program on a tiny model.</summary>
public sealed class StageTwoCommandTests(Terminal terminal) : IClassFixture<Terminal>, IDisposable
{
    readonly TemporaryFolder _folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reward_models_of_scripted_experts_judge_a_policy_that_is_killed_and_goes_on()
    {
        var reward = _folder.File("reward");
        var trained = await terminal.RunAsync(
            ["reward", "--to", reward, "--experts", "60", "--members", "2", "--prompts-per-step", "4", "--json",
                "--export", _folder.File("preferences.jsonl")]);
        Assert.True(trained.ExitCode == 0, trained.Error);
        using var report = JsonDocument.Parse(trained.Output);
        Assert.InRange(report.RootElement.GetProperty("accuracy").GetDouble(), 0.2, 1);
        Assert.Equal(60, (await File.ReadAllLinesAsync(_folder.File("preferences.jsonl"), Token)).Length);

        var whole = await terminal.RunAsync(Rl(reward, "whole"));
        Assert.Equal((0, ""), (whole.ExitCode, whole.Error));
        Assert.Contains("Win rate over the beginning", whole.Output, StringComparison.Ordinal);

        // Killed as soon as it has drawn the answers of the second iteration, wherever it is then.
        using (var process = terminal.Start(Rl(reward, "parts")))
        {
            while (!File.Exists(_folder.File("parts/rollouts-000001.safetensors")))
            {
                Assert.False(process.HasExited);
                await Task.Delay(20, Token);
            }

            process.Kill();
            await process.WaitForExitAsync(Token);
        }

        var resumed = await terminal.RunAsync(Rl(reward, "parts"));
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
        Assert.Equal(
            await File.ReadAllBytesAsync(_folder.File("whole/Tiny.gguf"), Token),
            await File.ReadAllBytesAsync(_folder.File("parts/Tiny.gguf"), Token));
        Assert.Contains("# Tiny: RLOO", await File.ReadAllTextAsync(_folder.File("parts/report.md"), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Methods_are_compared_and_a_study_is_drawn_by_the_real_program()
    {
        string[] small =
        [
            "--questions", "formats", "--questions", "talk", "--max-tokens", "8", "--iterations", "2", "--prompts-per-iteration", "4",
        ];
        var compared = await terminal.RunAsync(
        [
            "rl", "compare", "--to", _folder.File("methods"), "--method", "rloo", "--method", "best-of-4", "--seeds", "2", "--held-out",
            "4", "--experts", "20", "--members", "1", "--prompts", "20", "--exam", "formats", .. small,
        ]);
        var studied = await terminal.RunAsync(
        [
            "rl", "study", "--to", _folder.File("study"), "--pairs", "60", "--noise", "0.25", "--members", "1", "--measure-every", "1",
            "--measure-questions", "4", .. small,
        ]);

        Assert.Equal((0, ""), (compared.ExitCode, compared.Error));
        Assert.Contains("| rloo | ", compared.Output, StringComparison.Ordinal);
        Assert.Matches(@"\| best-of-4 \| [\d.]+ ± [\d.]+ % \|", compared.Output);
        Assert.EndsWith(
            await File.ReadAllTextAsync(_folder.File("methods/methods.md"), Token), compared.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (studied.ExitCode, studied.Error));
        Assert.Contains("| 60 pairs, 25 % noise, one model |", studied.Output, StringComparison.Ordinal);
        Assert.Contains("<svg", await File.ReadAllTextAsync(_folder.File("study/study.html"), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_are_ranked_rewritten_passed_over_and_undone()
    {
        await File.WriteAllLinesAsync(
            _folder.File("answers.jsonl"),
            Enumerable.Range(0, 4).Select(number =>
                $$"""{"prompt": "Question {{number}}?", "answers": ["left {{number}}", "right {{number}}"]}"""),
            Token);
        string[] command = ["label", _folder.File("answers.jsonl"), "--to", _folder.File("labels.jsonl"), "--rater", "Ada"];

        var first = await terminal.RunAsync(command, "1 2\nnonsense\nu\n2 1\ne 1\nmuch better\nq\n");
        var second = await terminal.RunAsync(command, "s\n1 = 2\n");
        var third = await terminal.RunAsync(
            ["label", "--to", _folder.File("labels.jsonl"), "--demonstrations", _folder.File("better.jsonl")]);

        Assert.Equal(0, first.ExitCode);
        Assert.Contains("2 prompts judged by 1 rater.", first.Output, StringComparison.Ordinal);
        Assert.Contains("3 prompts judged by 1 rater.", second.Output, StringComparison.Ordinal);
        Assert.Contains("Wrote 1 conversations", third.Output, StringComparison.Ordinal);
        Assert.Contains("much better", await File.ReadAllTextAsync(_folder.File("better.jsonl"), Token), StringComparison.Ordinal);
        Assert.Equal(4, (await File.ReadAllLinesAsync(_folder.File("labels.jsonl"), Token)).Length);
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_in_one_sentence()
    {
        var (nothing, missing, labels) = (
            await terminal.RunAsync(["rl", "--to", _folder.File("x"), "--reward", _folder.File("nowhere")]),
            await terminal.RunAsync(["reward", "--to", _folder.File("x"), "--pairs", _folder.File("nowhere.jsonl")]),
            await terminal.RunAsync(["label", "--to", _folder.File("nowhere.jsonl")]));
        var endpoint = await terminal.RunAsync(["rl", "--to", _folder.File("x"), "--endpoint", "nowhere"]);

        Assert.All([nothing, missing, labels, endpoint], result => Assert.NotEqual(0, result.ExitCode));
        Assert.Contains("noos reward", nothing.Error, StringComparison.Ordinal);
        Assert.Contains("is no web address", endpoint.Error, StringComparison.Ordinal);
        Assert.Contains("nowhere.jsonl", missing.Error, StringComparison.Ordinal);
        Assert.Contains("nowhere.jsonl", labels.Error, StringComparison.Ordinal);
    }

    string[] Rl(string reward, string run) =>
    [
        "rl", "--to", _folder.File(run), "--reward", reward, "--iterations", "3", "--prompts-per-iteration", "4", "--answers", "2",
        "--prompts", "30", "--questions", "formats", "--questions", "talk", "--max-tokens", "8", "--text-rows", "0", "--held-out", "4",
        "--max-kl", "1000", "--max-token-kl", "1000", "--learning-rate", "0.001",
    ];
}
