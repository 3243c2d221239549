using System.Text.Json;
using Noos.Cli.Factory;
using Noos.Core.Conversations;
using Noos.Corpus.Preferences;
using Noos.Factory.Weeks;
using Noos.Kernel.Timers;
using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary>Whole weeks of a tiny model by the real program, killed and undisturbed.</summary>
public sealed class WeeklyCommandTests(Terminal terminal) : IClassFixture<Terminal>, IDisposable
{
    static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    readonly TemporaryFolder _folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Week_that_is_killed_at_random_moments_ends_as_one_that_was_not_and_promotes_once()
    {
        var recipe = WriteRecipe(isLenient: true);
        var whole = await RunAsync("whole", recipe);
        Assert.Equal((0, ""), (whole.ExitCode, whole.Error));
        Assert.Contains("Week 1: champion 1 answers from now on.", whole.Output, StringComparison.Ordinal);

        var random = new Random(17);
        var kills = 0;
        for (var ended = false; !ended;)
        {
            terminal.Variables["NOOS_HOME"] = _folder.File("killed");
            using var process = terminal.Start(Week("killed", recipe));
            var output = process.StandardOutput.ReadToEndAsync(Token);
            var error = process.StandardError.ReadToEndAsync(Token);

            // Later and later, so that it comes to its end on any machine.
            using var moment = CancellationTokenSource.CreateLinkedTokenSource(Token);
            moment.CancelAfter((int)(random.Next(600, 1600) * Math.Pow(1.2, kills)));
            try
            {
                await process.WaitForExitAsync(moment.Token);
                ended = true;
                Assert.True(process.ExitCode == 0, await error);
            }
            catch (OperationCanceledException) when (!Token.IsCancellationRequested)
            {
                process.Kill();
                await process.WaitForExitAsync(Token);
                kills++;
            }

            await output;
        }

        Assert.True(kills > 2, $"It was killed {kills} times only.");
        foreach (var file in (string[])
            [
                "collected/demonstrations.jsonl", "collected/preferences.jsonl", "lessons.jsonl", "sft/Tiny.gguf", "rl/Tiny.gguf",
                "gate.json",
            ])
        {
            Assert.Equal(
                await File.ReadAllBytesAsync(_folder.File($"whole-weeks/week-0001/{file}"), Token),
                await File.ReadAllBytesAsync(_folder.File($"killed-weeks/week-0001/{file}"), Token));
        }

        Assert.Equal(await ReportAsync("whole"), await ReportAsync("killed"));
        Assert.Equal(["0001", "current", "switches.txt"], Names("whole"));
        Assert.Equal(Names("whole"), Names("killed"));
        Assert.Equal(
            await File.ReadAllBytesAsync(_folder.File("whole/champions/0001/Tiny.gguf"), Token),
            await File.ReadAllBytesAsync(_folder.File("killed/champions/0001/Tiny.gguf"), Token));

        // Whoever names no model is answered by it, and after the next week by the next.
        terminal.Variables["NOOS_MODEL"] = "";
        var listed = await terminal.RunAsync(["champions"]);
        var answer = await terminal.RunAsync(["ask", "hello", "--max-tokens", "4"]);
        Assert.StartsWith("* champion-0001", listed.Output, StringComparison.Ordinal);
        Assert.Equal(0, answer.ExitCode);
        var next = await RunAsync("killed", recipe);
        Assert.Contains("Week 2: champion 2 answers from now on.", next.Output, StringComparison.Ordinal);
        var back = await terminal.RunAsync(["champions", "back", "--reason", "a test"]);
        Assert.Equal("champion-0001 answers from now on.\n", back.Output);
        using var json = JsonDocument.Parse((await terminal.RunAsync(["champions", "--json"])).Output);
        Assert.Equal(
            [(2, false, "a test"), (1, true, null)],
            json.RootElement.EnumerateArray().Select(champion => (
                champion.GetProperty("number").GetInt32(), champion.GetProperty("is_current").GetBoolean(),
                champion.GetProperty("reason").GetString())));

        string[] Names(string home) => [.. Directory.GetFileSystemEntries(_folder.File($"{home}/champions"))
            .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Candidate_that_is_no_better_is_refused_and_the_report_says_why()
    {
        var recipe = WriteRecipe(isLenient: false);
        var result = await RunAsync("strict", recipe);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("Week 1: the champion stays", result.Output, StringComparison.Ordinal);
        var report = await File.ReadAllTextAsync(_folder.File("strict-weeks/week-0001/report.md"), Token);
        Assert.Contains("The candidate is refused:", report, StringComparison.Ordinal);
        Assert.Contains("| win rate | 50.0 % |", report, StringComparison.Ordinal);
        Assert.Contains("| labels.jsonl | 3 | 3 |", report, StringComparison.Ordinal);
        var html = await File.ReadAllTextAsync(_folder.File("strict-weeks/week-0001/report.html"), Token);
        Assert.Contains("<svg", html, StringComparison.Ordinal);
        Assert.Contains("Win rate over the champion", html, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("strict/champions")));

        // A week that was begun is not ended with other settings.
        await File.WriteAllTextAsync(
            _folder.File("strict-weeks/week-0001/week.json"),
            (await File.ReadAllTextAsync(_folder.File("strict-weeks/week-0001/week.json"), Token))
                .Replace("\"promote\"", "\"other\"", StringComparison.Ordinal), Token);
        await File.AppendAllTextAsync(recipe, "max_drop = 2.0\n", Token);
        var changed = await RunAsync("strict", recipe);
        Assert.True(changed.IsMistake, $"exit code {changed.ExitCode}");
        Assert.Contains("was begun with other settings", changed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_makes_up_for_a_week_whose_time_came_while_it_was_off_as_a_program_of_its_own()
    {
        var recipe = WeekRecipe.Read(WriteRecipe(isLenient: true));
        var home = _folder.File("served");
        var now = TimeProvider.System.GetUtcNow();
        var last = new WeekState(1, now.AddDays(-8), recipe.Hash())
        {
            Done = WeekRun.Steps.ToDictionary(step => step, _ => 1.0, StringComparer.Ordinal),
        };
        Directory.CreateDirectory(Path.Combine(home, "weeks/Tiny/week-0001"));
        await File.WriteAllTextAsync(
            Path.Combine(home, "weeks/Tiny/week-0001/week.json"),
            JsonSerializer.Serialize(last, s_json), Token);
        var said = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);

        stop.CancelAfter(TimeSpan.FromMinutes(15));
        var timer = new WeeklyTimer(
            home, (recipe, new TimerSchedule("0 2 * * 0")), TimeProvider.System, said.Enqueue).RunAsync(stop.Token);
        while (!said.Any(line => line.Contains("Week 2: champion 1 answers", StringComparison.Ordinal)))
        {
            Assert.False(timer.IsCompleted, string.Join('\n', said));
            await Task.Delay(50, Token);
        }

        await stop.CancelAsync();
        await timer;
        Assert.True(File.Exists(Path.Combine(home, "champions/current")));
        Assert.True(File.Exists(Path.Combine(home, "weeks/Tiny/week-0002/report.html")));
    }

    [Fact]
    public async Task Dry_run_says_the_hours_of_each_step_and_leaves_nothing()
    {
        var result = await RunAsync("dry", WriteRecipe(isLenient: false), "--dry-run");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("1 demonstrations (3 rows) and 3 judged pairs of 2 prompts.", result.Output, StringComparison.Ordinal);
        Assert.All(
            (string[])["sft", "reward", "rl", "examine", "all"],
            step => Assert.Contains($"  {step} ", result.Output, StringComparison.Ordinal));
        Assert.False(Directory.Exists(_folder.File("dry-weeks")));
    }

    [Fact]
    public async Task Collect_writes_what_may_be_learned_and_says_what_was_dropped()
    {
        WriteRecipe(isLenient: false);
        var result = await terminal.RunAsync(
            ["collect", "--to", _folder.File("collected"), "--no-journal", "--labels", _folder.File("labels.jsonl"), "--max-rows", "1"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("| labels.jsonl | 3 | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 2 |", result.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.File("collected/collection.json")));
    }

    [Theory]
    [InlineData("iterations = 2", "iteration = 2", "did you mean 'iterations'")]
    [InlineData("method = \"rloo\"", "method = \"magic\"", "There is no method 'magic'")]
    [InlineData("name = \"talk\"", "name = \"walk\"", "There is no course 'walk'")]
    [InlineData("base = ", "assistant_of = ", "unknown key")]
    public async Task Absurd_recipe_is_refused_in_one_sentence(string setting, string other, string said)
    {
        var recipe = WriteRecipe(isLenient: false);
        await File.WriteAllTextAsync(
            recipe, (await File.ReadAllTextAsync(recipe, Token)).Replace(setting, other, StringComparison.Ordinal), Token);

        var result = await RunAsync("absurd", recipe);

        Assert.True(result.IsMistake, $"exit code {result.ExitCode}");
        Assert.Contains(said, Assert.Single(result.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    Task<Terminal.Result> RunAsync(string home, string recipe, params string[] more)
    {
        terminal.Variables["NOOS_HOME"] = _folder.File(home);
        return terminal.RunAsync([.. Week(home, recipe), .. more]);
    }

    string[] Week(string home, string recipe) => ["weekly", recipe, "--out", _folder.File(home + "-weeks")];

    // Without the hours.
    async Task<string> ReportAsync(string home) =>
        (await File.ReadAllTextAsync(_folder.File($"{home}-weeks/week-0001/report.md"), Token)).Split("## Time")[0];

    string WriteRecipe(bool isLenient)
    {
        var now = TimeProvider.System.GetUtcNow();
        var item = new PreferenceGroup(
            Conversation.From(Message.User("How are you?")),
            [new PreferenceAnswer([Message.Assistant("Fine.")]), new PreferenceAnswer([Message.Assistant("Go away.")])], []);
        LabelFile.Write(_folder.File("labels.jsonl"),
        [
            Label.Create(item, [1, 2], "ada", now.AddDays(-1)),
            Label.Create(item with { Prompt = Conversation.From(Message.User("Well?")) }, [], "ada", now.AddDays(-1), edit: "Quite well."),
        ]);
        var gate = isLenient
            ? "level = 0.000001\nmax_drop = 100.0\nmax_rise = 100.0\nmin_win_rate = 0.0\nmin_lower_bound = 0.0\n"
            : "min_win_rate = 0.99\n";
        var path = _folder.File("weekly.toml");
        File.WriteAllText(path, $"""
            name = "Tiny"
            base = "{terminal.ModelPath}"
            assistant = "{terminal.ModelPath}"
            [[courses]]
            name = "talk"
            count = 60
            [collect]
            labels = ["labels.jsonl"]
            [fine_tune]
            max_steps = 4
            rows = 2
            checkpoint_every = 2
            [reward]
            members = 1
            experts = 20
            prompts_per_step = 4
            [reinforce]
            method = "rloo"
            iterations = 2
            prompts_per_iteration = 4
            answers = 2
            max_tokens = 8
            text_rows = 2
            prompts = 20
            questions = ["formats", "talk"]
            measure_every = 1
            measure_questions = 4
            learning_rate = 0.001
            max_kl = 1000.0
            max_token_kl = 1000.0
            [gate]
            courses = ["talk"]
            questions = 5
            rounds = 1
            prompts = 20
            max_tokens = 8
            {gate}
            """);
        return path;
    }
}
