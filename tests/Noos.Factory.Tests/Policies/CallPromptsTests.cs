using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Courses.Experts;
using Noos.Courses.Talk;
using Noos.Factory.Models;
using Noos.Factory.Policies;
using Noos.Factory.Rewards;
using Noos.Testing;
using Noos.Tools;
using Noos.Training.Reinforcement;

namespace Noos.Factory.Tests.Policies;

/// <summary>Rewards for calls, on the tokens that a policy draws.</summary>
public sealed class CallPromptsTests : IDisposable
{
    readonly TinyModel _file = new(contextLength: 1024);
    readonly TrainableModel _model;

    public CallPromptsTests() => _model = TrainableModel.Open(_file.Path);

    public void Dispose()
    {
        _model.Dispose();
        _file.Dispose();
    }

    [Fact]
    public void Whole_call_is_worth_more_than_the_tool_alone_and_a_spelled_call_nothing()
    {
        var prompts = PolicyPrompts.Create(60, 1, CourseCatalog.All, _model.Format, 800, [CallPrompts.Generator]);
        var reward = new PolicyReward(prompts, _model.Tokenizer);
        var (calls, none) = (0, 0);
        foreach (var prompt in prompts.First(60))
        {
            // What the lesson says is the right answer; the prompt knows it only as a check.
            var (name, arguments) = Expected(prompts[prompt.Number].Answer);
            if (name is null)
            {
                none++;
                Assert.Equal(1, Right(prompt, Message.Assistant("Well, I think so.")));
                Assert.Equal(0, Right(prompt, Call("calculator", "{\"expression\": \"1+1\"}")));
                continue;
            }

            calls++;
            Assert.Equal(1, Right(prompt, Call(name, arguments!)));
            Assert.Equal(0.4, Right(prompt, Call(name, "{\"nothing\": 7}")));
            Assert.Equal(0, Right(prompt, Call("other", arguments!)));
            var spelled = $"<tool_call>\n{{\"name\": \"{name}\", \"arguments\": {arguments}}}\n</tool_call>";
            Assert.Equal(0, Right(prompt, Message.Assistant(spelled)));
        }

        Assert.True(calls > 20 && none > 0, $"{calls} calls, {none} without");
        Assert.True(Score(prompts.First(1)[0], Message.Assistant("No idea.")) < 1);

        double Right(RolloutPrompt prompt, Message said) =>
            ExpertLabeler.Instance.Score(prompts[prompt.Number], PolicyReward.ToAnswer(Draw(prompt, said), _model.Tokenizer)).Right!.Value;

        double Score(RolloutPrompt prompt, Message said) => reward.Score([Draw(prompt, said)])[0].Value;
    }

    [Fact]
    public void Held_out_calls_come_from_examinations_in_other_wordings()
    {
        var taught = ExpertPreferences.Prompts(1, CourseCatalog.All, [CallPrompts.Generator]).Take(400)
            .Select(prompt => prompt.Question).ToHashSet(StringComparer.Ordinal);
        var heldOut = ExpertPreferences.Prompts(1, CourseCatalog.All, [CallPrompts.Generator], isExamination: true).Take(100).ToArray();

        Assert.DoesNotContain(heldOut, prompt => taught.Contains(prompt.Question));
        Assert.All(heldOut, prompt => Assert.InRange(prompt.Check!(new ExpertAnswer("")), 0, 1));
        Assert.Contains(heldOut, prompt => prompt.Check!(new ExpertAnswer("No.")) == 1);
        Assert.Contains(heldOut, prompt => prompt.Check!(new ExpertAnswer("No.")) == 0);
        Assert.Equal(
            ErrorKind.NotFound,
            Assert.Throws<NoosException>(() => ExpertPrompts.Write(1, [CallPrompts.Generator], courses: [new TalkCourse()]).First()).Kind);
    }

    static (string? Name, string? Arguments) Expected(string answer)
    {
        var brace = answer.IndexOf('{', StringComparison.Ordinal);
        return brace < 0 ? (null, null) : (answer[..brace].Trim().Split('\n')[^1], answer[brace..].Split('\n')[0]);
    }

    static Message Call(string name, string arguments) => Message.Assistant(new ToolCallPart(name, JsonElement.Parse(arguments)));

    Rollout Draw(RolloutPrompt prompt, Message said)
    {
        var (tokens, _) = AnswerTokens.Render(_model.Format, Conversation.From(Message.User("x")), [said], isEnded: true);
        var start = _model.Format.RenderPrompt(Conversation.From(Message.User("x"))).Length;
        return new Rollout(prompt.Number, [.. prompt.Tokens, .. tokens[start..]], prompt.Tokens.Length, IsEnded: true);
    }
}
