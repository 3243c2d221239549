using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Server.Tests;

public sealed class TeachingApiTests
{
    [Fact]
    public async Task What_was_taught_is_listed_agreed_to_exported_and_forgotten()
    {
        await using var home = await RunningHome.StartAsync(new ScriptedCpu([new TextDelta("Answer.")]));
        var id = await home.SpawnAsync("""{"message": "Question"}""");
        await home.GetAsync($"api/processes/{id}/wait");
        var answer = (await home.GetAsync($"api/processes/{id}/events")).GetProperty("data").EnumerateArray()
            .Last(one => one.GetProperty("event").GetProperty("kind").GetString() == "ran").GetProperty("id").GetInt64();
        await home.PostAsync($"api/processes/{id}/feedback", $$"""{"answer": {{answer}}, "verdict": "bad", "ideal": "Better."}""");

        var list = await home.GetAsync("api/teaching");
        Assert.False(list.TryGetProperty("consent", out _));
        Assert.Equal(1, list.GetProperty("count").GetProperty("ideal").GetInt32());
        Assert.Equal("Question", list.GetProperty("data")[0].GetProperty("question").GetString());
        var (status, consent) = await home.SendAsync("PUT", "api/teaching/consent", """{"agreed": true}""");
        Assert.Equal(200, status);
        Assert.True(consent.TryGetProperty("consent", out _));
        Assert.Equal(
            """{"messages":[{"role":"user","content":"Question"},{"role":"assistant","content":"Better."}]}""",
            (await home.Http.GetStringAsync("api/teaching/sft.jsonl", TestContext.Current.CancellationToken)).Trim());
        Assert.Equal(1, (await home.SendAsync("DELETE", "api/teaching")).Body.GetProperty("forgotten").GetInt32());
        Assert.Equal(404, (await home.SendAsync("DELETE", $"api/teaching/{answer}")).Status);
    }

    [Fact]
    public async Task Answer_is_continued_and_a_question_that_does_not_wait_cannot_be_changed()
    {
        await using var home = await RunningHome.StartAsync(new ScriptedCpu([new TextDelta("Once")], [new TextDelta(" upon")])
        {
            Info = new CpuInfo("scripted", CpuFeatures.Continue),
        });
        var id = await home.SpawnAsync("""{"message": "Question"}""");
        await home.GetAsync($"api/processes/{id}/wait");

        await home.PostAsync($"api/processes/{id}/continue");
        await home.GetAsync($"api/processes/{id}/wait");
        var messages = (await home.GetAsync($"api/processes/{id}/messages")).GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal(["Question", "Once upon"], messages.Select(message => message.GetProperty("content").GetString()));

        var (status, answer) = await home.SendAsync("POST", $"api/processes/{id}/queue", """{"event": 1, "content": "x"}""");
        Assert.Equal(400, status);
        Assert.Contains("no message 1", answer.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }
}
