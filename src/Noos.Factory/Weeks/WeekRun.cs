using System.Globalization;
using Noos.Core;
using Noos.Corpus.Preferences;
using Noos.Courses.Experts;
using Noos.Factory.Champions;
using Noos.Factory.Collection;
using Noos.Factory.Gates;
using Noos.Factory.Models;
using Noos.Factory.Policies;
using Noos.Factory.Rewards;
using Noos.Factory.Stages;
using Noos.Kernel.Journaling;
using Noos.Training.Runs;

namespace Noos.Factory.Weeks;

/// <summary>
/// A week of a model: what people taught is collected and cleaned, the base is fine-tuned on all of it, reward models and reinforcement
/// follow, champion and candidate sit the same examinations, the gate decides, and the better one answers from then on. Each step leaves
/// its results in files and is done once; a week that was stopped or killed at any moment goes on there and ends with the same bits. One at
/// a time per folder of weeks.
/// </summary>
/// <param name="recipe">How.</param>
/// <param name="weeks">Holds a folder for each week.</param>
/// <param name="services">What it takes from outside.</param>
public sealed class WeekRun(WeekRecipe recipe, string weeks, WeekServices services)
{
    const string LockName = "lock";

    /// <summary>The steps in their order.</summary>
    public static IReadOnlyList<string> Steps { get; } =
    [
        Collector.StageName, "lessons", WeekTraining.StageName, RewardTraining.StageName, PolicyTraining.StageName, "examine", "gate",
        "promote",
    ];

    /// <summary>Goes on with the week that is under way, or begins the next one, and ends it.</summary>
    /// <returns>The week as it ended.</returns>
    /// <exception cref="NoosException">A step fails; those before it are done.</exception>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellationToken"/> stopped it; the same call goes on from there.
    /// </exception>
    public async Task<WeekState> RunAsync(CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(weeks);
        using var held = Acquire();
        Watch();
        var state = Begin();
        var folder = WeekFolder.For(weeks, state.Number);
        foreach (var step in Steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (state.Done.ContainsKey(step))
            {
                services.Progress?.Report(new StageProgress(step, StageState.UpToDate));
                continue;
            }

            services.Progress?.Report(new StageProgress(step, StageState.Started));
            var started = services.Clock.GetTimestamp();
            state = await RunAsync(step, state, folder, cancellationToken);
            var seconds = services.Clock.GetElapsedTime(started).TotalSeconds;
            state = state with { Done = new Dictionary<string, double>(state.Done, StringComparer.Ordinal) { [step] = seconds } };

            // The report is written anew with every step, so that a week under way can be looked at.
            FactoryJson.Write(folder.State, state);
            WeekReport.Write(recipe, weeks, state);
            services.Progress?.Report(new StageProgress(step, StageState.Done));
        }

        return state;
    }

    /// <summary>All weeks, the first one first.</summary>
    public static IReadOnlyList<WeekState> List(string weeks) => !Directory.Exists(weeks) ? [] :
    [
        .. Directory.GetDirectories(weeks, "week-*").Select(path => new WeekFolder(path).State).Where(File.Exists)
            .Select(FactoryJson.Read<WeekState>).OrderBy(week => week.Number),
    ];

    /// <summary>Whether every step is done.</summary>
    public static bool IsDone(WeekState week)
    {
        ArgumentNullException.ThrowIfNull(week);
        return Steps.All(week.Done.ContainsKey);
    }

    FileStream Acquire()
    {
        try
        {
            return new FileStream(Path.Combine(weeks, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new NoosException(
                ErrorKind.Busy, $"Another program works on a week in '{weeks}'; wait until it is done, or stop it.", exception);
        }
    }

    /// <summary>A champion whose answers have become worse is left before anything is compared with it.</summary>
    void Watch()
    {
        if (services.Home is { } home && File.Exists(Path.Combine(home, Journal.FileName)) && services.Champions.Current is not null)
        {
            using var journal = JournalReader.Open(Path.Combine(home, Journal.FileName));
            var watched = new ChampionWatch(new WatchOptions()).Act(services.Champions, journal, services.Clock.GetUtcNow());
            if (watched.Reason is { } reason)
            {
                Note("watch", $"{watched.Champion!.Name} was left: {reason}.");
            }
        }
    }

    WeekState Begin()
    {
        var all = List(weeks);
        var hash = recipe.Hash();
        if (all is [.., var last] && !IsDone(last))
        {
            return last.Recipe == hash
                ? last
                : throw new NoosException(
                    ErrorKind.Refused,
                    $"Week {last.Number} was begun with other settings of '{recipe.File}'; put them back to end it, or delete "
                    + $"'{WeekFolder.For(weeks, last.Number).Root}' to begin it anew.");
        }

        var current = services.Champions.Current;
        var state = new WeekState(all.Count == 0 ? 1 : all[^1].Number + 1, services.Clock.GetUtcNow(), hash)
        {
            Champion = Path.GetFullPath(current?.Path ?? services.ResolveModel(recipe.PathOf(recipe.Assistant))),
            ChampionNumber = current?.Number,
        };
        FactoryJson.Write(WeekFolder.For(weeks, state.Number).State, state);
        return state;
    }

    async Task<WeekState> RunAsync(string step, WeekState state, WeekFolder folder, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case Collector.StageName:
                await OwnThread.RunAsync(() => Collect(state.Started, folder, cancellationToken), cancellationToken);
                return state;
            case "lessons":
                Note(step, await WeekLessons.WriteAsync(recipe, folder, services.Courses, cancellationToken) + ".");
                return state;
            case WeekTraining.StageName:
                var text = recipe.FineTune.TextEvery == 0 ? null : await WeekText.ReadAsync(services, cancellationToken);
                await TrainAsync(step, () => FineTune(state, folder, text, cancellationToken), cancellationToken);
                return state;
            case RewardTraining.StageName when recipe.Reinforce is { Iterations: > 0, CheckWeight: < 1 }:
                await TrainAsync(step, () => TrainReward(folder, cancellationToken), cancellationToken);
                return state;
            case PolicyTraining.StageName when recipe.Reinforce.Iterations > 0:
                await TrainAsync(step, () => Reinforce(folder, cancellationToken), cancellationToken);
                return state;
            case "examine":
                await ExamineAsync(state, folder, cancellationToken);
                return state;
            case "gate":
                return state with { IsPassed = await JudgeAsync(state, folder, cancellationToken) };
            case "promote":
                return Promote(state, folder);
            default:
                return state;
        }
    }

    async Task TrainAsync(string step, Func<bool> train, CancellationToken cancellationToken)
    {
        await LibtorchSetup.EnsureAsync(step, services.Progress, services.Clock, services.Logger, cancellationToken);
        var isComplete = false;
        await OwnThread.RunAsync(() => isComplete = train(), cancellationToken);
        if (!isComplete)
        {
            // The run saved its state when it was told to stop.
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>Collects what was taught until then.</summary>
    internal CollectionReport Collect(DateTimeOffset until, WeekFolder folder, CancellationToken cancellationToken)
    {
        var collect = recipe.Collect;
        var report = new Collector(collect.ToOptions(until), services.Courses).Run(
            new TaughtSources
            {
                Home = collect.Journal ? services.Home : null,
                Labels = Files(collect.Labels),
                Preferences = Files(collect.Preferences),
                Demonstrations = Files(collect.Demonstrations),
            },
            folder.Collected, cancellationToken);
        Note(Collector.StageName, report.ToMarkdown().Split('\n')[0].TrimEnd());
        return report;
    }

    /// <summary>Files, and the JSON lines of folders, in the order of their names.</summary>
    string[] Files(IReadOnlyList<string> paths) =>
    [
        .. paths.Select(recipe.PathOf).SelectMany(path => Directory.Exists(path)
            ? Directory.GetFiles(path).Where(file => file.Contains(".jsonl", StringComparison.Ordinal)
                && !Path.GetFileName(file).StartsWith('.')).Order(StringComparer.Ordinal)
            : (IEnumerable<string>)[path]),
    ];

    bool FineTune(WeekState state, WeekFolder folder, WeekText? text, CancellationToken cancellationToken)
    {
        using var begin = TrainableModel.Open(services.ResolveModel(recipe.PathOf(recipe.Base)));
        using var form = TrainableModel.Open(state.Champion);
        return new WeekTraining(recipe.FineTune, begin, form).Run(
            folder.Lessons, text, folder.FineTuning, FineTuned(folder), recipe.Name, Services(), services.Progress, cancellationToken);
    }

    bool TrainReward(WeekFolder folder, CancellationToken cancellationToken)
    {
        using var trunk = TrainableModel.Open(services.ResolveModel(recipe.PathOf(recipe.Base)));
        var groups = PreferenceFile.Read(CollectedFiles.PreferencesPath(folder.Collected)).ToList();
        if (recipe.Reward.Experts > 0)
        {
            groups.AddRange(ExpertPreferences.Write(
                new ExpertPanel { FlipRate = recipe.Reward.Noise, Seed = recipe.Reward.Seed }, recipe.Reward.Experts, services.Courses,
                recipe.Reinforce.Questions.Where(name => name != CallPrompts.Generator).ToArray() is { Length: > 0 } named ? named : null));
        }

        var report = new RewardTraining(recipe.Reward.ToOptions(), trunk, groups, folder.Reward).Run(
            services.Progress, Services(), cancellationToken);
        if (report is not null)
        {
            Note(RewardTraining.StageName, report.ToText().Split('\n')[0].TrimEnd() + ".");
        }

        return report is not null;
    }

    bool Reinforce(WeekFolder folder, CancellationToken cancellationToken)
    {
        var options = recipe.Reinforce.ToOptions();
        using var policy = TrainableModel.Open(FineTuned(folder));
        using var ensemble = options.CheckWeight < 1 ? RewardEnsemble.Open(folder.Reward, options.Workers) : null;
        var text = options.Reinforcement.TextRows > 0 && options.Reinforcement.Method != Training.Reinforcement.ReinforcementMethod.Dpo
            ? PolicyText.FromFile(folder.Lessons, policy, recipe.Reinforce.Seed)
            : null;
        var report = new PolicyTraining(options, policy, services.Courses, folder.Reinforcement).Run(
            ensemble, text, text?.Name ?? "", services.Progress, Services(), cancellationToken);
        if (report?.Stopped is { } alarm)
        {
            Note(PolicyTraining.StageName, alarm.Message);
        }

        return report is not null;
    }

    async Task ExamineAsync(WeekState state, WeekFolder folder, CancellationToken cancellationToken)
    {
        var examination = Examination(state);
        foreach (var (name, path) in ((string, string)[])[("champion", state.Champion), ("candidate", Candidate(folder))])
        {
            var measured = await examination.MeasureAsync(
                () => services.Open(path), Path.Combine(folder.Examinations, name), "examine", name, services.Progress, cancellationToken);
            var text = await ReadTextAsync(Path.Combine(folder.Examinations, name), path, name, cancellationToken);
            Note("examine", string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {string.Join(", ", measured.Examinations.Select(exam => string.Create(
                    CultureInfo.InvariantCulture, $"{exam.Course} {exam.Share * 100:F1} %")))}; questions "
                + $"{measured.Answers.Average(answer => answer.Score):F3}"
                + $"{(text is null ? "" : $"; text {text.BitsPerByte:F3} bits per byte")}."));
        }
    }

    /// <summary>What a model makes of text, measured or read back; null where the week has none.</summary>
    async Task<TextFit?> ReadTextAsync(string folder, string model, string name, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, "text.json");
        if (!File.Exists(path))
        {
            if (recipe.Gate.Texts == 0 || await WeekText.ReadAsync(services, cancellationToken) is not { } text)
            {
                return null;
            }

            var articles = text.HeldOut(recipe.Gate.Texts);
            using var read = TrainableModel.Open(model);
            FactoryJson.Write(path, TextFit.Measure(
                read, articles, recipe.FineTune.Workers,
                done => services.Progress?.Report(new StageProgress("examine", StageState.Running)
                {
                    Done = done,
                    Total = articles.Count,
                    Unit = "texts",
                    Detail = $"{name}, text",
                }),
                cancellationToken));
        }

        return FactoryJson.Read<TextFit>(path);
    }

    async Task<bool> JudgeAsync(WeekState state, WeekFolder folder, CancellationToken cancellationToken)
    {
        var examination = Examination(state);
        var (champion, candidate) = (await ReadAsync("champion", state.Champion), await ReadAsync("candidate", Candidate(folder)));
        var verdict = ChampionGate.Judge(champion, candidate, recipe.Gate.ToOptions());
        FactoryJson.Write(folder.Verdict, new WeekVerdict(verdict, examination.SecondOpinion(champion, candidate)));
        Note("gate", verdict.ToText());
        return verdict.IsPassed;

        async Task<ModelMeasurement> ReadAsync(string name, string model)
        {
            var measured = await examination.MeasureAsync(
                () => throw new NoosException(
                    ErrorKind.Damaged, $"The examinations in '{folder.Examinations}' are not whole; delete the week."),
                Path.Combine(folder.Examinations, name), "gate", name, progress: null, cancellationToken);
            return measured with
            {
                Text = await ReadTextAsync(Path.Combine(folder.Examinations, name), model, name, cancellationToken),
            };
        }
    }

    WeekState Promote(WeekState state, WeekFolder folder)
    {
        if (state.IsPassed != true)
        {
            return state;
        }

        var occasion = string.Create(CultureInfo.InvariantCulture, $"{recipe.Name}, week {state.Number}");
        var current = services.Champions.Current;
        if (current?.Occasion != occasion && current?.Number != state.ChampionNumber)
        {
            Note("promote", "The candidate is better than a champion that no longer answers; it is kept beside, and nobody is promoted.");
            return state;
        }

        var rate = FactoryJson.Read<WeekVerdict>(folder.Verdict).Gate.WinRate;
        var champion = services.Champions.Promote(
            Candidate(folder), occasion, services.Clock.GetUtcNow(),
            string.Create(CultureInfo.InvariantCulture, $"win rate {rate * 100:F1} % over the model before"));
        Note("promote", $"{champion.Name} answers from now on.");
        return state with { Promoted = champion.Number };
    }

    GateExamination Examination(WeekState state) =>
        new(recipe.Gate.ToQuestions(state.Number), services.Courses, services.Tools);

    string FineTuned(WeekFolder folder) => Path.Combine(folder.FineTuning, recipe.Name + ".gguf");

    string Candidate(WeekFolder folder) =>
        recipe.Reinforce.Iterations > 0 ? Path.Combine(folder.Reinforcement, recipe.Name + ".gguf") : FineTuned(folder);

    RunServices Services() => new()
    {
        Clock = services.Clock,
        Logger = services.Logger,
        MeasurePeak = services.MeasurePeak,
    };

    void Note(string step, string text) => services.Progress?.Report(new StageProgress(step, StageState.Running) { Note = text });
}

/// <summary>What a week came to at its gate.</summary>
/// <param name="Gate">The checks.</param>
/// <param name="SecondWinRate">How often the second judge prefers the candidate; not part of the gate.</param>
public sealed record WeekVerdict(GateVerdict Gate, double SecondWinRate);
