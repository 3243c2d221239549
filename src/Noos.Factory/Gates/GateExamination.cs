using Noos.Core;
using Noos.Courses;
using Noos.Courses.Experts;
using Noos.Factory.Examinations;
using Noos.Factory.Rewards;
using Noos.Factory.Stages;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;

namespace Noos.Factory.Gates;

/// <summary>What champion and candidate are asked.</summary>
public sealed record GateQuestions
{
    /// <summary>Whose examinations are held; null: all.</summary>
    public IReadOnlyList<string>? Courses { get; init; }

    /// <summary>Questions of each examination; null: all.</summary>
    public int? ExaminationQuestions { get; init; }

    /// <summary>How often each is asked.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>Fresh questions for the true labeler, in wordings that no training has.</summary>
    public int Prompts { get; init; } = 1000;

    /// <summary>Decides the fresh questions: another one each week.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Longest answer in tokens.</summary>
    public int MaxTokens { get; init; } = 96;

    /// <summary>Questions at a time.</summary>
    public int Parallel { get; init; } = 8;
}

/// <summary>
/// Lets a model sit all that a gate looks at, through the same CPU as people meet it: examinations as its file advises, and fresh questions
/// greedily and without the loop guard, so that nothing hides what it holds most likely. Examinations are written one by one, so that a
/// killed one goes on behind the last. Equal models give equal files.
/// </summary>
/// <param name="questions">What is asked.</param>
/// <param name="courses">All courses.</param>
/// <param name="tools">Makes the tools of the assistant that sits the examinations.</param>
public sealed class GateExamination(
    GateQuestions questions, IReadOnlyList<ICourse> courses, Func<IReadOnlyList<Core.Tools.ITool>> tools)
{
    const string AnswersName = "answers.json";

    /// <summary>Measures a model, or reads what was measured before.</summary>
    /// <param name="open">Opens the model; not called where all was measured.</param>
    /// <param name="folder">One file for each examination, and one for the answers.</param>
    /// <param name="stage">What the progress calls it.</param>
    /// <param name="name">Which of the models it is, for the progress.</param>
    /// <param name="progress">Told after every question.</param>
    /// <param name="cancellationToken">Stops between questions.</param>
    /// <exception cref="NoosException">There is no such course, or the model cannot be run.</exception>
    public async Task<ModelMeasurement> MeasureAsync(
        Func<ICpu> open, string folder, string stage, string name, IProgress<StageProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(open);
        var chosen = Chosen();
        Directory.CreateDirectory(folder);
        var missing = chosen.Any(course => !File.Exists(PathOf(folder, course))) || !File.Exists(Path.Combine(folder, AnswersName));
        if (missing)
        {
            await using var assistant = new Assistant(open(), tools());
            foreach (var course in chosen.Where(course => !File.Exists(PathOf(folder, course))))
            {
                FactoryJson.Write(PathOf(folder, course), await ExamineAsync(assistant, course, Tell(course.Name), cancellationToken));
            }

            if (!File.Exists(Path.Combine(folder, AnswersName)))
            {
                FactoryJson.Write(
                    Path.Combine(folder, AnswersName), await AnswerAsync(assistant.Cpu, Tell("questions"), cancellationToken));
            }
        }

        return new ModelMeasurement(
            [.. chosen.Select(course => FactoryJson.Read<ExaminationResult>(PathOf(folder, course)))],
            FactoryJson.Read<JudgedAnswer[]>(Path.Combine(folder, AnswersName)));

        Action<int, int> Tell(string what) => (done, total) => progress?.Report(new StageProgress(stage, StageState.Running)
        {
            Done = done,
            Total = total,
            Unit = "questions",
            Detail = $"{name}, {what}",
        });
    }

    /// <summary>How many turns of a model one measurement takes.</summary>
    public int CountQuestions() => questions.Prompts + Chosen().Sum(course =>
        questions.Rounds * Math.Min(questions.ExaminationQuestions ?? int.MaxValue, course.Examination().Count));

    /// <summary>
    /// How often the second judge, who was written without a look at the labeler, prefers the candidate; asked in both orders.
    /// </summary>
    public double SecondOpinion(ModelMeasurement champion, ModelMeasurement candidate)
    {
        ArgumentNullException.ThrowIfNull(champion);
        ArgumentNullException.ThrowIfNull(candidate);
        return Prompts().Zip(candidate.Answers.Zip(champion.Answers), (prompt, pair) =>
        {
            var (one, other) = (ToAnswer(pair.First), ToAnswer(pair.Second));
            return (Share(SecondJudge.Instance.Compare(prompt, one, other)) + Share(-SecondJudge.Instance.Compare(prompt, other, one))) / 2;
        }).DefaultIfEmpty(0.5).Average();

        static ExpertAnswer ToAnswer(JudgedAnswer answer) => new(answer.Text, answer.IsEnded);
        static double Share(int sign) => sign > 0 ? 1 : sign == 0 ? 0.5 : 0;
    }

    ICourse[] Chosen() => questions.Courses is not { } names
        ? [.. courses]
        : [.. names.Select(name => courses.FirstOrDefault(course => course.Name == name) ?? throw new NoosException(
            ErrorKind.NotFound,
            $"There is no course '{name}' to examine; the courses are {string.Join(", ", courses.Select(course => course.Name))}."))];

    IEnumerable<ExpertPrompt> Prompts() => ExpertPreferences.Prompts(
        questions.Seed, [], [.. ExpertPrompts.Generators, .. ExpertPrompts.HeldOutGenerators], isExamination: true).Take(questions.Prompts);

    static string PathOf(string folder, ICourse course) => Path.Combine(folder, $"examination-{course.Name}.json");

    async Task<ExaminationResult> ExamineAsync(
        Assistant assistant, ICourse course, Action<int, int> tell, CancellationToken cancellationToken)
    {
        var all = course.Examination();
        var count = Math.Min(questions.ExaminationQuestions ?? int.MaxValue, all.Count);

        // Spread over the whole, as 'noos exam --limit' does.
        var asked = Enumerable.Range(0, count).Select(index => all[(int)((long)index * all.Count / count)]).ToArray();
        var passed = await AskAsync(
            Enumerable.Range(0, count * questions.Rounds), async index =>
            {
                var question = asked[index % count];
                try
                {
                    var played = await ExamPlayer.PlayAsync(assistant, question, 1 + (ulong)(index / count), cancellationToken);
                    return question.Grader.FindFault(played) is null;
                }
                catch (NoosException)
                {
                    return false;
                }
            },
            tell, count * questions.Rounds);
        return new ExaminationResult(
            course.Name,
            [.. Enumerable.Range(0, count).Select(place => Enumerable.Range(0, questions.Rounds).Count(round =>
                passed[(round * count) + place]))],
            questions.Rounds);
    }

    async Task<JudgedAnswer[]> AnswerAsync(ICpu cpu, Action<int, int> tell, CancellationToken cancellationToken) =>
        await AskAsync(Prompts(), prompt => AnswerAsync(cpu, prompt, cancellationToken), tell, questions.Prompts);

    async Task<JudgedAnswer> AnswerAsync(ICpu cpu, ExpertPrompt prompt, CancellationToken cancellationToken)
    {
        var turn = new Turn(prompt.Prompt)
        {
            Options = new GenerationOptions { Temperature = 0, LoopGuard = false, MaxTokens = questions.MaxTokens, Seed = 1 },
        };
        var (text, isEnded) = ("", false);
        try
        {
            await foreach (var item in cpu.RunAsync(turn, cancellationToken))
            {
                text += item is TextDelta delta ? delta.Text : "";
                isEnded = item is RunFinished finished ? finished.FinishReason == FinishReasons.Stop : isEnded;
            }
        }
        catch (NoosException failure) when (failure.Kind == ErrorKind.Invalid)
        {
            // A question that is longer than the window: neither model is asked it.
            text = "";
        }

        var score = ExpertLabeler.Instance.Score(prompt, new ExpertAnswer(text, isEnded));
        return new JudgedAnswer(score.Total, text)
        {
            IsEnded = isEnded,
            IsLoop = text.Length > 0 && ExpertLabeler.GoesInCircles(text),
            IsRude = score.Polite < 1,
            Length = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length,
        };
    }

    /// <summary>Asks several at a time; results in the order of the questions.</summary>
    async Task<TResult[]> AskAsync<TQuestion, TResult>(
        IEnumerable<TQuestion> all, Func<TQuestion, Task<TResult>> ask, Action<int, int> tell, int total)
    {
        var results = new List<Task<TResult>>();
        var done = 0;
        using var room = new SemaphoreSlim(questions.Parallel);
        foreach (var question in all)
        {
            await room.WaitAsync();
            results.Add(OneAsync(question));
        }

        return await Task.WhenAll(results);

        async Task<TResult> OneAsync(TQuestion question)
        {
            try
            {
                return await ask(question);
            }
            finally
            {
                room.Release();
                tell(Interlocked.Increment(ref done), total);
            }
        }
    }
}
