using System.CommandLine;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;
using Noos.Cli.Chat;
using Noos.Cli.Permissions;
using Noos.Core.Settings;
using Noos.Kernel.Gate;
using Noos.Server.Mcp;
using Noos.Tools;

namespace Noos.Cli.Mcp;

/// <summary><c>noos mcp serve</c>: the tools over standard input and output, for a program that starts this one.</summary>
static class McpServeCommand
{
    public static Command Create(NoosSettings settings)
    {
        var flags = new GateFlags();
        var names = new ToolFlags("the client");
        var command = new CommandWithExamples(
            "serve", "Offer the tools of Noos to a program that speaks MCP, over standard input and output. No model is loaded.",
            "noos mcp serve", "noos mcp serve --tool calculator --tool clock");
        foreach (var option in (Option[])[.. names.All, .. flags.All])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            // Standard output belongs to the protocol.
            using var logging = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole()
                .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
            var options = ToolboxSettings.From(settings, flags.EgressOptions(parsed)) with { Mcp = null };
            var tools = names.Names(parsed) is { } named ? Toolbox.Create(options, named) : Toolbox.Create(options);
            using var egress = flags.Egress(parsed, settings);
            var gate = new ToolGate(
                new ToolLimits(), logger: logging.CreateLogger<ToolGate>(), policy: flags.Policy(parsed), egress: egress);
            var server = new McpToolServer(tools, gate, settings.User).Configure(new McpServerOptions());
            await using var transport = new StdioServerTransport(server, logging);
            await using var session = McpServer.Create(transport, server, logging);
            try
            {
                await session.RunAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Ctrl-C, or the client has ended it: that is how it ends.
            }

            return 0;
        });
        return command;
    }
}
