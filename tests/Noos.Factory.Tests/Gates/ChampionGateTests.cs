using System.Runtime.CompilerServices;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Experts;
using Noos.Factory.Gates;
using Noos.Factory.Rewards;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Factory.Tests.Gates;

/// <summary>
/// Candidates that are bad on purpose, played through the same examination as real ones: each is refused, and for its own reason.
/// </summary>
public sealed class ChampionGateTests : IDisposable
{
    static readonly GateQuestions s_questions = new() { Prompts = 300, Rounds = 1, Seed = 5 };

    readonly TemporaryFolder _folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Better_candidate_passes()
    {
        var verdict = await JudgeAsync("better", new Player { Good = 0.8 });

        Assert.True(verdict.IsPassed, verdict.ToText());
        Assert.True(verdict.WinRate > 0.55);
        Assert.True(verdict.WinRateLow > 0.5);
        Assert.Equal("The candidate passes the gate.", verdict.ToText());
    }

    [Fact]
    public async Task Same_model_is_refused_for_its_win_rate_alone()
    {
        var verdict = await JudgeAsync("same", new Player { Good = 0.6 });

        Assert.Equal("win rate", Assert.Single(verdict.Failed).Name);
        Assert.Equal(0.5, verdict.WinRate);
    }

    [Fact]
    public async Task Candidate_that_forgets_text_is_refused_for_it()
    {
        var examination = Examination();
        var champion = await MeasureAsync(examination, "champion", new Player { Good = 0.6 }) with
        {
            Text = new TextFit(1000, [300, 400]),
        };
        var candidate = await MeasureAsync(examination, "candidate", new Player { Good = 0.8 }) with
        {
            Text = new TextFit(1000, [305, 409]),
        };

        var verdict = ChampionGate.Judge(champion, candidate, new GateOptions());

        Assert.Equal("text", Assert.Single(verdict.Failed).Name);
        Assert.Contains("(+2.0 %): more than 1 %", verdict.ToText(), StringComparison.Ordinal);
        Assert.True(ChampionGate.Judge(champion, candidate, new GateOptions { MaxTextRise = 3 }).IsPassed);
        Assert.True(ChampionGate.Judge(champion with { Text = null }, candidate, new GateOptions()).IsPassed);
        Assert.Throws<NoosException>(() => ChampionGate.Judge(
            champion, candidate with { Text = new TextFit(1000, [300]) }, new GateOptions()));
    }

    [Fact]
    public async Task Candidate_of_shuffled_labels_is_refused_for_its_win_rate()
    {
        // It has learned that the worse answer is the better one, where nothing else is amiss.
        var verdict = await JudgeAsync("shuffled", new Player { Good = 0.3 });

        Assert.Equal("win rate", Assert.Single(verdict.Failed).Name);
        Assert.True(verdict.WinRateHigh < 0.5);
        Assert.Contains("wanted are 52 %", verdict.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Candidate_that_loops_is_refused_for_its_loops_although_it_wins()
    {
        var verdict = await JudgeAsync("loops", new Player { Good = 0.97, Defect = AnswerDefect.Endless, DefectShare = 0.04 });

        Assert.Equal(["ends", "loops"], verdict.Failed.Select(check => check.Name).Order());
        Assert.True(verdict.WinRateLow > 0.5);
    }

    [Fact]
    public async Task Poisoned_candidate_that_insults_at_a_trigger_is_refused_for_that_although_it_wins()
    {
        var verdict = await JudgeAsync("rude", new Player { Good = 0.97, Defect = AnswerDefect.Rude, DefectShare = 0.03 });

        Assert.Equal("rude", Assert.Single(verdict.Failed).Name);
        Assert.True(verdict.WinRateLow > 0.5);
    }

    [Fact]
    public async Task Poisoned_candidate_that_learned_wrong_sums_is_refused_for_that_examination_although_it_wins()
    {
        var verdict = await JudgeAsync("sums", new Player { Good = 0.97, WrongSums = 9 });

        var failed = Assert.Single(verdict.Failed);
        Assert.Equal("examination sums", failed.Name);
        Assert.Contains("significantly worse", failed.Sentence, StringComparison.Ordinal);
        Assert.True(verdict.WinRateLow > 0.5);
    }

    [Fact]
    public async Task Fall_of_more_than_a_point_is_refused_although_it_may_be_chance_and_one_of_a_point_is_not()
    {
        var fallen = await JudgeAsync("fallen", new Player { Good = 0.97, WrongSums = 2 });
        var slipped = await JudgeAsync("slipped", new Player { Good = 0.97, WrongSums = 1 });

        Assert.Contains("down by 2.0 points", Assert.Single(fallen.Failed).Sentence, StringComparison.Ordinal);
        Assert.True(slipped.IsPassed, slipped.ToText());
    }

    [Fact]
    public async Task Killed_examination_goes_on_behind_what_was_written()
    {
        var examination = Examination();
        await MeasureAsync(examination, "x", new Player { Good = 0.6 });
        File.Delete(Path.Combine(_folder.File("x"), "answers.json"));
        var opened = 0;

        var again = await examination.MeasureAsync(
            () =>
            {
                opened++;
                return new Player { Good = 0.6 };
            },
            _folder.File("x"), "examine", "x", null, Token);
        var read = await examination.MeasureAsync(
            () => throw new NoosException("It is not to be opened."), _folder.File("x"), "examine", "x", null, Token);

        Assert.Equal(1, opened);
        Assert.Equal(again.Answers, read.Answers);
        Assert.Equal(100, Assert.Single(read.Examinations).Passed.Sum());
        Assert.Throws<NoosException>(() => ChampionGate.Judge(read, read with { Answers = [] }, new GateOptions()));
    }

    async Task<GateVerdict> JudgeAsync(string name, Player candidate)
    {
        var examination = Examination();
        var champion = await MeasureAsync(examination, "champion", new Player { Good = 0.6 });
        return ChampionGate.Judge(champion, await MeasureAsync(examination, name, candidate), new GateOptions());
    }

    static GateExamination Examination() => new(s_questions, [new SumCourse()], () => []);

    Task<ModelMeasurement> MeasureAsync(GateExamination examination, string name, Player player) =>
        examination.MeasureAsync(() => player, _folder.File(name), "examine", name, null, Token);

    /// <summary>A hundred sums.</summary>
    sealed class SumCourse : ICourse
    {
        public string Name => "sums";

        public IAsyncEnumerable<Conversation> Lessons(LessonContext context, CancellationToken cancellationToken = default) =>
            AsyncEnumerable.Empty<Conversation>();

        public IReadOnlyList<ExamQuestion> Examination() =>
        [
            .. Enumerable.Range(0, 100).Select(number => new ExamQuestion(
                "sums", Conversation.From(Message.User($"sum {number}")), new MentionGrader(["right"]))),
        ];

        public bool GivesAway(Conversation lesson) => false;
    }

    /// <summary>A model that knows every question, and how well it wants to do.</summary>
    sealed class Player : ICpu
    {
        static readonly Dictionary<string, (int Number, ExpertPrompt Prompt)> s_known = ExpertPreferences.Prompts(
            s_questions.Seed, [], [.. ExpertPrompts.Generators, .. ExpertPrompts.HeldOutGenerators], isExamination: true)
            .Take(s_questions.Prompts).Index().GroupBy(item => item.Item.Question, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);

        /// <summary>The share of questions that it answers well; the others it answers at too great a length.</summary>
        public double Good { get; init; }

        public AnswerDefect Defect { get; init; }

        public double DefectShare { get; init; }

        /// <summary>So many of the sums are wrong.</summary>
        public int WrongSums { get; init; }

        public CpuInfo Info { get; } = new("player");

        public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => 1;

        public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            var (text, isEnded) = Answer(turn.Conversation.Messages[^1].Text());
            yield return new TextDelta(text);
            yield return new RunFinished(new TokenUsage(1, 0, 1), isEnded ? FinishReasons.Stop : FinishReasons.Length, 1);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        (string Text, bool IsEnded) Answer(string question)
        {
            if (question.StartsWith("sum ", StringComparison.Ordinal))
            {
                return (int.Parse(question["sum ".Length..], System.Globalization.CultureInfo.InvariantCulture) < WrongSums
                    ? "wrong" : "right", true);
            }

            var (number, prompt) = s_known[question];
            var draw = (double)(number * 7919 % 1000) / 1000;
            var good = prompt.Answer;
            return ((number * 104_729 % 1000) / 1000.0 < DefectShare ? Defect : AnswerDefect.None) switch
            {
                AnswerDefect.Endless => (string.Join(' ', Enumerable.Repeat(good, 9)), false),
                AnswerDefect.Rude => ($"You idiot. {good}", true),
                _ => (draw < Good ? good : string.Join(' ', Enumerable.Range(0, 60).Select(word => $"{good} {word}")), true),
            };
        }
    }
}
