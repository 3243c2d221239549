using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;

namespace Noos.Cli.Tests;

/// <summary>The commands of permissions as a user runs them, over a journal in which a question waits.</summary>
public sealed class PermissionCommandTests : IDisposable
{
    readonly Terminal _terminal = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Question_is_shown_exactly_and_decided_and_the_permission_is_listed_and_revoked()
    {
        var none = await _terminal.RunAsync(["permissions"]);
        await AskAsync("line one\nline \u001b[2Ktwo \u202Ethree");

        var shown = await _terminal.RunAsync(["permissions"]);
        var json = JsonElement.Parse((await _terminal.RunAsync(["permissions", "--json"])).Output);
        var allowed = await _terminal.RunAsync(["permissions", "allow", "1", "--always"]);
        var again = await _terminal.RunAsync(["permissions", "allow", "1"]);
        var listed = await _terminal.RunAsync(["permissions"]);
        var revoked = JsonElement.Parse((await _terminal.RunAsync(["permissions", "revoke", "1", "--json"])).Output);

        Assert.Equal((0, "No question waits.\nNothing is allowed or refused for longer than one call.\n"), (none.ExitCode, none.Output));
        Assert.Contains("Process 1 waits: note wants to:", shown.Output, StringComparison.Ordinal);
        // What a terminal would act on is seen, and does nothing.
        Assert.Contains("    | line one\n    | line \\u{1B}[2Ktwo \\u{202E}three\n", shown.Output, StringComparison.Ordinal);
        Assert.Equal("asked", json.GetProperty("event").GetProperty("kind").GetString());
        Assert.Equal((0, "1 allowed\n"), (allowed.ExitCode, allowed.Output));
        Assert.Contains("next 'noos up'", allowed.Error, StringComparison.Ordinal);
        Assert.True(again.IsMistake);
        Assert.Contains("does not wait", again.Error, StringComparison.Ordinal);
        Assert.Contains("allowed  always    memory write", listed.Output, StringComparison.Ordinal);
        Assert.True(revoked.TryGetProperty("revoked", out _));
        Assert.StartsWith(
            "No question waits.\nNothing is allowed or refused",
            (await _terminal.RunAsync(["permissions"])).Output, StringComparison.Ordinal);
        Assert.Contains("(revoked", (await _terminal.RunAsync(["permissions", "--all"])).Output, StringComparison.Ordinal);
        var log = (await _terminal.RunAsync(["log", "1"])).Output;
        Assert.Contains("granted always", log, StringComparison.Ordinal);
        Assert.Contains("permission 1", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_call_is_an_error_that_the_model_reads_and_the_chat_goes_on()
    {
        await AskAsync("A");
        Assert.Matches(@"\n +1  asks you  ", (await _terminal.RunAsync(["ps"])).Output);
        var refused = await _terminal.RunAsync(["permissions", "refuse", "1", "--reason", "Not on a Sunday."]);
        var ready = JsonElement.Parse((await _terminal.RunAsync(["ps", "--json"])).Output).GetProperty("data")[0];

        var chat = await _terminal.RunAsync(["chat", "--process", "1", "--max-tokens", "3"], "Then leave it.\n");

        Assert.Equal((0, "1 refused\n"), (refused.ExitCode, refused.Output));
        Assert.Equal("ready", ready.GetProperty("state").GetString());
        Assert.Equal((0, ""), (chat.ExitCode, chat.Error));
        await using var journal = Journal.Open(_terminal.Home.Path);
        var results = journal.Reader.History(1).Messages.SelectMany(message => message.Parts).OfType<ToolResultPart>().ToArray();
        // The program has no such tool, so what the gate would have said comes from the loop.
        Assert.True(Assert.Single(results).IsError);
    }

    [Fact]
    public async Task Piped_chat_and_say_leave_a_question_open_and_say_so()
    {
        await AskAsync("A");

        var chat = await _terminal.RunAsync(["chat", "--process", "1"], "");

        Assert.Equal(0, chat.ExitCode);
        Assert.Contains("noos permissions allow 1", chat.Error, StringComparison.Ordinal);
        Assert.Contains("Process 1 waits", (await _terminal.RunAsync(["permissions"])).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no process 99", "permissions", "allow", "99")]
    [InlineData("There is no permission 99", "permissions", "revoke", "99")]
    [InlineData("not both", "permissions", "allow", "1", "--always", "--conversation")]
    [InlineData("no host with a port", "ask", "Hello", "--private-host", "nas.home")]
    public async Task Mistake_is_a_sentence(string sentence, params string[] arguments)
    {
        var result = await _terminal.RunAsync(arguments);

        Assert.True(result.IsMistake, $"exit code {result.ExitCode}");
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_is_given_at_the_start()
    {
        var asked = await _terminal.RunAsync(
            ["ask", "Hello", "--max-tokens", "2", "--allow", "camera", "--deny", "net", "--private-host", "nas.home:8080"]);

        Assert.Equal((0, ""), (asked.ExitCode, asked.Error));
    }

    [Theory]
    [InlineData("permissions")]
    [InlineData("permissions", "allow")]
    [InlineData("permissions", "refuse")]
    [InlineData("permissions", "revoke")]
    public async Task Help_ends_with_examples(params string[] command)
    {
        var help = await _terminal.RunAsync([.. command, "--help"]);

        Assert.Contains($"Examples:\n  noos {string.Join(' ', command)}", help.Output, StringComparison.Ordinal);
        Assert.Contains("--json", help.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _terminal.Dispose();

    async Task AskAsync(string fact)
    {
        var call = new ToolCallPart("note", JsonElement.Parse("{}"), "c1");
        await using var journal = Journal.Open(_terminal.Home.Path);
        var id = (await journal.AddProcessAsync(
            new ProcessRecord(0, null, "me", ProcessKind.Conversation) { Program = new ProcessProgram() }, Token)).Id;
        await journal.AppendAsync(
            id,
            [
                new Said(Message.User("Note it.")), new RunBegan(1),
                new RunEnded(Message.Assistant(call), FinishReason: null, 1, [1], new ProcessUsage(1, 1)),
                new ApprovalAsked(call, "remember", [new AskedEffect(Effect.WriteMemory(fact), "it needs \"memory\"", null)]),
                new StateChanged(ProcessState.WaitingForPerson),
            ],
            Token);
    }
}
