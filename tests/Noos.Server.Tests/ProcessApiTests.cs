using System.Text.Json;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Server.Tests;

public sealed class ProcessApiTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Conversation_is_spawned_answered_and_read()
    {
        await using var home = await RunningHome.StartAsync(new PacedCpu());

        var id = await home.SpawnAsync("""
            {"owner": "me", "title": "Sums", "name": "chat", "instructions": "Be brief.", "options": {"temperature": 0.5, "seed": -3},
             "tools": ["double"], "limits": {"depth": 1, "tokens": 1000}, "priority": "background", "message": "Please call."}
            """);
        var process = await home.GetAsync($"api/processes/{id}/wait");

        Assert.Equal("waiting_for_person", process.GetProperty("state").GetString());
        Assert.Equal(("me", "conversation", "Sums", "background"), (Text(process, "owner"), Text(process, "kind"), Text(process, "title"),
            Text(process, "priority")));
        Assert.Equal(1, process.GetProperty("usage").GetProperty("calls").GetInt32());
        Assert.Equal(13, process.GetProperty("usage").GetProperty("tokens_out").GetInt32());
        Assert.Equal(-3, process.GetProperty("program").GetProperty("options").GetProperty("seed").GetInt64());
        var messages = await home.GetAsync($"api/processes/{id}/messages");
        Assert.Equal(["user", "assistant", "tool", "assistant"], messages.GetProperty("data").EnumerateArray()
            .Select(message => Text(message, "role")));
        Assert.Equal(4, messages.GetProperty("total").GetInt32());
        var events = (await home.GetAsync($"api/processes/{id}/events")).GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal("spawned", Text(events[0].GetProperty("event"), "kind"));
        var runs = events.Select(entry => entry.GetProperty("event")).Where(one => Text(one, "kind") == "run").ToArray();
        Assert.Equal(2, runs.Length);
        Assert.All(runs, run => Assert.Equal(-3, run.GetProperty("seed").GetInt64()));
        Assert.Equal(0.5, runs[0].GetProperty("options").GetProperty("temperature").GetDouble());
        Assert.Equal("double", runs[0].GetProperty("tools")[0].GetString());

        var said = await home.SendAsync(
            "POST", $"api/processes/{id}/messages", """{"content": "More.", "options": {"max_tokens": 2}}""");
        await home.GetAsync($"api/processes/{id}/wait");
        var answer = (await home.GetAsync($"api/processes/{id}/events?after={said.Body.GetProperty("event").GetInt64()}"))
            .GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("event")).ToArray();
        Assert.Equal(202, said.Status);
        Assert.False(said.Body.GetProperty("queued").GetBoolean());
        Assert.Equal(2, answer.Single(one => Text(one, "kind") == "ran").GetProperty("token_ids").GetArrayLength());
    }

    [Fact]
    public async Task Memory_says_what_each_process_holds()
    {
        using var model = new TinyModel();
        await using var home = await RunningHome.StartAsync(new LocalCpu(LanguageModel.Load(model.Path)));
        var id = await home.SpawnAsync("""{"options": {"max_tokens": 4}, "tools": [], "message": "Hello there."}""");
        await home.GetAsync($"api/processes/{id}/wait");
        await home.PostAsync("v1/chat/completions", """{"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}""");

        var memory = await home.GetAsync("api/memory");

        var held = Assert.Single(memory.GetProperty("data").EnumerateArray());
        Assert.Equal((id, "Tiny", false), (
            held.GetProperty("process").GetInt64(), Text(held, "model"), held.GetProperty("running").GetBoolean()));
        Assert.Equal((1, 0, 0), (
            held.GetProperty("pages").GetInt32(), held.GetProperty("shared_pages").GetInt32(),
            memory.GetProperty("swap_bytes").GetInt32()));
        Assert.True(held.GetProperty("bytes").GetInt64() > 0);
        Assert.True(memory.GetProperty("cache").GetProperty("tokens").GetInt64() >= held.GetProperty("tokens").GetInt32());
    }

    [Theory]
    [InlineData("POST", "api/processes", """{"ownr": "me"}""", "ownr", "owner")]
    [InlineData("POST", "api/processes", """{"limits": {"deep": 1}}""", "limits.deep", "deep")]
    [InlineData("POST", "api/processes", """{"options": {"temperatur": 1}}""", "options.temperatur", "temperature")]
    [InlineData("POST", "api/processes", """{"kind": "request"}""", "kind", "one of")]
    [InlineData("POST", "api/processes", """{"tools": ["none"]}""", "tools", "There is no tool 'none'")]
    [InlineData("GET", "api/processes?al=true", null, "al", "all")]
    [InlineData("GET", "api/processes?limit=0", null, "limit", "from 1")]
    [InlineData("GET", "api/processes?after=x", null, "after", "next")]
    [InlineData("GET", "api/search", null, "q", "what to look for")]
    [InlineData("POST", "api/processes/1/messages", """{"content": "a", "role": "user"}""", "role", "not known")]
    [InlineData("POST", "api/processes/1/messages", "{}", "content", "missing")]
    [InlineData("PATCH", "api/processes/1", """{"priority": "high"}""", "priority", "interactive")]
    [InlineData("POST", "api/processes/1/fork", """{"at": 999}""", "at", "has no event 999")]
    [InlineData("POST", "api/processes/1/context", """{"mark": "pinned"}""", "page", "missing")]
    [InlineData("POST", "api/processes/1/context", """{"page": 1, "mark": "gone"}""", "mark", "pinned")]
    [InlineData("POST", "api/processes/1/context", """{"page": 9, "mark": "pinned"}""", "page", "has no page 9")]
    [InlineData("POST", "api/processes/1/kill", """{"why": "x"}""", "why", "not known")]
    public async Task Mistake_is_a_400_that_names_its_field(string method, string address, string? body, string param, string sentence)
    {
        await using var home = await RunningHome.StartAsync(new PacedCpu());
        Assert.Equal(1, await home.SpawnAsync());

        var (status, answer) = await home.SendAsync(method, address, body);

        Assert.Equal(400, status);
        Assert.Equal(param, Text(answer.GetProperty("error"), "param"));
        Assert.Contains(sentence, Text(answer.GetProperty("error"), "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_comes_in_pages_and_ended_processes_only_where_asked_for()
    {
        await using var home = await RunningHome.StartAsync(new PacedCpu());
        for (var i = 0; i < 7; i++)
        {
            await home.SpawnAsync($$"""{"owner": "{{(i % 2 == 0 ? "me" : "you")}}", "kind": "{{(i < 6 ? "conversation" : "job")}}"}""");
        }

        await home.PostAsync("api/processes/3/kill", """{"reason": "enough"}""");

        var seen = new List<long>();
        string? next = null;
        do
        {
            var page = await home.GetAsync($"api/processes?limit=2{(next is null ? "" : $"&after={next}")}");
            seen.AddRange(Ids(page));
            next = page.TryGetProperty("next", out var cursor) ? cursor.GetString() : null;
        }
        while (next is not null);

        Assert.Equal([7, 6, 5, 4, 2, 1], seen);
        var all = Ids(await home.GetAsync("api/processes?all=true"));
        var mine = Ids(await home.GetAsync("api/processes?owner=me"));
        var jobs = Ids(await home.GetAsync("api/processes?kind=job"));
        Assert.Equal([3, 7, 6, 5, 4, 2, 1], all);
        Assert.Equal([7, 5, 1], mine);
        Assert.Equal([7], jobs);
    }

    [Fact]
    public async Task Request_of_the_api_is_listed_while_it_runs_and_can_be_killed()
    {
        var cpu = new PacedCpu();
        cpu.Hold();
        await using var home = await RunningHome.StartAsync(cpu);
        var asked = home.SendAsync(
            "POST", "v1/chat/completions", """{"messages": [{"role": "user", "content": "Count\nto ten."}], "user": "ann"}""");
        while (cpu.Begun == 0)
        {
            await Task.Delay(1, Token);
        }

        cpu.Let(3);
        JsonElement request;
        do
        {
            request = (await home.GetAsync("api/processes")).GetProperty("data")[0];
        }
        while (request.GetProperty("usage").GetProperty("tokens_out").GetInt64() < 3);

        var id = request.GetProperty("id").GetInt64();
        Assert.True(id > 1_000_000_000);
        Assert.Equal(("request", "ann", "Count", "running"),
            (Text(request, "kind"), Text(request, "owner"), Text(request, "title"), Text(request, "state")));
        Assert.Empty(Ids(await home.GetAsync("api/processes?kind=conversation")));
        Assert.Equal(404, (await home.SendAsync("GET", $"api/processes/{id}/events")).Status);

        Assert.Equal("killed", Text(await home.PostAsync($"api/processes/{id}/kill"), "state"));
        var (status, answer) = await asked;

        Assert.Equal(403, status);
        Assert.Contains("was killed", Text(answer.GetProperty("error"), "message"), StringComparison.Ordinal);
        Assert.Empty(Ids(await home.GetAsync("api/processes?all=true")));
        Assert.Equal(404, (await home.SendAsync("POST", $"api/processes/{id}/kill")).Status);
    }

    [Fact]
    public async Task Stream_of_events_goes_on_from_any_event_and_ends_with_the_process()
    {
        var cpu = new PacedCpu();
        cpu.Hold();
        await using var home = await RunningHome.StartAsync(cpu, TimeSpan.FromMilliseconds(20));
        var id = await home.SpawnAsync("""{"message": "Go."}""");
        var pinged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var whole = ReadStreamAsync(home, id, after: null, lastEventId: null, pinged);
        cpu.Let(3);
        await UntilAsync(async () =>
            (await home.GetAsync($"api/processes/{id}/messages")).TryGetProperty("partial", out var partial)
                && Text(partial, "content").Split(' ').Length == 4);
        var half = (await home.GetAsync($"api/processes/{id}/events")).GetProperty("data").EnumerateArray().Last().GetProperty("id")
            .GetInt64();
        var rest = ReadStreamAsync(home, id, after: 0, lastEventId: half);
        await pinged.Task.WaitAsync(Token);
        cpu.Release();
        await home.GetAsync($"api/processes/{id}/wait");
        await home.PostAsync($"api/processes/{id}/kill");

        var (_, ids) = await whole;
        var expected = (await home.GetAsync($"api/processes/{id}/events")).GetProperty("data").EnumerateArray()
            .Select(entry => entry.GetProperty("id").GetInt64()).ToArray();
        Assert.Equal(expected, ids);
        Assert.Equal(expected.Where(one => one > half), (await rest).Ids);
        Assert.Equal(expected, await PagesAsync(home, id));
    }

    [Fact]
    public async Task Stopped_answer_keeps_its_text_and_what_waits_is_answered()
    {
        var cpu = new PacedCpu();
        cpu.Hold();
        await using var home = await RunningHome.StartAsync(cpu);
        var id = await home.SpawnAsync("""{"message": "One."}""");
        cpu.Let(2);
        await UntilAsync(async () =>
            (await home.GetAsync($"api/processes/{id}/messages")).TryGetProperty("partial", out var partial)
                && Text(partial, "content").Split(' ').Length == 3);
        Assert.True((await home.PostAsync($"api/processes/{id}/messages", """{"content": "Two."}""")).GetProperty("queued").GetBoolean());

        await home.PostAsync($"api/processes/{id}/stop");
        cpu.Release();
        var process = await home.GetAsync($"api/processes/{id}/wait");

        var messages = (await home.GetAsync($"api/processes/{id}/messages")).GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal("waiting_for_person", Text(process, "state"));
        Assert.Equal(["user", "assistant", "user", "assistant"], messages.Select(message => Text(message, "role")));
        Assert.Equal(2, Text(messages[1], "content").Trim().Split(' ').Length);
        Assert.Equal(6, Text(messages[3], "content").Trim().Split(' ').Length);
        Assert.Equal(8, process.GetProperty("usage").GetProperty("tokens_out").GetInt32());

        // Nothing to stop is no mistake.
        Assert.Equal("waiting_for_person", Text(await home.PostAsync($"api/processes/{id}/stop"), "state"));
    }

    [Fact]
    public async Task Process_is_changed_found_forked_replayed_and_deleted()
    {
        await using var home = await RunningHome.StartAsync(new PacedCpu());
        var id = await home.SpawnAsync("""{"message": "The lighthouse keepers, please call."}""");
        await home.GetAsync($"api/processes/{id}/wait");

        var changed = await home.SendAsync("PATCH", $"api/processes/{id}", """{"title": "Sea", "priority": "agent"}""");
        var found = (await home.GetAsync("api/search?q=keeper")).GetProperty("data")[0];
        var fork = await home.PostAsync(
            $"api/processes/{id}/fork", $$"""{"at": {{found.GetProperty("event").GetInt64()}}, "title": "Other"}""");
        var forked = fork.GetProperty("id").GetInt64();
        await home.GetAsync($"api/processes/{forked}/wait");
        var replay = await home.PostAsync($"api/processes/{id}/replay");

        Assert.Equal(("Sea", "agent"), (Text(changed.Body, "title"), Text(changed.Body, "priority")));
        Assert.Equal(id, found.GetProperty("process").GetInt64());
        Assert.Contains("lighthouse", Text(found, "snippet"), StringComparison.Ordinal);
        Assert.Equal(id, fork.GetProperty("program").GetProperty("origin").GetProperty("process").GetInt64());
        Assert.Equal(4, (await home.GetAsync($"api/processes/{forked}/messages")).GetProperty("total").GetInt32());
        Assert.True(replay.GetProperty("identical").GetBoolean());
        Assert.Equal(2, replay.GetProperty("data").GetArrayLength());

        Assert.True((await home.SendAsync("DELETE", $"api/processes/{id}")).Body.GetProperty("deleted").GetBoolean());
        Assert.Equal(404, (await home.SendAsync("GET", $"api/processes/{id}")).Status);
        Assert.Equal(404, (await home.SendAsync("GET", $"api/processes/{id}/events?follow=true")).Status);
        Assert.Empty((await home.GetAsync($"api/search?q=lighthouse&process={id}")).GetProperty("data").EnumerateArray());
        Assert.Equal(4, (await home.GetAsync($"api/processes/{forked}/messages")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Wait_ends_with_its_time_and_says_that_it_is_not_over()
    {
        var cpu = new PacedCpu();
        cpu.Hold();
        await using var home = await RunningHome.StartAsync(cpu);
        var id = await home.SpawnAsync("""{"message": "Go."}""");

        var process = await home.GetAsync($"api/processes/{id}/wait?timeout=0");

        Assert.Contains(Text(process, "state"), (string[])["ready", "running"]);
        cpu.Release();
    }

    [Fact]
    public async Task Server_without_a_home_lists_requests_and_spawns_nothing()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedCpu([new TextDelta("Hi.")]));

        using var spawned = await server.PostAsync("{}", "api/processes");
        var list = await server.Http.GetStringAsync(new Uri("api/processes", UriKind.Relative), Token);

        Assert.Equal(403, (int)spawned.StatusCode);
        Assert.Contains("--no-journal", await spawned.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal("""{"data":[]}""", list);
    }

    [Fact]
    public async Task Page_table_is_read_and_pages_are_pinned_and_dropped()
    {
        using var tiny = new TinyModel();
        await using var home = await RunningHome.StartAsync(new LocalCpu(LanguageModel.Load(tiny.Path)));
        var id = await home.SpawnAsync(
            """{"instructions": "Be brief.", "options": {"max_tokens": 3, "seed": 1}, "message": "Hello there."}""");
        await home.GetAsync($"api/processes/{id}/wait");

        var context = await home.GetAsync($"api/processes/{id}/context");
        var pinned = await home.PostAsync($"api/processes/{id}/context", """{"page": 2, "mark": "pinned"}""");
        var refused = await home.SendAsync("POST", $"api/processes/{id}/context", """{"page": 1, "mark": "dropped"}""");

        var pages = context.GetProperty("pages").EnumerateArray().ToArray();
        Assert.Equal(["system", "message", "message"], pages.Select(page => Text(page, "kind")));
        Assert.Equal(["system", "user", "assistant"], pages.Select(page => Text(page, "role")));
        Assert.Equal("Hello there.", Text(pages[1], "preview"));
        Assert.Equal(
            context.GetProperty("prompt_tokens").GetInt32(),
            context.GetProperty("layout_tokens").GetInt32() + pages.Sum(page => page.GetProperty("shown_tokens").GetInt32()));
        Assert.Equal(TinyModel.ContextLength, context.GetProperty("window_tokens").GetInt32());
        Assert.Equal("pinned", Text(pinned.GetProperty("pages")[1], "mark"));
        Assert.Equal(400, refused.Status);
        Assert.Contains("always stay", Text(refused.Body.GetProperty("error"), "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_of_a_model_elsewhere_have_no_counts_and_cannot_be_pinned()
    {
        await using var home = await RunningHome.StartAsync(new PacedCpu());
        var id = await home.SpawnAsync("""{"message": "Hello."}""");
        await home.GetAsync($"api/processes/{id}/wait");

        var context = await home.GetAsync($"api/processes/{id}/context");
        var refused = await home.SendAsync("POST", $"api/processes/{id}/context", """{"page": 1, "mark": "pinned"}""");

        Assert.Equal(2, context.GetProperty("pages").GetArrayLength());
        Assert.False(context.TryGetProperty("prompt_tokens", out _));
        Assert.Contains("elsewhere", Text(context, "problem"), StringComparison.Ordinal);
        Assert.Equal(403, refused.Status);
    }

    static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    static long[] Ids(JsonElement list) =>
        [.. list.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("id").GetInt64())];

    static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            await Task.Delay(5, Token);
        }
    }

    static async Task<long[]> PagesAsync(RunningHome home, long id)
    {
        var ids = new List<long>();
        long? next = 0;
        while (next is { } after)
        {
            var page = await home.GetAsync($"api/processes/{id}/events?after={after}&limit=2");
            ids.AddRange(Ids(page));
            next = page.TryGetProperty("next", out var cursor) ? cursor.GetInt64() : null;
        }

        return [.. ids];
    }

    static async Task<(List<string> Lines, List<long> Ids)> ReadStreamAsync(
        RunningHome home, long id, long? after, long? lastEventId, TaskCompletionSource? pinged = null)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"api/processes/{id}/events{(after is null ? "" : $"?after={after}")}");
        request.Headers.Accept.Add(new("text/event-stream"));
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", $"{lastEventId}");
        }

        using var response = await home.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        var (lines, ids) = (new List<string>(), new List<long>());
        while (await reader.ReadLineAsync(Token) is { } line)
        {
            lines.Add(line);
            if (line == ": ping")
            {
                pinged?.TrySetResult();
            }

            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                ids.Add(JsonElement.Parse(line["data: ".Length..]).GetProperty("id").GetInt64());
                Assert.Equal($"id: {ids[^1]}", lines[^2]);
            }
        }

        return (lines, ids);
    }
}
