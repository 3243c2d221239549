using System.Text.Json;
using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary><c>noos index</c> and <c>noos search</c> as a user runs them.</summary>
public sealed class SearchCommandTests(Terminal terminal) : IClassFixture<Terminal>
{
    [Fact]
    public async Task Files_are_added_found_shown_and_removed()
    {
        var folder = terminal.Home.CreateFolder("notes");
        File.WriteAllText(Path.Combine(folder, "garden.md"), "# My garden\n\nThe quinces are ripe in October.\n");
        File.WriteAllText(Path.Combine(folder, "house.txt"), "The boiler is serviced by Mr. Plumstead every May.");
        File.WriteAllText(Path.Combine(terminal.Home.CreateFolder("notes/.git"), "hidden.txt"), "quinces");

        var added = await terminal.RunAsync(["index", "add", folder]);
        var again = await terminal.RunAsync(["index", "add", folder]);
        var list = await terminal.RunAsync(["index", "list"]);
        var found = await terminal.RunAsync(["search", "--source", "local", "--json", "--limit", "1", "When", "are", "the", "quinces",
            "ripe?"]);

        Assert.Equal((0, "2 documents added, 0 updated, 0 unchanged.\n", ""), (added.ExitCode, added.Output, added.Error));
        Assert.Equal("0 documents added, 0 updated, 2 unchanged.\n", again.Output);
        Assert.Equal(2, list.Output.Split('\n').Count(line => line.StartsWith(folder, StringComparison.Ordinal)));
        Assert.Contains("My garden, 1 passages", list.Output);
        using var result = JsonDocument.Parse(found.Output);
        var citation = result.RootElement.GetProperty("citation");
        Assert.Equal("My garden", citation.GetProperty("title").GetString());
        Assert.Equal((1, 1), (citation.GetProperty("number").GetInt32(), citation.GetProperty("passage").GetInt32()));
        Assert.Contains("October", result.RootElement.GetProperty("text").GetString());

        var address = citation.GetProperty("address").GetString()!;
        Assert.Contains("The quinces are ripe in October.", (await terminal.RunAsync(["index", "show", address, "--passage", "1"])).Output);
        Assert.Equal($"Removed 1 documents of {address}.\n", (await terminal.RunAsync(["index", "remove", address])).Output);
        Assert.Contains("was not added", await Mistake("index", "remove", address));
    }

    [Fact]
    public async Task A_page_is_added_by_its_address()
    {
        using var web = new LoopbackWeb
        {
            Respond = _ => new LoopbackResponse("The ferry to Skerry leaves at nine.", Headers: "Content-Type: text/plain\r\n"),
        };
        var address = $"http://127.0.0.1:{web.Port}/ferry";

        Assert.Contains("is not open to requests", await Mistake("index", "add", address));
        var added = await terminal.RunAsync(["index", "add", address, "--private-host", $"127.0.0.1:{web.Port}"]);
        Assert.Equal("1 documents added, 0 updated, 0 unchanged.\n", added.Output);

        var found = await terminal.RunAsync(["search", "-s", "local", "-n", "1", "ferry to Skerry"]);
        Assert.StartsWith($"[1] ferry\n    {address}", found.Output);
        Assert.Contains("leaves at nine", found.Output);
    }

    /// <summary>In an empty home, without a network: the encyclopedia of the repository.</summary>
    [Fact]
    public async Task The_first_question_of_a_new_user_finds_something()
    {
        var result = await terminal.RunAsync(["search", "--source", "local", "Who was the first president of the United States?"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("[1] George Washington\n", result.Output);
        Assert.Contains("first President of the United States", result.Output.Split("[2]")[0]);
        var shown = await terminal.RunAsync(["index", "show", "wordnet:George Washington"]);
        Assert.StartsWith("George Washington\n\n1\nGeorge Washington: first President", shown.Output);
    }

    [Fact]
    public async Task Mistakes_are_explained()
    {
        Assert.Contains("cannot be read", await Mistake("index", "add", terminal.Home.File("none.txt")));
        File.WriteAllBytes(terminal.Home.File("a.txt"), [0x89, .. "PNG\r\n\u001a\n"u8, 0, 0, 0, 13]);
        Assert.Contains("a.txt", await Mistake("index", "add", terminal.Home.File("a.txt")));
        Assert.Contains("no document 'nothing'", await Mistake("index", "show", "nothing"));
        Assert.Contains("no word", await Mistake("search", "?!"));
        Assert.Contains("from 1 to 50", await Mistake("search", "x", "--limit", "0"));
        Assert.Contains("BRAVE_API_KEY", await Mistake("search", "x", "--source", "brave"));
        Assert.Contains("NOOS_DATA", await Mistake("encyclopedia", terminal.Home.File("out.zst")));
    }

    async Task<string> Mistake(params string[] arguments)
    {
        var result = await terminal.RunAsync(arguments);
        Assert.NotEqual(0, result.ExitCode);
        Assert.DoesNotContain("   at ", result.Error);
        return result.Error;
    }
}
