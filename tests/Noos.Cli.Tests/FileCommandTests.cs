using System.Text.Json;
using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary>Files on the command line: real programs, a tiny model.</summary>
public sealed class FileCommandTests : IDisposable
{
    readonly Terminal _terminal = new();

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public async Task Ask_takes_a_file_and_leaves_nothing_behind()
    {
        var path = Write("sales.csv", SampleFiles.Csv);

        var result = await _terminal.RunAsync(["ask", "--file", path, "--max-tokens", "3", "Which region sold most?"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_terminal.Home.File("files")));
    }

    [Fact]
    public async Task Missing_and_damaged_files_are_told_in_a_sentence()
    {
        var missing = await _terminal.RunAsync(["ask", "--file", "none.csv", "Hello"]);
        var damaged = await _terminal.RunAsync(["ask", "--file", Write("a.pdf", "%PDF-1.4"), "Hello"]);
        var folder = await _terminal.RunAsync(["ask", "--file", _terminal.Home.Path, "Hello"]);

        Assert.Equal((66, 65, 1), (missing.ExitCode, damaged.ExitCode, folder.ExitCode));
        Assert.Contains("There is no file 'none.csv'", missing.Error, StringComparison.Ordinal);
        Assert.Contains("'a.pdf' is damaged", damaged.Error, StringComparison.Ordinal);
        Assert.Contains("is a folder", folder.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_and_say_keep_files_until_the_process_is_forgotten()
    {
        var (sales, plan) = (Write("sales.csv", SampleFiles.Csv), Write("plan.md", SampleFiles.Markdown));

        var chat = await _terminal.RunAsync(
            ["chat", "--new", "--file", plan, "--max-tokens", "3"], $"/file {sales}\n/file none.txt\nWhich is it?\n/quit\n");
        var said = await _terminal.RunAsync(["say", "1", "--file", sales, "--max-tokens", "3", "And now?"]);
        var spawned = await _terminal.RunAsync(["spawn", "--file", plan, "Read this."]);

        Assert.Equal((0, 0, 0), (chat.ExitCode, said.ExitCode, spawned.ExitCode));
        Assert.Contains("sales.csv goes with your next question.", chat.Output, StringComparison.Ordinal);
        Assert.Contains("There is no file 'none.txt'", chat.Error, StringComparison.Ordinal);
        Assert.Equal(["plan.md", "sales (2).csv", "sales.csv"], Files(1));
        Assert.Equal(["plan.md"], Files(2));
        var log = await _terminal.RunAsync(["log", "1", "--json"]);
        var parts = log.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonElement.Parse(line).GetProperty("event"))
            .First(item => item.GetProperty("kind").GetString() == "said").GetProperty("message").GetProperty("parts");
        Assert.Equal(["file", "file", "text"], parts.EnumerateArray().Select(part => part.GetProperty("type").GetString()));

        await _terminal.RunAsync(["forget", "1", "2"]);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_terminal.Home.File("files")));
    }

    string[] Files(int process) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(_terminal.Home.Path, "files", $"{process}")).Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal),
    ];

    string Write(string name, string content)
    {
        var path = Path.Combine(_terminal.Home.CreateFolder("given"), name);
        File.WriteAllText(path, content);
        return path;
    }
}
