using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Cli.Terminal;
using Noos.Core.Settings;
using Noos.Corpus.Preferences;
using Noos.Courses.Experts;
using Noos.Factory.Rewards;
using Noos.Factory.Stages;
using Noos.Tools;

namespace Noos.Cli.Factory;

/// <summary><c>noos reward --to FOLDER</c></summary>
static class RewardCommand
{
    const int HeldOutSeed = 20_261_130;
    const int HeldOutPrompts = 300;

    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    public static Command Create(NoosSettings settings)
    {
        var usual = new RewardOptions();
        var panel = new ExpertPanel();
        var model = new TrainedModelOption(settings);
        var to = new Option<string>("--to") { Description = "Folder for the reward models.", Required = true };
        var pairs = new Option<string[]>("--pairs")
        {
            Description = "A file of preferences as JSON lines: what the page exports (prompt, chosen, rejected), ratings such as "
                + "UltraFeedback's (instruction, completions), rated texts that stand alone (question, score), or what 'noos label' "
                + "writes. Can be given several times.",
        };
        var experts = new Option<int?>("--experts")
        {
            Description = "Let scripted experts compare answers to so many questions; without --pairs 6000 unless told otherwise.",
        }.AtLeast(2);
        var noise = new Option<double>("--noise")
        {
            Description = "Share of the experts' labels that are wrong.",
            DefaultValueFactory = _ => panel.FlipRate,
        };
        var heldOutDefects = new Option<AnswerDefect[]>("--hold-out-defect")
        {
            Description = "A defect that the experts' answers never have; can be given several times. One of "
                + $"{string.Join(", ", panel.Defects)}.",
        };
        var tests = new Option<string[]>("--test")
        {
            Description = "A file of preferences that are measured and not trained on; can be given several times.",
        };
        var export = new Option<string?>("--export")
        {
            Description = "Also write the preferences to this file, as JSON lines.",
        };
        var members = Number("--members", "Reward models of the ensemble", usual.Members);
        var epochs = new Option<double>("--epochs")
        {
            Description = "Passes over the preferences; more than one learn the noise by heart.",
            DefaultValueFactory = _ => usual.Epochs,
        };
        var rate = new Option<double>("--learning-rate")
        {
            Description = "Learning rate.",
            DefaultValueFactory = _ => usual.LearningRate,
        };
        var flipRate = new Option<double>("--flip-rate")
        {
            Description = "Share of the labels that are thought to be wrong.",
            DefaultValueFactory = _ => usual.FlipRate,
        };
        var perStep = Number("--prompts-per-step", "Questions of one update", usual.PromptsPerStep);
        var answers = Number("--answers", "Answers to a question that share a pass", usual.AnswersPerSample);
        var workers = Number("--workers", "Threads that compute", usual.Workers);
        var seed = Number("--seed", "Seed of heads, orders and experts", usual.Seed);
        var minutes = TimeLimit.Option();
        var json = new Option<bool>("--json") { Description = "Write the report as JSON." };
        var command = new CommandWithExamples(
            "reward",
            "Train an ensemble of reward models from preferences, or go on where it stopped, and measure it on questions that were kept "
            + "back: pair accuracy beside the ceiling of the labels' noise, calibration, correlation with length, accuracy by kind of "
            + "defect.",
            "noos reward --to reward --experts 6000",
            "noos reward --to reward --pairs noos-pairs.jsonl --pairs ultrafeedback.jsonl.zst --members 4 --minutes 60",
            "noos reward --to check --experts 500 --hold-out-defect Rude --members 1 --json");
        model.AddTo(command);
        foreach (var option in new Option[]
        {
            to, pairs, experts, noise, heldOutDefects, tests, export, members, epochs, rate, flipRate, perStep, answers, workers, seed,
            minutes, json,
        })
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var limit = TimeLimit.After(parsed.GetValue(minutes), cancellationToken);
            var files = parsed.GetValue(pairs) ?? [];
            var preferences = PreferenceFile.Read(files).ToList();
            var measured = (parsed.GetValue(tests) ?? []).Select(test => (Path.GetFileName(test), PreferenceFile.Read(test))).ToList();
            if ((parsed.GetValue(experts) ?? (files.Length == 0 ? 6000 : 0)) is > 0 and var count)
            {
                var held = parsed.GetValue(heldOutDefects) ?? [];
                preferences.AddRange(ExpertPreferences.Write(
                    panel with
                    {
                        FlipRate = parsed.GetValue(noise),
                        Seed = parsed.GetValue(seed),
                        Defects = [.. panel.Defects.Except(held)],
                    },
                    count, CourseCatalog.All));

                // What the experts of the training never say: other wordings and words, and other kinds of questions; with all defects.
                var heldOut = panel with { FlipRate = parsed.GetValue(noise), Seed = HeldOutSeed, IsExamination = true };
                measured.Add(("held-out wordings, all defects", [.. ExpertPreferences.Write(heldOut, HeldOutPrompts, [])]));
                measured.Add(("held-out questions, all defects",
                    [.. ExpertPreferences.Write(heldOut, HeldOutPrompts, [], ExpertPrompts.HeldOutGenerators)]));
            }

            if (parsed.GetValue(export) is { } file)
            {
                PreferenceFile.Write(file, preferences);
            }

            var options = usual with
            {
                Members = parsed.GetValue(members),
                Epochs = parsed.GetValue(epochs),
                LearningRate = parsed.GetValue(rate),
                FlipRate = parsed.GetValue(flipRate),
                PromptsPerStep = parsed.GetValue(perStep),
                AnswersPerSample = parsed.GetValue(answers),
                Workers = parsed.GetValue(workers),
                Seed = parsed.GetValue(seed),
            };
            using var trunk = model.Open(parsed);
            RewardReport? report;
            using (var display = new StageDisplay(ProgressLine.OnError(), TimeProvider.System))
            {
                await LibtorchSetup.EnsureAsync(
                    RewardTraining.StageName, display, TimeProvider.System, NullLogger.Instance, limit.Token);
                var training = new RewardTraining(options, trunk, preferences, parsed.GetRequiredValue(to)) { Tests = measured };
                report = await Task.Factory.StartNew(
                    () => training.Run(display, cancellationToken: limit.Token), limit.Token, TaskCreationOptions.LongRunning,
                    TaskScheduler.Default);
            }

            if (report is null)
            {
                StageCommand.Finish(isComplete: false, "", cancellationToken);
                return 0;
            }

            Console.Out.Write(parsed.GetValue(json) ? JsonSerializer.Serialize(report, s_json) + "\n" : report.ToText());
            return 0;
        });
        return command;
    }

    static Option<int> Number(string name, string what, int usual) => new Option<int>(name)
    {
        Description = what + ".",
        DefaultValueFactory = _ => usual,
    }.AtLeast(1);
}
