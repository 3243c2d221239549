using System.Net;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Network;
using Noos.Core.Tools;
using Noos.Tools.Code.Sandboxing;
using Noos.Tools.Mcp;
using Noos.Tools.Tests.Code;

namespace Noos.Tools.Tests.Mcp;

/// <summary>The tools of MCP servers that are real processes, good ones and bad ones.</summary>
public sealed class McpToolTests : IDisposable
{
    readonly string _home = Directory.CreateTempSubdirectory("noos-mcp-").FullName;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    McpRegistry Registry => new(_home);

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task Approved_tool_is_called_and_what_it_answers_is_foreign()
    {
        await using var tools = await ApproveAsync(Server("good"));
        var tool = tools.Get("calc__add");

        var result = await tools.CallAsync(tool, """{"a": 2, "b": 3}""");

        Assert.Equal(("5", false, Origin.Service), (Text(result), result.IsError, result.Origin));
        Assert.Equal("Adds two numbers.", tool.Declaration.Description);
        // The server says that it only reads and can be called again; that changes nothing.
        Assert.False(tool.IsRepeatable);
        var effect = Assert.Single(tool.EffectsOf(Call(tool, """{"a": 2, "b": 3}"""), new ToolTestContext())!);
        Assert.Equal(
            (Capability.McpServer("calc"), EffectKind.Send, "mcp:calc/add", """{"a": 2, "b": 3}"""),
            (effect.Capability, effect.Kind, effect.Target, effect.Content));
        Assert.Equal([effect.Capability], tool.Needs);
    }

    [Fact]
    public async Task Only_the_administrator_makes_a_tool_one_that_is_only_asked()
    {
        await using var tools = await ApproveAsync(Server("good") with { TrustedTools = ["add"] });

        Assert.Equal(EffectKind.Query, Kind("calc__add"));
        Assert.Equal(EffectKind.Send, Kind("calc__env"));

        EffectKind Kind(string name) =>
            Assert.Single(tools.Get(name).EffectsOf(Call(tools.Get(name), "{}"), new ToolTestContext())!).Kind;
    }

    [Fact]
    public void Server_that_nobody_approved_offers_nothing_and_none_is_started()
    {
        Registry.Add("calc", new McpServerEntry { Command = "/no/such/program" });

        Assert.Empty(McpTools.Create(Registry, new McpOptions()));
    }

    [Fact]
    public async Task Approval_is_for_this_command_line_alone()
    {
        await using (await ApproveAsync(Server("good")))
        {
        }

        Registry.Add("calc", Server("good", "Adds two numbers.", "more"));

        Assert.Empty(McpTools.Create(Registry, new McpOptions()));
        Registry.Add("calc", Server("good") with { IsDisabled = true });
        Assert.Empty(McpTools.Create(Registry, new McpOptions()));
    }

    [Fact]
    public async Task Description_that_is_another_than_the_approved_one_ends_the_calls()
    {
        var server = Server("good");
        await using var connection = new McpConnection("calc", server, new McpOptions());
        var now = await connection.ListToolsAsync(Token);
        // What was approved was something else.
        Registry.Add("calc", server);
        Registry.Approve("calc", server, [.. now.Select(tool => tool with { Description = "Adds." })]);
        await using var tools = new ToolSet(McpTools.Create(Registry, new McpOptions()));

        var refusal = await Assert.ThrowsAsync<ToolException>(() => tools.CallAsync(tools.Get("calc__add"), """{"a": 2, "b": 3}"""));

        Assert.StartsWith(
            "The MCP server calc describes its tool add differently than when it was approved", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_changes_its_tools_while_it_runs_is_not_called_again()
    {
        await using var tools = await ApproveAsync(Server("turns"));
        Assert.Equal("5", Text(await tools.CallAsync(tools.Get("calc__add"), """{"a": 2, "b": 3}""")));

        // The notice comes by itself; until it has come the server could only have said what was approved.
        var refusal = "";
        for (var i = 0; i < 500 && refusal.Length == 0; i++)
        {
            try
            {
                await tools.CallAsync(tools.Get("calc__add"), """{"a": 2, "b": 3}""");
            }
            catch (ToolException e)
            {
                refusal = e.Message;
            }
        }

        Assert.Contains("differently", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("crash", "The MCP server calc ended with exit code 7.")]
    [InlineData("refuses", "The MCP server calc refuses the call: ")]
    public async Task Failure_of_a_call_is_one_sentence(string mode, string sentence)
    {
        await using var tools = await ApproveAsync(Server(mode));

        var refusal = await Assert.ThrowsAsync<ToolException>(() => tools.CallAsync(tools.Get("calc__add"), """{"a": 2, "b": 3}"""));

        Assert.StartsWith(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public async Task Server_that_has_died_is_started_again_by_the_next_call()
    {
        await using var tools = await ApproveAsync(Server("crash"));
        for (var i = 0; i < 2; i++)
        {
            await Assert.ThrowsAsync<ToolException>(() => tools.CallAsync(tools.Get("calc__add"), """{"a": 2, "b": 3}"""));
        }

        Assert.Contains("PATH", Text(await ApproveAndCallAsync(Server("good"), "calc__env")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dies", "The MCP server calc ended with exit code 3: There is no database.")]
    [InlineData("garbage", "The MCP server calc did not answer within 1 second")]
    [InlineData("silent", "The MCP server calc did not answer within 1 second")]
    [InlineData("many", "The MCP server calc has 202 tools; at most 100 can be used.")]
    public async Task Server_that_cannot_be_used_is_one_sentence(string mode, string sentence)
    {
        await using var connection = new McpConnection(
            "calc", Server(mode), new McpOptions { ConnectTimeout = TimeSpan.FromSeconds(mode is "dies" or "many" ? 30 : 1) });

        var refusal = await Assert.ThrowsAsync<NoosException>(() => connection.ListToolsAsync(Token));

        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public async Task Program_that_is_not_there_is_one_sentence()
    {
        await using var connection = new McpConnection("calc", new McpServerEntry { Command = "/no/such/program" }, new McpOptions());

        var refusal = await Assert.ThrowsAsync<NoosException>(() => connection.ListToolsAsync(Token));

        Assert.StartsWith("The MCP server calc cannot be used: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slow_call_ends_when_nobody_waits_any_more()
    {
        await using var tools = await ApproveAsync(Server("slow"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        stop.CancelAfter(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => tools.CallAsync(tools.Get("calc__add"), """{"a": 2, "b": 3}""", stop.Token));
    }

    [Fact]
    public async Task Error_of_a_tool_is_a_result()
    {
        var result = await ApproveAndCallAsync(Server("fails"), "calc__add");

        Assert.Equal(("The disk is full.", true, Origin.Service), (Text(result), result.IsError, result.Origin));
    }

    [Fact]
    public async Task Pictures_sounds_and_resources_come_through()
    {
        var result = await ApproveAndCallAsync(Server("rich"), "calc__add");

        Assert.Equal(
            [
                new TextPart("A"), new ImagePart("data:image/png;base64,AAEC", "image/png"),
                new AudioPart("data:audio/wav;base64,AAEC", "audio/wav"), new TextPart("[file:///x]\nB"), new TextPart("[Y: file:///y]"),
            ],
            result.Parts);
    }

    [Fact]
    public async Task Program_gets_no_variables_of_ours_but_those_it_was_given()
    {
        Environment.SetEnvironmentVariable("NOOS_TEST_SECRET", "hidden");
        var result = await ApproveAndCallAsync(
            Server("good") with { Environment = new Dictionary<string, string> { ["KEY"] = "given" } }, "calc__env");

        var seen = JsonElement.Parse(Text(result));
        Assert.Equal("given", seen.GetProperty("KEY").GetString());
        Assert.False(seen.TryGetProperty("NOOS_TEST_SECRET", out _));
    }

    [Theory]
    [MemberData(nameof(SandboxLevels.All), MemberType = typeof(SandboxLevels))]
    public async Task Program_is_confined_to_its_own_folder_and_has_no_network(SandboxLevel level)
    {
        var found = await AttemptAsync(level, Server("attempts"));

        Assert.Equal("kept", File.ReadAllText(Path.Combine(_home, "mcp", "calc", "own.txt")));
        Assert.Equal("written", found["own"]);
        Assert.StartsWith("refused", found["secret"], StringComparison.Ordinal);
        Assert.StartsWith("refused", found["given"], StringComparison.Ordinal);
        Assert.StartsWith("refused", found["network"], StringComparison.Ordinal);
        Assert.StartsWith("refused", found["socket"], StringComparison.Ordinal);
        Assert.NotEqual("0", found["user"]);
    }

    [Theory]
    [MemberData(nameof(SandboxLevels.All), MemberType = typeof(SandboxLevels))]
    public async Task Program_has_the_network_and_the_folders_that_its_entry_names(SandboxLevel level)
    {
        var given = Directory.CreateTempSubdirectory("noos-mcp-given-").FullName;
        try
        {
            // Whoever runs Noos as root gives the folder to all: the program is somebody else.
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(given, (UnixFileMode)0b111_111_111);
            }

            var found = await AttemptAsync(level, Server("attempts") with { HasNetwork = true, WritableFolders = [given] }, given);

            Assert.Equal("written", found["given"]);
            Assert.Equal("connected", found["network"]);
            Assert.StartsWith("refused", found["socket"], StringComparison.Ordinal);
            Assert.StartsWith("refused", found["secret"], StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(given, "given.txt")));
        }
        finally
        {
            Directory.Delete(given, recursive: true);
        }
    }

    [Fact]
    public async Task Program_is_not_run_where_nothing_can_confine_it_unless_its_entry_says_so()
    {
        var options = new McpOptions { FindSandbox = _ => Task.FromResult(new SandboxChoice(null, ["There is no Landlock."])) };
        await using (var connection = new McpConnection("calc", Server("good"), options))
        {
            var refusal = await Assert.ThrowsAsync<NoosException>(() => connection.ListToolsAsync(Token));
            Assert.Contains("There is no Landlock", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("\"sandbox\": false", refusal.Message, StringComparison.Ordinal);
        }

        await using var free = new McpConnection("calc", Server("good") with { Sandbox = false }, options);
        Assert.Contains(await free.ListToolsAsync(Token), tool => tool.Name == "add");
    }

    /// <summary>What a server can do: it tries, and tells.</summary>
    async Task<Dictionary<string, string>> AttemptAsync(SandboxLevel level, McpServerEntry server, string? given = null)
    {
        var code = await SandboxLevels.RequireAsync(level);
        var secret = Path.Combine(_home, "secret.txt");
        await File.WriteAllTextAsync(secret, "hidden", Token);
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var variables = new Dictionary<string, string>
        {
            ["SECRET"] = secret,
            ["GIVEN"] = given ?? _home,
            ["PORT"] = $"{((IPEndPoint)listener.LocalEndpoint).Port}",
        };
        await using var connection = new McpConnection("calc", server with { Environment = variables }, new McpOptions
        {
            Home = _home,
            FindSandbox = token => SandboxChoice.FindAsync(code.Sandbox, token),
        });
        var result = await connection.CallAsync(
            (await connection.ListToolsAsync(Token)).Single(tool => tool.Name == "env"), new Dictionary<string, object?>(), Token);
        var text = ((ModelContextProtocol.Protocol.TextContentBlock)result.Content[0]).Text;
        return JsonSerializer.Deserialize<Dictionary<string, string>>(text)!;
    }

    [Theory]
    [InlineData("http://10.1.2.3/mcp", null)]
    [InlineData("http://inner.example/mcp", "inner.example is at 127.0.0.1")]
    public async Task Address_inside_is_reached_only_where_it_was_written_down_as_such(string url, string? sentence)
    {
        await using var connection = new McpConnection("calc", new McpServerEntry { Url = url }, new McpOptions
        {
            Egress = new EgressOptions
            {
                Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
                ConnectTimeout = TimeSpan.FromMilliseconds(300),
            },
        });

        var refusal = await Assert.ThrowsAsync<NoosException>(() => connection.ListToolsAsync(Token));

        Assert.Equal(sentence is not null, refusal.Message.Contains("not an address of the public internet", StringComparison.Ordinal));
        Assert.Contains(sentence ?? "The MCP server calc", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "no valid JSON")]
    [InlineData("""{"mcpServers": {"a": 1}}""", "the server \"a\" cannot be read")]
    [InlineData("""{"mcpServers": {"A b": {"command": "x"}}}""", "the name \"A b\"")]
    [InlineData("""{"mcpServers": {"a": {}}}""", "either a \"command\" or a \"url\"")]
    [InlineData("""{"mcpServers": {"a": {"url": "file:///etc/passwd"}}}""", "must begin with http")]
    [InlineData("""{"mcpServers": {"a": {"command": "x", "timeout": 0}}}""", "from 1 to 600")]
    public void Mistake_in_the_file_is_told(string file, string sentence)
    {
        File.WriteAllText(Path.Combine(_home, McpRegistry.FileName), file);

        var refusal = Assert.Throws<NoosException>(() => Registry.Servers());

        Assert.StartsWith("In mcp.json, ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_of_the_ecosystem_is_read_and_what_is_not_ours_stays()
    {
        var path = Path.Combine(_home, McpRegistry.FileName);
        File.WriteAllText(path, """
            {
              // Written by hand.
              "inputs": [],
              "mcpServers": {
                "files": {"type": "stdio", "command": "npx", "args": ["-y", "server"], "env": {"A": "b"}, "gallery": true},
                "wiki": {"url": "https://wiki.example/mcp", "headers": {"Authorization": "Bearer x"}, "disabled": true},
              }
            }
            """);

        var servers = Registry.Servers();
        Registry.Add("more", new McpServerEntry { Command = "x" });
        Registry.Remove("wiki");

        Assert.Equal("npx -y server", servers["files"].Endpoint);
        Assert.Equal("Bearer x", servers["wiki"].Headers!["Authorization"]);
        Assert.True(servers["wiki"].IsDisabled);
        var written = JsonElement.Parse(File.ReadAllText(path));
        Assert.True(written.TryGetProperty("inputs", out _));
        Assert.True(written.GetProperty("mcpServers").GetProperty("files").GetProperty("gallery").GetBoolean());
        Assert.Equal(["files", "more"], Registry.Servers().Keys);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Theory]
    [InlineData("add", "calc__add")]
    [InlineData("send.mail", "calc__send_mail_5bb4dc58")]
    public void Name_is_what_every_model_accepts(string tool, string expected)
    {
        var name = McpTool.NameOf("calc", tool);

        Assert.Equal(expected[..^(tool == "add" ? 0 : 8)], name[..^(tool == "add" ? 0 : 8)]);
        Assert.Matches("^[A-Za-z0-9_-]{1,64}$", McpTool.NameOf("calc", new string('x', 300)));
        Assert.NotEqual(McpTool.NameOf("calc", new string('x', 300)), McpTool.NameOf("calc", new string('x', 301)));
    }

    static McpServerEntry Server(params string[] arguments) => new()
    {
        Command = "python3",
        Arguments = [Path.Combine(AppContext.BaseDirectory, "mcp-server.py"), .. arguments],
    };

    async Task<ToolSet> ApproveAsync(McpServerEntry server)
    {
        await using var connection = new McpConnection("calc", server, new McpOptions());
        Registry.Add("calc", server);
        Registry.Approve("calc", server, await connection.ListToolsAsync(Token));
        return new ToolSet(McpTools.Create(Registry, new McpOptions()));
    }

    async Task<ToolResult> ApproveAndCallAsync(McpServerEntry server, string name)
    {
        await using var tools = await ApproveAsync(server);
        return await tools.CallAsync(tools.Get(name), """{"a": 2, "b": 3}""");
    }

    static ToolCallPart Call(ITool tool, string arguments) => new(tool.Declaration.Name, JsonElement.Parse(arguments));

    static string Text(ToolResult result) => string.Concat(result.Parts.OfType<TextPart>().Select(part => part.Text));

    sealed class ToolSet(IReadOnlyList<ITool> tools) : IAsyncDisposable
    {
        public ITool Get(string name) => tools.Single(tool => tool.Declaration.Name == name);

        public Task<ToolResult> CallAsync(ITool tool, string arguments, CancellationToken? cancellationToken = null) =>
            tool.InvokeAsync(Call(tool, arguments), new ToolTestContext(), cancellationToken ?? Token).AsTask();

        public async ValueTask DisposeAsync()
        {
            foreach (var tool in tools.OfType<IAsyncDisposable>())
            {
                await tool.DisposeAsync();
            }
        }
    }
}
