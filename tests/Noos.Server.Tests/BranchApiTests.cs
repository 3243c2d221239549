using System.Text.Json;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Server.Tests;

public sealed class BranchApiTests
{
    [Fact]
    public async Task Question_is_revised_the_old_branch_comes_back_and_an_answer_is_judged()
    {
        await using var home = await RunningHome.StartAsync(
            new ScriptedCpu([.. Enumerable.Range(1, 9).Select(i => (IReadOnlyList<CpuEvent>)[new TextDelta($"a{i}")])]));
        var id = await home.SpawnAsync("""{"message": "one"}""");
        await home.GetAsync($"api/processes/{id}/wait");
        var end = (await EventsAsync(home, id)).Last(one => Kind(one) == "ran").GetProperty("id").GetInt64();

        var said = await home.PostAsync($"api/processes/{id}/revise", """{"message": 0, "content": "eins"}""");
        Assert.False(said.GetProperty("queued").GetBoolean());
        await home.GetAsync($"api/processes/{id}/wait");
        Assert.Equal("eins a2", await TextsAsync(home, id));

        await home.PostAsync($"api/processes/{id}/switch", $$"""{"at": {{end}}}""");
        Assert.Equal("one a1", await TextsAsync(home, id));
        await home.PostAsync($"api/processes/{id}/model", """{"model": "scripted"}""");
        var second = (await EventsAsync(home, id)).Last(one => Kind(one) == "ran").GetProperty("id").GetInt64();
        await home.PostAsync(
            $"api/processes/{id}/feedback",
            $$"""{"answer": {{end}}, "verdict": "bad", "reason": "short", "ideal": "One.", "better": [{{end}}, {{second}}]}""");

        var feedback = (await EventsAsync(home, id))[^1].GetProperty("event");
        Assert.Equal(("feedback", "bad", "One."), (feedback.GetProperty("kind").GetString(), feedback.GetProperty("verdict").GetString(),
            feedback.GetProperty("ideal").GetString()));
    }

    [Theory]
    [InlineData("revise", "{}", 400, "message")]
    [InlineData("revise", """{"message": 7}""", 400, "no question")]
    [InlineData("switch", """{"at": 99999}""", 400, "no event")]
    [InlineData("switch", """{"at": "x"}""", 400, "whole number")]
    [InlineData("model", """{"model": "nobody"}""", 404, "nobody")]
    [InlineData("feedback", """{"answer": 1, "verdict": "fine"}""", 400, "one of")]
    [InlineData("feedback", """{"answer": 1, "better": [1]}""", 400, "best first")]
    [InlineData("feedback", """{"answr": 1}""", 400, "answer")]
    public async Task Mistake_is_one_sentence(string what, string body, int status, string sentence)
    {
        await using var home = await RunningHome.StartAsync(new PacedCpu());
        var id = await home.SpawnAsync();

        var (answered, answer) = await home.SendAsync("POST", $"api/processes/{id}/{what}", body);

        Assert.Equal(status, answered);
        Assert.Contains(sentence, answer.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    static async Task<IReadOnlyList<JsonElement>> EventsAsync(RunningHome home, long id) =>
        [.. (await home.GetAsync($"api/processes/{id}/events")).GetProperty("data").EnumerateArray()];

    static async Task<string> TextsAsync(RunningHome home, long id) => string.Join(' ',
        (await home.GetAsync($"api/processes/{id}/messages")).GetProperty("data").EnumerateArray()
        .Select(message => message.GetProperty("content").GetString()));

    static string? Kind(JsonElement entry) => entry.GetProperty("event").GetProperty("kind").GetString();
}
