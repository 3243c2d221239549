using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Kernel.Cpu;
using Noos.Kernel.Memory;
using Noos.Testing;

namespace Noos.Server.Tests;

/// <summary>A small window over HTTP: facts are paged out, found again by <c>recall</c>, and kept or dropped by hand.</summary>
public sealed class RecallApiTests : IDisposable
{
    const int Window = 1024;

    readonly TinyModel _model = new(Window);

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task Facts_that_were_paged_out_are_recalled_with_their_place_and_pages_are_pinned_and_dropped()
    {
        await using var home = await RunningHome.StartAsync(new PuppetCpu(new LocalCpu(LanguageModel.Load(_model.Path)), Answer));
        var id = await home.SpawnAsync();
        await SayAsync("The code of the vault is 7431.");
        await SayAsync("My sister Anna lives in Lyon.");
        for (var turn = 0; turn < 14; turn++)
        {
            await SayAsync($"Turn {turn}: the fox ran over the hill and came home in the evening.");
        }

        var before = await home.GetAsync($"api/processes/{id}/context");
        Assert.Equal(("out", "out"), (State(before, 1), State(before, 3)));
        Assert.Equal("in", State(before, Pages(before).Length));
        Assert.True(before.GetProperty("paged_out_tokens").GetInt64() > 0);
        Assert.True(before.GetProperty("prompt_tokens").GetInt32() <= Window);

        var said = await SayAsync("recall: code of the vault");
        Assert.Contains("[page 1, turn 1, event", said, StringComparison.Ordinal);
        Assert.Contains("said by the user]\nThe code of the vault is 7431.", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Anna", said, StringComparison.Ordinal);
        // By its number, whatever its words are; and a number that no page has finds nothing.
        Assert.Contains("Anna lives in Lyon", await SayAsync("recall: xyzzy at 3"), StringComparison.Ordinal);
        Assert.Contains("Nothing that is paged out", await SayAsync("recall: vault at 1e300"), StringComparison.Ordinal);

        await MarkAsync(1, "pinned");
        await SayAsync("Go on.");
        Assert.Equal("in", State(await home.GetAsync($"api/processes/{id}/context"), 1));
        Assert.Contains(
            "The code of the vault is 7431.", string.Join('\n', Shown(await home.GetAsync($"api/processes/{id}/context"))),
            StringComparison.Ordinal);

        var last = Pages(await home.GetAsync($"api/processes/{id}/context")).Length - 1;
        await MarkAsync(last, "dropped");
        await SayAsync("And on.");
        Assert.Equal("out", State(await home.GetAsync($"api/processes/{id}/context"), last));
        var (status, refused) = await home.SendAsync(
            "POST", $"api/processes/{id}/context", """{"page": 1, "mark": "dropped"}""");
        Assert.Equal((400, "page"), (status, refused.GetProperty("error").GetProperty("param").GetString()));
        await MarkAsync(1, "none");
        await SayAsync("So on.");
        Assert.Equal("out", State(await home.GetAsync($"api/processes/{id}/context"), 1));

        async Task<string> SayAsync(string text)
        {
            await home.PostAsync($"api/processes/{id}/messages", JsonSerializer.Serialize(new { content = text }));
            var process = await home.GetAsync($"api/processes/{id}/wait");
            Assert.Equal("waiting_for_person", process.GetProperty("state").GetString());
            var messages = await home.GetAsync($"api/processes/{id}/messages?limit=1");
            return messages.GetProperty("data")[0].GetProperty("content").GetString()!;
        }

        Task<JsonElement> MarkAsync(int page, string mark) =>
            home.PostAsync($"api/processes/{id}/context", $$"""{"page": {{page}}, "mark": "{{mark}}"}""");
    }

    /// <summary>Looks up what it is told to, and repeats what was found; else it says yes.</summary>
    static IReadOnlyList<CpuEvent> Answer(Turn turn)
    {
        var last = turn.Conversation.Messages[^1];
        if (last.Role == Role.Tool)
        {
            return [new TextDelta(last.Parts.OfType<ToolResultPart>().Last().Text)];
        }

        var question = last.Text();
        if (!question.StartsWith("recall: ", StringComparison.Ordinal))
        {
            return [new TextDelta("Yes.")];
        }

        var words = question["recall: ".Length..].Split(" at ");
        var page = words.Length > 1 ? $", \"page\": {words[1]}" : "";
        return [ScriptedCpu.Call(
            $"c{turn.Conversation.Messages.Count}", RecallDeclaration.Name, $$"""{"query": "{{words[0]}}"{{page}}}""")];
    }

    static JsonElement[] Pages(JsonElement table) => [.. table.GetProperty("pages").EnumerateArray()];

    static string State(JsonElement table, int page) =>
        Pages(table).Single(one => one.GetProperty("page").GetInt32() == page).GetProperty("state").GetString()!;

    static IEnumerable<string> Shown(JsonElement table) => Pages(table).Where(page => page.GetProperty("state").GetString() == "in")
        .Select(page => page.GetProperty("preview").GetString()!);
}
