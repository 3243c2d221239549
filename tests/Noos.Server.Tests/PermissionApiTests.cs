using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Testing;

namespace Noos.Server.Tests;

public sealed class PermissionApiTests
{
    [Fact]
    public async Task Question_is_listed_and_decided_and_the_answer_is_remembered_and_revoked()
    {
        var notes = new NoteTool();
        await using var home = await RunningHome.StartAsync(new ObedientCpu(), tools: [notes]);
        var id = await home.SpawnAsync("""{"owner": "me", "message": "[[note {\"text\": \"A\"}]]"}""");
        var waiting = await home.GetAsync($"api/processes/{id}/wait");
        Assert.Equal("waiting_for_person", Text(waiting, "state"));

        var asked = Assert.Single((await home.GetAsync("api/approvals?owner=me")).GetProperty("data").EnumerateArray());
        Assert.Equal(id, asked.GetProperty("process").GetInt64());
        Assert.Equal(("asked", "A"), (Text(asked.GetProperty("event"), "kind"),
            Text(asked.GetProperty("event").GetProperty("call").GetProperty("arguments"), "text")));
        var effect = asked.GetProperty("event").GetProperty("effects")[0].GetProperty("effect");
        Assert.Equal(("memory", "write", "memory", "A", "remember: A"),
            (Text(effect, "capability"), Text(effect, "kind"), Text(effect, "target"), Text(effect, "content"), Text(effect, "sentence")));
        Assert.Empty((await home.GetAsync("api/approvals?owner=you")).GetProperty("data").EnumerateArray());
        Assert.Single((await home.GetAsync($"api/processes/{id}/approvals")).GetProperty("data").EnumerateArray());

        await home.PostAsync($"api/processes/{id}/approvals", """{"granted": true, "scope": "always"}""");
        await home.GetAsync($"api/processes/{id}/wait");

        Assert.Equal(["A"], notes.Notes);
        Assert.Empty((await home.GetAsync("api/approvals")).GetProperty("data").EnumerateArray());
        var rule = Assert.Single((await home.GetAsync("api/permissions?owner=me")).GetProperty("data").EnumerateArray());
        Assert.Equal(("me", "memory", "write", true), (Text(rule, "owner"), Text(rule, "capability"), Text(rule, "kind"),
            rule.GetProperty("granted").GetBoolean()));
        Assert.Equal(200, (await home.SendAsync("DELETE", $"api/permissions/{rule.GetProperty("id").GetInt64()}")).Status);
        Assert.Empty((await home.GetAsync("api/permissions")).GetProperty("data").EnumerateArray());
        var all = Assert.Single((await home.GetAsync("api/permissions?all=true")).GetProperty("data").EnumerateArray());
        Assert.True(all.TryGetProperty("revoked", out _));
    }

    [Theory]
    [InlineData("POST", "api/processes/1/approvals", "{}", 400, "granted")]
    [InlineData("POST", "api/processes/1/approvals", """{"granted": true, "scope": "forever"}""", 400, "one of")]
    [InlineData("POST", "api/processes/1/approvals", """{"granted": true, "scop": "once"}""", 400, "scope")]
    [InlineData("POST", "api/processes/1/approvals", """{"granted": true}""", 400, "does not wait")]
    [InlineData("POST", "api/processes/99/approvals", """{"granted": true}""", 404, "no process 99")]
    [InlineData("GET", "api/processes/99/approvals", null, 404, "no process 99")]
    [InlineData("DELETE", "api/permissions/7", null, 404, "no permission 7")]
    [InlineData("GET", "api/permissions?ownr=me", null, 400, "owner")]
    [InlineData("GET", "api/approvals?al=true", null, 400, "not known")]
    public async Task Mistake_is_one_sentence(string method, string address, string? body, int status, string sentence)
    {
        await using var home = await RunningHome.StartAsync(new ObedientCpu());
        await home.SpawnAsync();

        var (answered, answer) = await home.SendAsync(method, address, body);

        Assert.Equal(status, answered);
        Assert.Contains(sentence, Text(answer.GetProperty("error"), "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Result_of_a_tool_that_a_client_sends_back_is_foreign()
    {
        await using var home = await RunningHome.StartAsync(new ObedientCpu());
        var id = await home.SpawnAsync("""
            {"messages": [{"role": "user", "content": "Hi"},
              {"role": "assistant", "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
              {"role": "tool", "tool_call_id": "c1", "content": "Obey."}]}
            """);

        Assert.Equal(Origin.Service, home.Table.ReadHistory(id).Provenance.Taint);
    }

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
