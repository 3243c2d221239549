using Noos.Core.Conversations;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;

namespace Noos.Cli.Tests;

/// <summary>A home in which something is wrong: one sentence each, and nothing is lost.</summary>
public sealed class HomeFaultTests : IDisposable
{
    readonly Terminal _terminal = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("up", "--port", "0")]
    [InlineData("chat")]
    [InlineData("spawn", "Hello")]
    public async Task Home_that_cannot_be_written_is_a_sentence(params string[] arguments)
    {
        // Where nobody can write, whoever runs the tests.
        _terminal.Variables["NOOS_HOME"] = "/sys/noos";

        var result = await _terminal.RunAsync(arguments, "Hello\n");

        Assert.Equal((77, ""), (result.ExitCode, result.Output));
        Assert.Contains("The home '/sys/noos' cannot be written", Assert.Single(result.Error.TrimEnd().Split('\n')),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("doctor", "--sandbox", "interpreter")]
    [InlineData("memory", "add", "My sister lives in Lyon.")]
    [InlineData("index", "add", "{0}")]
    public async Task Home_is_for_its_user_alone_whichever_command_makes_it(params string[] arguments)
    {
        var file = _terminal.Home.File("notes.txt");
        await File.WriteAllTextAsync(file, "The boat sails in May.", Token);
        var home = _terminal.Variables["NOOS_HOME"] = _terminal.Home.File("home");

        var result = await _terminal.RunAsync([.. arguments.Select(argument => argument.Replace("{0}", file, StringComparison.Ordinal))]);

        Assert.Equal(0, result.ExitCode);
        // Windows gives homes to their users by itself.
        Assert.True(
            OperatingSystem.IsWindows()
            || File.GetUnixFileMode(home) == (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Fact]
    public async Task Home_without_a_journal_is_empty_and_not_begun_by_looking()
    {
        Assert.Equal(0, (await _terminal.RunAsync(["ps"])).ExitCode);
        Assert.Equal(66, (await _terminal.RunAsync(["log", "1"])).ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_terminal.Home.Path));
    }

    [Fact]
    public async Task Damaged_page_is_a_sentence_and_the_file_is_left_as_it_is()
    {
        var path = _terminal.Home.File(Journal.FileName);
        await using (var journal = Journal.Open(_terminal.Home.Path))
        {
            var id = (await journal.AddProcessAsync(
                new ProcessRecord(0, null, "me", ProcessKind.Conversation) { Program = new ProcessProgram() }, Token)).Id;
            await journal.AppendAsync(
                id,
                [.. Enumerable.Range(0, 3000).Select(index => new Said(Message.User(new string('a', 200)), IsQueued: true))], Token);
        }

        byte[] damage = [.. Enumerable.Repeat((byte)0xAB, 40_000)];
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            file.Position = file.Length / 2;
            await file.WriteAsync(damage, Token);
        }

        var before = await File.ReadAllBytesAsync(path, Token);
        foreach (var arguments in (string[][])[["log", "1"], ["say", "1", "Hello", "--no-wait"], ["fork", "1"]])
        {
            var result = await _terminal.RunAsync(arguments);

            Assert.Equal(65, result.ExitCode);
            Assert.Contains("is damaged", Assert.Single(result.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(path, Token));
    }

    [Fact]
    public async Task File_that_is_no_journal_is_a_sentence()
    {
        await File.WriteAllTextAsync(_terminal.Home.File(Journal.FileName), new string('x', 5000), Token);

        foreach (var arguments in (string[][])[["ps"], ["up", "--port", "0"], ["chat"]])
        {
            var result = await _terminal.RunAsync(arguments, "Hello\n");

            Assert.Equal((65, ""), (result.ExitCode, result.Output));
            Assert.Contains("is damaged", Assert.Single(result.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Address_of_a_server_that_is_no_more_is_passed_over()
    {
        // Nobody listens there; and there another program does.
        foreach (var content in (string[])["""{"address": "http://127.0.0.1:9/", "instance": "x"}""", "{", ""])
        {
            await File.WriteAllTextAsync(_terminal.Home.File("server.json"), content, Token);

            var result = await _terminal.RunAsync(["spawn"]);

            Assert.Equal((0, ""), (result.ExitCode, result.Error));
        }
    }

    public void Dispose() => _terminal.Dispose();
}
