using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Server;
using Noos.Kernel.Agents;

namespace Noos.Server.Mcp;

/// <summary><c>/mcp</c>: the tools of the assistant over streamable HTTP, without sessions: each request stands for itself.</summary>
static class McpEndpoint
{
    public const string Address = "/mcp";

    // As for processes: whose calls they are where nobody says.
    const string Owner = "api";

    public static void AddServices(IServiceCollection services)
    {
        services.AddMcpServer().WithHttpTransport(transport => transport.Stateless = true);
        services.AddSingleton<IConfigureOptions<McpServerOptions>>(provider => new ConfigureOptions<McpServerOptions>(options =>
        {
            var assistant = provider.GetRequiredService<Assistant>();
            new McpToolServer(assistant.Tools, assistant.Gate, Owner).Configure(options);
        }));
    }

    /// <param name="endpoints">Where to map.</param>
    /// <param name="wrap">Put around every handler.</param>
    public static void Map(IEndpointRouteBuilder endpoints, Func<RequestDelegate, RequestDelegate> wrap) =>
        endpoints.MapMcp(Address).Finally(endpoint => endpoint.RequestDelegate = wrap(endpoint.RequestDelegate!));
}
