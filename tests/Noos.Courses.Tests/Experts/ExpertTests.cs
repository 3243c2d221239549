using Noos.Core;
using Noos.Core.Conversations;
using Noos.Courses.Experts;

namespace Noos.Courses.Tests.Experts;

/// <summary>Scripted experts: the truth that is known about every answer.</summary>
public sealed class ExpertTests
{
    public static TheoryData<string> AllGenerators => [.. ExpertPrompts.Generators, .. ExpertPrompts.HeldOutGenerators];

    [Theory]
    [MemberData(nameof(AllGenerators))]
    public void Good_answers_of_a_generator_pass_every_check(string generator)
    {
        var scores = ExpertPrompts.Write(3, [generator]).Take(150)
            .Select(prompt => (prompt, Score: ExpertLabeler.Instance.Score(prompt, new ExpertAnswer(prompt.Answer)))).ToArray();

        Assert.All(scores, item => Assert.True(item.Score.Total > 0.98, $"{item.prompt.Question}\n{item.prompt.Answer}\n{item.Score}"));
    }

    [Theory]
    [MemberData(nameof(AllGenerators))]
    public void Every_defect_fails_its_own_check_and_costs_something(string generator)
    {
        var panel = new ExpertPanel { AnswersPerPrompt = 7 };
        foreach (var comparison in ExpertPrompts.Write(5, [generator]).Take(120).Select(panel.Compare))
        {
            var best = comparison.Answers.Zip(comparison.Scores).Single(item => item.First.Defect == AnswerDefect.None).Second;
            Assert.All(comparison.Answers.Zip(comparison.Scores).Where(item => item.First.Defect != AnswerDefect.None), item =>
            {
                var score = ExpertLabeler.Instance.Score(comparison.Prompt, item.First);
                var check = item.First.Defect switch
                {
                    AnswerDefect.Wrong => score.Right,
                    AnswerDefect.Ungrounded => score.Grounded,
                    AnswerDefect.BadFormat => score.Format,
                    AnswerDefect.Endless => score.Stops,
                    AnswerDefect.TooLong => score.Length,
                    _ => score.Polite,
                };
                Assert.True(check < 1, $"{comparison.Prompt.Question}\n{item.First}\n{score}");
                Assert.True(item.Second < best, $"{item.First} has {item.Second}, the good one {best}");
            });
        }
    }

    [Fact]
    public void Same_seed_gives_the_same_questions_and_answers_and_another_seed_others()
    {
        Assert.Equal(Texts(1), Texts(1));
        Assert.NotEqual(Texts(1), Texts(2));

        static string[] Texts(int seed) =>
        [
            .. ExpertPrompts.Write(seed).Take(40).Select(new ExpertPanel { Seed = seed }.Compare).SelectMany(comparison =>
                comparison.Answers.Select(answer => $"{comparison.Prompt.Question}: {answer}")
                    .Concat(comparison.Pairs.Select(pair => pair.ToString()))),
        ];
    }

    [Fact]
    public void Labels_are_wrong_at_the_rate_that_was_asked_for_and_right_otherwise()
    {
        var panel = new ExpertPanel { FlipRate = 0.25 };
        var comparisons = ExpertPrompts.Write(7).Take(600).Select(panel.Compare).ToArray();
        var labels = comparisons.SelectMany(comparison => comparison.Pairs.Select(pair => (comparison, pair))).ToArray();

        Assert.All(labels, label => Assert.Equal(
            label.pair.IsFlipped, label.comparison.Scores[label.pair.Better] < label.comparison.Scores[label.pair.Worse]));
        Assert.InRange(labels.Average(label => label.pair.IsFlipped ? 1.0 : 0), 0.22, 0.28);
        Assert.All(comparisons, comparison => Assert.InRange(comparison.Answers.Count, 3, 4));
        Assert.All(new ExpertPanel { FlipRate = 0 }.Compare(comparisons[0].Prompt, 0).Pairs, pair => Assert.False(pair.IsFlipped));
    }

    [Fact]
    public void Second_judge_agrees_with_the_labeler_about_most_pairs_and_not_about_all()
    {
        var panel = new ExpertPanel { FlipRate = 0 };
        var agreements = ExpertPrompts.Write(9).Take(500).Select(panel.Compare).SelectMany(comparison => comparison.Pairs.Select(pair =>
            SecondJudge.Instance.Compare(comparison.Prompt, comparison.Answers[pair.Better], comparison.Answers[pair.Worse]) > 0));

        Assert.InRange(agreements.Average(agrees => agrees ? 1.0 : 0), 0.75, 0.99);
    }

    [Fact]
    public void Second_judge_does_not_care_which_answer_comes_first()
    {
        var panel = new ExpertPanel();
        Assert.All(ExpertPrompts.Write(11).Take(50).Select(panel.Compare), comparison => Assert.Equal(
            SecondJudge.Instance.Compare(comparison.Prompt, comparison.Answers[0], comparison.Answers[1]),
            -SecondJudge.Instance.Compare(comparison.Prompt, comparison.Answers[1], comparison.Answers[0])));
    }

    [Fact]
    public void Answers_in_no_list_are_judged_too()
    {
        var prompt = new ExpertPrompt("reading", Conversation.From(Message.User("Where does Zorp live?")), "Quimby")
        {
            Source = "Zorp lives in Quimby.",
            Right = answer => answer.Contains("Quimby", StringComparison.Ordinal),
        };

        Assert.Equal(1, Total("Zorp lives in Quimby."));
        Assert.True(Total("") < 0.2);
        Assert.True(Total("Zorp lives in Xandru, 4711.") < Total("In Zorp."));
        Assert.True(Total("Quimby Quimby Quimby Quimby Quimby") < Total("Quimby"));
        Assert.True(Total("Quimby", isEnded: false) < Total("Quimby"));
        Assert.True(Total("Quimby, you fool.") < Total("Quimby"));

        double Total(string text, bool isEnded = true) => ExpertLabeler.Instance.Score(prompt, new ExpertAnswer(text, isEnded)).Total;
    }

    [Fact]
    public void Unknown_generators_and_absurd_numbers_are_refused()
    {
        Assert.Contains("'zebra'", Assert.Throws<NoosException>(() => ExpertPrompts.Write(1, ["zebra"])).Message, StringComparison.Ordinal);
        var prompt = ExpertPrompts.Write(1).First();
        Assert.Throws<NoosException>(() => new ExpertPanel { FlipRate = 0.5 }.Compare(prompt, 0));
        Assert.Throws<NoosException>(() => new ExpertPanel { AnswersPerPrompt = 1 }.Compare(prompt, 0));
    }
}
