using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Noos.Cli.Permissions;
using Noos.Cli.Processes;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Tools.Code.Sandboxing;
using Noos.Tools.Mcp;

namespace Noos.Cli.Mcp;

/// <summary><c>noos mcp</c>: the MCP servers whose tools models may call, and Noos as such a server.</summary>
static class McpCommand
{
    static readonly McpWireJson s_json =
        new(new JsonSerializerOptions(McpWireJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static Command Create(NoosSettings settings)
    {
        var command = new CommandWithExamples(
            "mcp", "Use the tools of MCP servers, or be one.", "noos mcp list",
            "noos mcp add files --network -- npx -y @modelcontextprotocol/server-filesystem /srv/papers",
            "noos mcp add wiki https://wiki.example/mcp",
            "noos mcp test wiki", "noos mcp rm wiki", "noos mcp serve");
        command.Subcommands.Add(CreateList(settings));
        command.Subcommands.Add(CreateAdd(settings));
        command.Subcommands.Add(CreateRemove(settings));
        command.Subcommands.Add(CreateTest(settings));
        command.Subcommands.Add(McpServeCommand.Create(settings));
        return command;
    }

    static CommandWithExamples CreateList(NoosSettings settings)
    {
        var json = CommandOutput.JsonOption("Write one line of JSON: {\"data\": [server, ...]}.");
        var command = new CommandWithExamples(
            "list", "List the MCP servers and what was approved of them. Nothing is started.", "noos mcp list", "noos mcp list --json");
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            var registry = new McpRegistry(settings.UserData.Folder);
            var servers = registry.Servers().Select(server => StatusOf(registry, server.Key, server.Value)).ToArray();
            if (parsed.GetValue(json))
            {
                WriteJson(new McpServerStatusList(servers), known => known.McpServerStatusList);
                return 0;
            }

            foreach (var server in servers)
            {
                Console.Out.WriteLine($"{server.Name,-16}  {Describe(server),-20}  {VisibleText.From(server.Endpoint)}");
            }

            if (servers.Length == 0)
            {
                Console.Out.WriteLine("There are no MCP servers; 'noos mcp add --help' shows how to add one.");
            }

            return 0;
        });
        return command;
    }

    static CommandWithExamples CreateAdd(NoosSettings settings)
    {
        var name = new Argument<string>("name") { Description = "What to call it; its tools are NAME__TOOL." };
        var endpoint = new Argument<string[]>("endpoint")
        {
            Description = "Its address, or behind -- its command line, which is run as it is, without a shell.",
            Arity = ArgumentArity.OneOrMore,
        };
        var variables = Pairs("--env", "A variable of the program, as NAME=VALUE.");
        var headers = Pairs("--header", "A header of every request, as NAME=VALUE, such as Authorization=\"Bearer KEY\".");
        var folder = new Option<string?>("--cwd") { Description = "The folder in which the program runs.", HelpName = "FOLDER" };
        var hasNetwork = new Option<bool>("--network")
        {
            Description = "The program may use the network; else it has none.",
        };
        var readable = Folders("--read", "A folder or file that the program may read, beside the system's and those on its command line.");
        var writable = Folders("--write", "A folder that the program may change, beside one of its own.");
        var isFree = new Option<bool>("--no-sandbox")
        {
            Description = "Run the program with all of your rights, outside of the sandbox.",
        };
        var trusted = new Option<string[]>("--trust-tool")
        {
            Description = "A tool that only reads and that may be asked anything, as a search engine; can be given several times.",
            HelpName = "TOOL",
        };
        var isApproved = new Option<bool>("--approve", "-y") { Description = "Approve its tools without being asked." };
        var isUntested = new Option<bool>("--no-test") { Description = "Only write it down; 'noos mcp test' connects later." };
        var command = new CommandWithExamples(
            "add", "Add an MCP server: shows its tools, which models are offered once you approve them.",
            "noos mcp add files --network --write /srv/papers -- npx -y @modelcontextprotocol/server-filesystem /srv/papers",
            "noos mcp add notes --read /srv/notes -- python3 /srv/notes/server.py",
            "noos mcp add wiki https://wiki.example/mcp",
            "noos mcp add tracker https://tracker.example/mcp --header \"Authorization=Bearer KEY\"");
        command.Arguments.Add(name);
        command.Arguments.Add(endpoint);
        foreach (var option in new Option[]
        {
            variables, headers, folder, hasNetwork, readable, writable, isFree, trusted, isApproved, isUntested,
        })
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var line = parsed.GetValue(endpoint)!;
            var isAddress = line[0].StartsWith("http://", StringComparison.OrdinalIgnoreCase)
                || line[0].StartsWith("https://", StringComparison.OrdinalIgnoreCase);
            if (isAddress && line.Length > 1)
            {
                throw new NoosException($"An address stands alone; leave out \"{line[1]}\".");
            }

            var server = new McpServerEntry
            {
                Url = isAddress ? line[0] : null,
                Command = isAddress ? null : line[0],
                Arguments = isAddress || line.Length == 1 ? null : line[1..],
                Environment = Read(parsed.GetValue(variables)),
                Headers = Read(parsed.GetValue(headers)),
                WorkingFolder = parsed.GetValue(folder),
                HasNetwork = parsed.GetValue(hasNetwork),
                Sandbox = parsed.GetValue(isFree) ? false : null,
                ReadableFolders = parsed.GetValue(readable) is { Length: > 0 } read ? [.. read.Select(Path.GetFullPath)] : null,
                WritableFolders = parsed.GetValue(writable) is { Length: > 0 } write ? [.. write.Select(Path.GetFullPath)] : null,
                TrustedTools = parsed.GetValue(trusted) is { Length: > 0 } tools ? tools : null,
            };
            var registry = new McpRegistry(settings.UserData.Folder);
            var given = parsed.GetValue(name)!;
            registry.Add(given, server);
            return parsed.GetValue(isUntested)
                ? 0
                : await TestAsync(settings, registry, given, parsed.GetValue(isApproved), asks: true, asJson: false, cancellationToken);
        });
        return command;
    }

    static CommandWithExamples CreateRemove(NoosSettings settings)
    {
        var name = NameArgument();
        var command = new CommandWithExamples("rm", "Remove an MCP server, with what was approved of it.", "noos mcp rm wiki");
        command.Arguments.Add(name);
        command.SetAction(parsed =>
        {
            var given = parsed.GetValue(name)!;
            new McpRegistry(settings.UserData.Folder).Remove(given);
            new McpTokenFile(settings.UserData.Folder, given).Remove();
            Console.Out.WriteLine($"{given} removed");
            return 0;
        });
        return command;
    }

    static CommandWithExamples CreateTest(NoosSettings settings)
    {
        var name = NameArgument();
        var isApproved = new Option<bool>("--approve") { Description = "Approve its tools as it describes them now." };
        var json = CommandOutput.JsonOption("Write one line of JSON: {\"data\": [tool, ...]}.");
        var call = new Option<string?>("--call") { Description = "Call this tool, and show what it answers.", HelpName = "TOOL" };
        var arguments = new Option<string>("--arguments")
        {
            Description = "The arguments of the call, a JSON object.",
            HelpName = "JSON",
            DefaultValueFactory = _ => "{}",
        };
        var command = new CommandWithExamples(
            "test", "Connect to an MCP server and show its tools, and what differs from what was approved.", "noos mcp test wiki",
            "noos mcp test wiki --approve", "noos mcp test wiki --call search --arguments '{\"words\": \"cat\"}'");
        command.Arguments.Add(name);
        command.Options.Add(isApproved);
        command.Options.Add(call);
        command.Options.Add(arguments);
        command.Options.Add(json);
        command.SetAction((parsed, cancellationToken) => parsed.GetValue(call) is { } tool
            ? CallAsync(settings, parsed.GetValue(name)!, tool, parsed.GetValue(arguments)!, cancellationToken)
            : TestAsync(
                settings, new McpRegistry(settings.UserData.Folder), parsed.GetValue(name)!, parsed.GetValue(isApproved), asks: false,
                parsed.GetValue(json), cancellationToken));
        return command;
    }

    /// <summary>A person calls, who has read what the tool says: no approval is needed, and no gate.</summary>
    static async Task<int> CallAsync(
        NoosSettings settings, string name, string tool, string arguments, CancellationToken cancellationToken)
    {
        using var login = new BrowserLogin(Console.Error);
        await using var connection = Connect(settings, name, login);
        var now = await connection.ListToolsAsync(cancellationToken);
        var entry = now.FirstOrDefault(one => one.Name == tool) ?? throw new NoosException(
            ErrorKind.NotFound, $"The MCP server {name} has no tool \"{tool}\"; it has: {string.Join(", ", now.Select(one => one.Name))}.");
        Dictionary<string, object?> values;
        try
        {
            values = JsonElement.Parse(arguments).EnumerateObject().ToDictionary(value => value.Name, value => (object?)value.Value);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new NoosException("The value of --arguments must be a JSON object, such as '{\"words\": \"cat\"}'.", e);
        }

        var result = await connection.CallAsync(entry, values, cancellationToken);
        foreach (var block in result.Content)
        {
            Console.Out.WriteLine(VisibleText.From(block.ToString() ?? block.Type));
        }

        return result.IsError == true ? 1 : 0;
    }

    static McpConnection Connect(NoosSettings settings, string name, BrowserLogin login)
    {
        var server = new McpRegistry(settings.UserData.Folder).Get(name);
        // Whoever logs in needs longer than a server.
        var options = McpSettings.From(settings, login: login) with
        {
            ConnectTimeout = server.Url is null ? new McpOptions().ConnectTimeout : TimeSpan.FromMinutes(5),
        };
        return new McpConnection(name, server, options);
    }

    static async Task<int> TestAsync(
        NoosSettings settings, McpRegistry registry, string name, bool approves, bool asks, bool asJson,
        CancellationToken cancellationToken)
    {
        var server = registry.Get(name);
        using var login = new BrowserLogin(Console.Error);
        await using var connection = Connect(settings, name, login);
        await Console.Error.WriteLineAsync(await DescribeAsync(settings, server, cancellationToken));
        var now = await connection.ListToolsAsync(cancellationToken);
        var before = registry.ApprovalOf(name, server)?.Tools ?? [];
        McpToolStatus[] states =
        [
            .. now.Select(tool => before.FirstOrDefault(one => one.Name == tool.Name) is not { } known
                ? new McpToolStatus(tool.Name, "new", tool.Description, Approved: null)
                : known == tool
                    ? new McpToolStatus(tool.Name, "approved", tool.Description, Approved: null)
                    : new McpToolStatus(tool.Name, "changed", tool.Description, known.Description)),
            .. before.Where(known => now.All(tool => tool.Name != known.Name))
                .Select(known => new McpToolStatus(known.Name, "gone", known.Description, Approved: null)),
        ];
        if (asJson)
        {
            WriteJson(new McpToolStatusList(states), known => known.McpToolStatusList);
        }
        else
        {
            Write(states);
        }

        if (Array.TrueForAll(states, state => state.State == "approved") && registry.ApprovalOf(name, server) is not null)
        {
            return 0;
        }

        if (approves || (asks && !Console.IsInputRedirected && Confirms(now.Count)))
        {
            registry.Approve(name, server, now);
            await Console.Error.WriteLineAsync($"Approved: models are offered {Count(now.Count)} of {name}.");
        }
        else
        {
            await Console.Error.WriteLineAsync($"Not approved yet; 'noos mcp test {name} --approve' offers models what stands above.");
        }

        return 0;
    }

    /// <summary>What confines a server, said before it is started.</summary>
    static async Task<string> DescribeAsync(NoosSettings settings, McpServerEntry server, CancellationToken cancellationToken)
    {
        if (server.Url is not null)
        {
            return $"It is reached at {server.Url}.";
        }

        if (!server.IsConfined)
        {
            return "It runs outside of the sandbox, with all of your rights.";
        }

        var choice = await McpSettings.From(settings).FindSandbox(cancellationToken);
        var level = choice.Level switch
        {
            SandboxLevel.Bubblewrap => "in bubblewrap",
            SandboxLevel.Landlock => $"under Landlock, the next safe level ({string.Join(' ', choice.Refusals).TrimEnd('.')})",
            _ => "nowhere",
        };
        return level == "nowhere"
            ? "Nothing here can confine it, so it does not run; 'noos doctor' says what helps."
            : $"It runs {level}, {(server.HasNetwork ? "with the network" : "without a network")}, and may change "
                + $"{string.Join(", ", [Path.Combine(settings.UserData.Folder, "mcp"), .. server.WritableFolders ?? []])} alone.";
    }

    static void Write(IEnumerable<McpToolStatus> states)
    {
        foreach (var state in states)
        {
            Console.Out.WriteLine($"{VisibleText.From(state.Name)}{(state.State == "approved" ? "" : $"  ({state.State})")}");
            if (state.Approved is { } approved)
            {
                WriteLines("- ", approved);
                WriteLines("+ ", state.Description);
            }
            else
            {
                WriteLines("  ", state.Description);
            }
        }

        static void WriteLines(string lead, string text)
        {
            foreach (var line in VisibleText.From(text).Split('\n'))
            {
                Console.Out.WriteLine($"  {lead}{line}");
            }
        }
    }

    static bool Confirms(int count)
    {
        Console.Out.Write($"Offer models {Count(count)}? What a tool answers is never trusted. [y]es or [n]o: ");
        return Console.In.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    static string Count(int count) => count == 1 ? "this tool" : $"these {count} tools";

    static McpServerStatus StatusOf(McpRegistry registry, string name, McpServerEntry server)
    {
        var approval = registry.ApprovalOf(name, server);
        return new McpServerStatus(
            name, server.Endpoint, server.IsDisabled ? "disabled" : approval is null ? "unapproved" : "approved",
            server.IsDisabled ? [] : [.. (approval?.Tools ?? []).Select(tool => tool.Name)]);
    }

    static string Describe(McpServerStatus server) => server.State switch
    {
        "approved" => $"{server.Tools.Count} tools",
        "disabled" => "disabled",
        _ => "not approved yet",
    };

    static Option<string[]> Folders(string name, string description) => new(name)
    {
        Description = description + " Can be given several times.",
        HelpName = "FOLDER",
    };

    static Argument<string> NameArgument() => new("name") { Description = "The name of the server ('noos mcp list' lists them)." };

    static Option<string[]> Pairs(string name, string description)
    {
        var option = new Option<string[]>(name)
        {
            Description = description + " Can be given several times.",
            HelpName = "NAME=VALUE",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.IndexOf('=') <= 0) is { } wrong)
            {
                result.AddError($"\"{wrong.Value}\" must be written as NAME=VALUE.");
            }
        });
        return option;
    }

    static Dictionary<string, string>? Read(string[]? pairs) => pairs is { Length: > 0 }
        ? pairs.Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal)
        : null;

    static void WriteJson<T>(T value, Func<McpWireJson, JsonTypeInfo<T>> type) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(value, type(s_json)));
}
