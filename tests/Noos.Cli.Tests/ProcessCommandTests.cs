using System.Globalization;
using System.Text.Json;
using Noos.Core.Conversations;

namespace Noos.Cli.Tests;

/// <summary>The commands of processes as a user runs them: real programs over a real journal, with a server and without.</summary>
public sealed class ProcessCommandTests : IDisposable
{
    readonly Terminal _terminal = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Chat_reads_a_pipe_and_goes_on_next_time()
    {
        string[] arguments = ["chat", "--seed", "3", "--temperature", "1", "--max-tokens", "4"];

        var first = await _terminal.RunAsync(
            [.. arguments, "--new"], "Hello there\n\n/help\nOnce upon a time\n/quit\nnever asked\n");
        var second = await _terminal.RunAsync(arguments, "Hello again");
        var third = await _terminal.RunAsync(arguments, "/clear\n/nonsense\nAnother chat\n");

        Assert.Equal((0, 0, 0), (first.ExitCode, second.ExitCode, third.ExitCode));
        Assert.Equal(("", "", ""), (first.Error, second.Error, third.Error));
        Assert.Contains("/clear", first.Output, StringComparison.Ordinal);
        Assert.Contains("There is no command /nonsense", third.Output, StringComparison.Ordinal);
        Assert.Equal(["Hello there", "Once upon a time", "Hello again"], await QuestionsAsync(1));
        Assert.Equal(["Another chat"], await QuestionsAsync(2));
        Assert.Equal(["Another chat", "Hello there"], (await ListAsync("ps")).Select(process => Text(process, "title")));
        Assert.False(File.Exists(_terminal.Home.File("chat.jsonl")));
    }

    [Fact]
    public async Task Chat_of_an_older_version_is_imported_once_and_left_alone()
    {
        var saved = _terminal.Home.File("chat.jsonl");
        var old = ConversationJson.WriteUtf8(Conversation.From(Message.User("Old question"), Message.Assistant("Old answer.")));
        await File.WriteAllBytesAsync(saved, old, Token);

        await _terminal.RunAsync(["chat", "--max-tokens", "3"], "New question\n");
        await _terminal.RunAsync(["forget", "1"]);
        var again = await _terminal.RunAsync(["chat", "--max-tokens", "3"], "Last question\n");

        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        Assert.Equal(["Last question"], await QuestionsAsync(2));
        Assert.Equal(old, await File.ReadAllBytesAsync(saved, Token));
    }

    [Fact]
    public async Task Processes_are_begun_told_listed_and_ended_without_a_server()
    {
        Assert.Contains("PID", (await _terminal.RunAsync(["ps"])).Output, StringComparison.Ordinal);
        var spawned = await _terminal.RunAsync(["spawn", "--title", "Tales", "--instructions", "Be brief."]);
        var said = await _terminal.RunAsync(["say", "1", "Tell me of the lighthouse.", "--max-tokens", "5", "--seed", "7", "-t", "1"]);

        Assert.Equal((0, "1\n", ""), (spawned.ExitCode, spawned.Output, spawned.Error));
        Assert.Equal((0, ""), (said.ExitCode, said.Error));
        var log = await _terminal.RunAsync(["log", "1", "--json"]);
        var events = log.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToArray();
        var run = events.Single(entry => Text(entry.GetProperty("event"), "kind") == "run").GetProperty("event");
        Assert.Equal((7, 5), (run.GetProperty("seed").GetInt64(), run.GetProperty("options").GetProperty("max_tokens").GetInt32()));
        Assert.Equal(events.TakeLast(2).Select(entry => entry.GetProperty("id").GetInt64()),
            (await _terminal.RunAsync(["log", "1", "--json", "--last", "2"])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonElement.Parse(line).GetProperty("id").GetInt64()));
        Assert.Contains("Tell me of the lighthouse.", (await _terminal.RunAsync(["log", "1"])).Output, StringComparison.Ordinal);

        var replay = await _terminal.RunAsync(["replay", "1"]);
        Assert.Equal((0, ""), (replay.ExitCode, replay.Error));
        Assert.EndsWith("The run is identical.\n", replay.Output, StringComparison.Ordinal);

        var context = JsonElement.Parse((await _terminal.RunAsync(["context", "1", "--pin", "2", "--json"])).Output);
        Assert.Equal("pinned", Text(context.GetProperty("pages")[1], "mark"));
        var table = await _terminal.RunAsync(["context", "1"]);
        Assert.Equal((0, ""), (table.ExitCode, table.Error));
        Assert.Contains("pinned   Tell me of the lighthouse.", table.Output, StringComparison.Ordinal);
        Assert.Contains("page 1 is named twice", (await _terminal.RunAsync(["context", "1", "--pin", "1", "--drop", "1"])).Error,
            StringComparison.OrdinalIgnoreCase);

        var found = JsonElement.Parse((await _terminal.RunAsync(["find", "lighthouses", "--json"])).Output).GetProperty("data")[0];
        var place = found.GetProperty("event").GetInt64().ToString(CultureInfo.InvariantCulture);
        Assert.Equal("2\n", (await _terminal.RunAsync(["fork", "1", "--at", place])).Output);
        Assert.Equal(75, (await _terminal.RunAsync(["wait", "2"])).ExitCode);
        Assert.Equal("ready", Text((await ListAsync("ps")).Single(process => process.GetProperty("id").GetInt64() == 2), "state"));

        Assert.Matches(@"\n +1  idle  .*\n", (await _terminal.RunAsync(["ps"])).Output);
        Assert.Equal("1 idle\n", (await _terminal.RunAsync(["wait", "1"])).Output);
        Assert.Matches(@"\n +2  waits its turn  ", (await _terminal.RunAsync(["ps"])).Output);
        Assert.Equal(
            "Process 2 has the priority background now.\n", (await _terminal.RunAsync(["nice", "2", "background"])).Output);
        Assert.Equal(
            "Process 2 is called \"Other tales\" now.\n", (await _terminal.RunAsync(["rename", "2", "Other tales"])).Output);
        Assert.Equal("2 stopped\n", (await _terminal.RunAsync(["stop", "2"])).Output);
        var killed = JsonElement.Parse((await _terminal.RunAsync(["kill", "2", "--reason", "enough", "--json"])).Output);
        Assert.Equal(("killed", "background", "Other tales"), (Text(killed, "state"), Text(killed, "priority"), Text(killed, "title")));
        Assert.Equal(1, (await _terminal.RunAsync(["wait", "2"])).ExitCode);
        Assert.Equal([1L], (await ListAsync("ps")).Select(process => process.GetProperty("id").GetInt64()));
        Assert.Equal(2, (await ListAsync("ps", "--all")).Length);
        Assert.Contains("No server is up.", (await _terminal.RunAsync(["top"])).Output, StringComparison.Ordinal);

        Assert.Equal(0, (await _terminal.RunAsync(["forget", "1", "2"])).ExitCode);
        Assert.Empty(await ListAsync("ps", "--all"));
        var gone = await _terminal.RunAsync(["log", "1"]);
        Assert.Equal(66, gone.ExitCode);
        Assert.Contains("There is no process 1", gone.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_talk_to_the_server_of_the_home_and_to_the_journal_after_it_was_killed()
    {
        using var server = await _terminal.UpAsync("--max-tokens", "6");

        var chat = await _terminal.RunAsync(["chat", "--max-tokens", "3", "--seed", "5"], "Hello\nAgain\n");
        var spawned = await _terminal.RunAsync(["spawn", "--kind", "job", "--tool", "calculator", "Count.", "--json"]);
        var job = JsonElement.Parse(spawned.Output).GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture);
        var waited = await _terminal.RunAsync(["wait", job, "--json"]);
        var followed = await _terminal.RunAsync(["log", job, "--follow", "--json"]);
        var said = await _terminal.RunAsync(["say", "1", "And?", "--json"]);
        var top = await _terminal.RunAsync(["top", "--count", "2", "--interval", "0.1"]);
        var replay = await _terminal.RunAsync(["replay", "1", "--json"]);
        var refused = await _terminal.RunAsync(["chat", "--threads", "1"]);
        var other = await _terminal.RunAsync(["chat", "--model", "Another"]);
        var waits = await _terminal.RunAsync(["spawn", "--wait", "Say something.", "--max-tokens", "2"]);

        Assert.Equal((0, ""), (chat.ExitCode, chat.Error));
        Assert.Equal(["Hello", "Again", "And?"], await QuestionsAsync(1));
        Assert.Equal((0, "done"), (waited.ExitCode, Text(JsonElement.Parse(waited.Output), "state")));
        Assert.Contains("\"kind\":\"spawned\"", followed.Output, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"done\"", followed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1],
            StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"ran\"", said.Output, StringComparison.Ordinal);
        Assert.Contains("Tiny", top.Output, StringComparison.Ordinal);
        Assert.True(JsonElement.Parse(replay.Output).GetProperty("identical").GetBoolean());
        Assert.Equal(3, JsonElement.Parse(replay.Output).GetProperty("data").GetArrayLength());
        Assert.Contains("its start decides about --threads", refused.Error, StringComparison.Ordinal);
        Assert.Contains("runs Tiny", other.Error, StringComparison.Ordinal);
        Assert.Equal((0, ""), (waits.ExitCode, waits.Error));

        server.Kill();
        await server.WaitForExitAsync(Token);

        // The file with the address is stale now.
        Assert.True(File.Exists(_terminal.Home.File("server.json")));
        Assert.NotEmpty(await ListAsync("ps"));
        Assert.Equal((0, ""), (await _terminal.RunAsync(["chat", "--max-tokens", "2"], "Still there?\n")) is var still
            ? (still.ExitCode, still.Error)
            : default);
        Assert.Equal(4, (await QuestionsAsync(1)).Length);
    }

    [Theory]
    [InlineData("ps")]
    [InlineData("top")]
    [InlineData("spawn")]
    [InlineData("say")]
    [InlineData("wait")]
    [InlineData("log")]
    [InlineData("find")]
    [InlineData("stop")]
    [InlineData("kill")]
    [InlineData("nice")]
    [InlineData("rename")]
    [InlineData("fork")]
    [InlineData("replay")]
    [InlineData("forget")]
    public async Task Help_ends_with_examples_and_names_json(string command)
    {
        var result = await _terminal.RunAsync([command, "--help"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"Examples:\n  noos {command}", result.Output, StringComparison.Ordinal);
        Assert.Contains("--json", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("high", "nice", "1", "high")]
    [InlineData("There is no process 99", "kill", "99")]
    [InlineData("There is no process 99", "say", "99", "Hello")]
    [InlineData("There is nothing to say", "say", "1")]
    [InlineData("no answer to wait for", "spawn", "--wait")]
    [InlineData("There is no tool 'none'", "spawn", "--tool", "none")]
    [InlineData("must be 0 or more", "spawn", "--token-budget", "-1")]
    [InlineData("must be 0 or more", "ps", "--limit", "-1")]
    [InlineData("--new or --process, not both", "chat", "--new", "--process", "1")]
    public async Task Mistake_is_a_sentence(string sentence, params string[] arguments)
    {
        var result = await _terminal.RunAsync(arguments);

        Assert.True(result.IsMistake, $"exit code {result.ExitCode}");
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _terminal.Dispose();

    async Task<JsonElement[]> ListAsync(params string[] arguments) =>
        [.. JsonElement.Parse((await _terminal.RunAsync([.. arguments, "--json"])).Output).GetProperty("data").EnumerateArray()];

    async Task<string[]> QuestionsAsync(long process)
    {
        var log = await _terminal.RunAsync(["log", process.ToString(CultureInfo.InvariantCulture), "--json"]);
        return
        [
            .. log.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line).GetProperty("event"))
                .Where(happened => Text(happened, "kind") == "said").Select(said => Text(said.GetProperty("message"), "content")),
        ];
    }

    static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
