using System.Text.Json;
using Noos.Tools.Mcp;

namespace Noos.Cli.Tests;

/// <summary>MCP servers as a user adds them. The server is the program itself, as a process of its own.</summary>
public sealed class McpCommandTests : IDisposable
{
    readonly Terminal _terminal = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static string[] Itself => ["dotnet", Path.Combine(AppContext.BaseDirectory, "noos.dll"), "mcp", "serve", "--tool", "calculator"];

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public async Task Server_is_added_approved_called_and_removed()
    {
        var none = await _terminal.RunAsync(["mcp", "list"]);
        var added = await _terminal.RunAsync(["mcp", "add", "self", "--no-sandbox", "--", .. Itself]);
        var unapproved = await _terminal.RunAsync(["mcp", "list"]);
        var approved = await _terminal.RunAsync(["mcp", "test", "self", "--approve"]);
        var listed = JsonElement.Parse((await _terminal.RunAsync(["mcp", "list", "--json"])).Output).GetProperty("data")[0];
        var tested = await _terminal.RunAsync(["mcp", "test", "self"]);
        var called = await _terminal.RunAsync(
            ["mcp", "test", "self", "--call", "calculator", "--arguments", """{"expression": "6*7"}"""]);
        var removed = await _terminal.RunAsync(["mcp", "rm", "self"]);

        Assert.Contains("There are no MCP servers", none.Output, StringComparison.Ordinal);
        Assert.Equal(0, added.ExitCode);
        Assert.StartsWith("calculator  (new)\n    Calculates exactly", added.Output, StringComparison.Ordinal);
        Assert.Contains("Not approved yet", added.Error, StringComparison.Ordinal);
        Assert.Contains("not approved yet", unapproved.Output, StringComparison.Ordinal);
        Assert.Contains("Approved: models are offered this tool of self.", approved.Error, StringComparison.Ordinal);
        Assert.Equal(("self", "approved", "calculator"), (
            listed.GetProperty("name").GetString(), listed.GetProperty("state").GetString(),
            listed.GetProperty("tools")[0].GetString()));
        Assert.Equal("It runs outside of the sandbox, with all of your rights.\n", tested.Error);
        Assert.Equal((0, "42\n"), (called.ExitCode, called.Output));
        Assert.Equal((0, "self removed\n"), (removed.ExitCode, removed.Output));
    }

    [Theory]
    [InlineData("There is no MCP server \"no\"", "mcp", "test", "no")]
    [InlineData("There is no MCP server \"no\"", "mcp", "rm", "no")]
    [InlineData("the name \"A B\"", "mcp", "add", "A B", "http://127.0.0.1:1/mcp")]
    [InlineData("stands alone", "mcp", "add", "a", "http://127.0.0.1:1/mcp", "x")]
    [InlineData("must be written as NAME=VALUE", "mcp", "add", "a", "http://127.0.0.1:1/mcp", "--header", "x")]
    [InlineData("The MCP server a cannot be used", "mcp", "add", "a", "http://127.0.0.1:1/mcp")]
    public async Task Mistake_is_one_sentence(string sentence, params string[] arguments)
    {
        var result = await _terminal.RunAsync(arguments);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tools_are_served_to_any_client_without_a_model()
    {
        await using var connection = new McpConnection(
            "noos",
            new McpServerEntry
            {
                Command = "dotnet",
                Arguments = [Path.Combine(AppContext.BaseDirectory, "noos.dll"), "mcp", "serve"],
                Environment = new Dictionary<string, string> { ["NOOS_HOME"] = _terminal.Home.Path, ["NOOS_MODEL"] = "/no/such/model" },
                // It keeps facts in the home of its user.
                Sandbox = false,
            },
            new McpOptions { ConnectTimeout = TimeSpan.FromSeconds(60) });

        var tools = await connection.ListToolsAsync(Token);
        var sum = await CallAsync("calculator", "expression", "2^10");
        var length = await CallAsync("convert", "expression", "5 miles to km");
        // What an outside program wants remembered waits for the person.
        var fact = await CallAsync("remember", "fact", "The user likes tea.");

        Assert.Equal("1024", sum);
        Assert.Equal("8.04672 km", length);
        Assert.StartsWith("Noted as fact 1, but not remembered yet", fact, StringComparison.Ordinal);

        async Task<string?> CallAsync(string name, string argument, string value)
        {
            var result = await connection.CallAsync(
                tools.Single(tool => tool.Name == name), new Dictionary<string, object?> { [argument] = value }, Token);
            return result.Content[0].ToString();
        }
    }

    [Fact]
    public async Task Broken_file_is_told_by_every_command_that_needs_tools()
    {
        await File.WriteAllTextAsync(_terminal.Home.File("mcp.json"), "{", Token);

        var asked = await _terminal.RunAsync(["ask", "Hello"]);

        Assert.NotEqual(0, asked.ExitCode);
        Assert.StartsWith("In mcp.json, there is no valid JSON", asked.Error, StringComparison.Ordinal);
    }
}
