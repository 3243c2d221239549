using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Preferences;
using Noos.Courses.Experts;
using Noos.Factory.Models;
using Noos.Factory.Rewards;
using Noos.Testing;
using Noos.Training.Runs;

namespace Noos.Factory.Tests.Rewards;

public sealed class RewardTrainingTests : IDisposable
{
    static readonly RewardOptions s_options = new()
    {
        Members = 2,
        LearningRate = 3e-3,
        PromptsPerStep = 4,
        CheckpointEvery = 10,
        Epochs = 2,
    };

    readonly TinyModel _file = new();
    readonly TemporaryFolder _folder = new();
    readonly TrainableModel _model;

    public RewardTrainingTests() => _model = TrainableModel.Open(_file.Path);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static RunServices Services => new() { MeasurePeak = () => 1e9 };

    public void Dispose()
    {
        _model.Dispose();
        _file.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Ensemble_learns_from_noisy_experts_and_says_how_well()
    {
        var folder = _folder.File("reward");
        var progress = new ProgressList();

        var report = new RewardTraining(s_options, _model, Experts(220), folder).Run(progress, Services, Token)!;

        Assert.True(report.TrueAccuracy > 0.6, report.ToText());
        Assert.InRange(report.Ceiling!.Value, 0.6, 0.95);
        Assert.Equal(2, report.MemberAccuracies.Count);
        Assert.InRange(report.CalibrationError, 0, 0.5);
        Assert.Contains("Endless", report.AccuracyByKind.Keys);
        Assert.Contains("ceiling", report.ToText(), StringComparison.Ordinal);
        var last = progress.All.Last(value => value.Unit == "updates");
        Assert.Equal(last.Total, last.Done);
        Assert.Contains("member 2 of 2", last.Detail, StringComparison.Ordinal);

        // What is opened later says the same of the same answers.
        using var ensemble = RewardEnsemble.Open(folder);
        Assert.Equal(2, ensemble.MemberCount);
        var good = Tokens("Name three animals.", "Dogs, cats and cows.", isEnded: true);
        var endless = Tokens("Name three animals.", string.Join(' ', Enumerable.Repeat("Dogs and dogs.", 6)), isEnded: false);
        var scores = ensemble.Score([good, endless]);
        Assert.Equal(scores[0], ensemble.Score([good])[0], 1e-5);
        Assert.True(scores[0] > scores[1], $"{scores[0]} is not above {scores[1]}");
        using var worst = RewardEnsemble.Open(folder, combination: RewardCombination.Worst);
        using var mean = RewardEnsemble.Open(folder, combination: RewardCombination.Mean);
        Assert.True(worst.Score([good])[0] <= mean.Score([good])[0]);
    }

    [Fact]
    public void Training_that_is_stopped_goes_on_to_the_same_report()
    {
        var preferences = Experts(60);
        var whole = new RewardTraining(s_options, _model, preferences, _folder.File("whole")).Run(null, Services, Token)!;
        using var stop = new CancellationTokenSource();
        var progress = new ProgressList
        {
            OnReport = value =>
            {
                if (value is { Unit: "updates", Done: 5 })
                {
                    stop.Cancel();
                }
            },
        };

        var stopped = new RewardTraining(s_options, _model, preferences, _folder.File("parts")).Run(progress, Services, stop.Token);
        Assert.Null(stopped);
        Assert.Throws<NoosException>(() => RewardEnsemble.Open(_folder.File("parts")));
        var resumed = new RewardTraining(s_options, _model, preferences, _folder.File("parts")).Run(null, Services, Token)!;

        Assert.Equal(whole.ToText(), resumed.ToText());
        using var one = RewardEnsemble.Open(_folder.File("whole"));
        using var other = RewardEnsemble.Open(_folder.File("parts"));
        int[][] answers = [Tokens("Hi", "Hello.", true), Tokens("Hi", "No no no", false)];
        Assert.Equal(one.Score(answers), other.Score(answers));
    }

    [Fact]
    public void Groups_of_any_size_are_learned_from_and_nothing_else_counts()
    {
        var group = new PreferenceGroup(
            Conversation.From(Message.User("Hi")),
            [.. Enumerable.Range(0, 6).Select(answer => new PreferenceAnswer([Message.Assistant($"answer {answer}")]))],
            [new Preference(0, 1), new Preference(0, 5), new Preference(3, 4, 0.5f)]);
        var rows = new RewardRows([group], _model.Format, 200, answers: 3, seed: 1);

        // Two chunks with pairs, and one pair across them.
        Assert.Equal(3, rows.Samples);
        var weights = Enumerable.Range(0, 9).Select(index => rows.Read(index)).Sum(row => row.Extras["wins"].Sum());
        Assert.Equal(2.5f, weights);
        Assert.Equal(rows.Read(4).Tokens, rows.Read(4).Tokens);
        Assert.Throws<NoosException>(() => new RewardRows([group], _model.Format, 5, answers: 3, seed: 1));
        Assert.Throws<NoosException>(() => new RewardRows([], _model.Format, 200, answers: 3, seed: 1));
    }

    [Fact]
    public void Reward_is_read_behind_the_end_of_the_turn_or_behind_the_last_word()
    {
        var ended = Tokens("Hi", "Hello.", isEnded: true);
        var cut = Tokens("Hi", "Hello.", isEnded: false);

        Assert.Equal(_model.Tokenizer.EndOfTurn, ended[^1]);
        Assert.Equal(ended[..^1], cut);
        var row = RewardRows.RowOf(ended, _model.Tokenizer.EndOfText);
        Assert.Equal((ended.Length - 1, 1), (row.LastTarget, row.TargetCount));
    }

    [Fact]
    public void Settings_that_cannot_train_and_folders_without_a_model_are_refused()
    {
        Assert.Throws<NoosException>(() => (s_options with { Members = 0 }).Validate());
        Assert.Throws<NoosException>(() => (s_options with { HeldOutEvery = 1 }).Validate());
        Assert.Contains("noos reward", Assert.Throws<NoosException>(() => RewardEnsemble.Open(_folder.Path)).Message,
            StringComparison.Ordinal);
    }

    static PreferenceGroup[] Experts(int count) =>
        [.. ExpertPreferences.Write(new ExpertPanel(), count, [], ["formats", "talk"])];

    int[] Tokens(string question, string answer, bool isEnded) => AnswerTokens.Render(
        _model.Format, Conversation.From(Message.User(question)), [Message.Assistant(answer)], isEnded).Tokens;
}
