using System.Text.Json;
using Noos.Testing;

namespace Noos.Server.Tests;

public sealed class TimerApiTests
{
    [Fact]
    public async Task Timer_is_set_listed_run_and_removed()
    {
        await using var home = await RunningHome.StartAsync(new PacedCpu());

        var (status, timer) = await home.SendAsync("POST", "api/timers", """
            {"owner": "me", "title": "News", "cron": "0 9 * * *", "message": "What is new?", "missed": "skip", "tools": ["double"],
             "instructions": "Be brief.", "options": {"max_tokens": 5}, "limits": {"tokens": 1000}}
            """);
        var once = await home.PostAsync("api/timers", """{"at": "in 1s", "message": "Now."}""");

        Assert.Equal(201, status);
        var id = timer.GetProperty("id").GetInt64();
        Assert.Equal(("me", "News", "0 9 * * *", "What is new?", "skip", "sleeping"), (Text(timer, "owner"), Text(timer, "title"),
            Text(timer, "cron"), Text(timer, "message"), Text(timer, "missed"), Text(timer, "state")));
        Assert.True(timer.GetProperty("next").GetDateTimeOffset() > timer.GetProperty("created").GetDateTimeOffset());
        Assert.Equal("Be brief.", Text(timer.GetProperty("program"), "instructions"));
        Assert.Equal("double", timer.GetProperty("program").GetProperty("tools")[0].GetString());
        Assert.Single(Data(await home.GetAsync("api/timers?owner=me")));
        Assert.Equal("timer", Text(await home.GetAsync($"api/processes/{id}"), "kind"));

        JsonElement ran;
        do
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
            ran = await home.GetAsync($"api/timers/{once.GetProperty("id").GetInt64()}");
        }
        while (Text(ran, "state") != "done");
        var job = await home.GetAsync($"api/processes/{ran.GetProperty("last").GetProperty("job").GetInt64()}");
        Assert.Equal(("job", "background"), (Text(job, "kind"), Text(job, "priority")));

        var (removed, was) = await home.SendAsync("DELETE", $"api/timers/{id}");
        Assert.Equal((200, "News"), (removed, Text(was, "title")));
        Assert.Empty(Data(await home.GetAsync("api/timers")));
        Assert.Single(Data(await home.GetAsync("api/timers?all=true")));
        Assert.Equal(404, (await home.SendAsync("GET", $"api/processes/{id}")).Status);
    }

    [Theory]
    [InlineData("POST", "api/timers", """{"cron": "0 9 * * *"}""", 400, "message is missing")]
    [InlineData("POST", "api/timers", """{"message": "Hi"}""", 400, "either")]
    [InlineData("POST", "api/timers", """{"message": "Hi", "cron": "often"}""", 400, "no cron line")]
    [InlineData("POST", "api/timers", """{"message": "Hi", "at": "2020-01-01T00:00Z"}""", 400, "is over")]
    [InlineData("POST", "api/timers", """{"message": "Hi", "at": "in 1h", "missed": "twice"}""", 400, "one of")]
    [InlineData("POST", "api/timers", """{"message": "Hi", "at": "in 1h", "misssed": "once"}""", 400, "missed")]
    [InlineData("POST", "api/timers", """{"message": "Hi", "at": "in 1h", "tools": ["fly"]}""", 400, "no tool 'fly'")]
    [InlineData("GET", "api/timers?al=true", null, 400, "all")]
    [InlineData("GET", "api/timers/7", null, 404, "no timer 7")]
    [InlineData("DELETE", "api/timers/1", null, 404, "no timer 1")]
    public async Task Mistake_is_one_sentence(string method, string address, string? body, int status, string sentence)
    {
        await using var home = await RunningHome.StartAsync(new PacedCpu());
        // A process that is no timer.
        await home.SpawnAsync();

        var (answered, answer) = await home.SendAsync(method, address, body);

        Assert.Equal(status, answered);
        Assert.Contains(sentence, Text(answer.GetProperty("error"), "message"), StringComparison.Ordinal);
    }

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    static JsonElement.ArrayEnumerator Data(JsonElement list) => list.GetProperty("data").EnumerateArray();
}
