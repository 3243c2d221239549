using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Noos.Kernel.Agents;
using Noos.Server.Accounts;

namespace Noos.Server.Mcp;

/// <summary><c>/mcp</c>: the tools of the assistant over streamable HTTP, without sessions: each request stands for itself.</summary>
static class McpEndpoint
{
    public const string Address = "/mcp";

    public static void AddServices(IServiceCollection services)
    {
        services.AddMcpServer().WithHttpTransport(transport =>
        {
            transport.Stateless = true;

            // For every request: the calls are on behalf of whoever asks.
            transport.ConfigureSessionOptions = static (http, options, _) =>
            {
                var assistant = http.RequestServices.GetRequiredService<Assistant>();
                new McpToolServer(assistant.Tools, assistant.Gate, http.GetVisitor().Principal.Owner).Configure(options);
                return Task.CompletedTask;
            };
        });
    }

    /// <param name="endpoints">Where to map.</param>
    /// <param name="wrap">Put around every handler.</param>
    public static void Map(IEndpointRouteBuilder endpoints, Func<RequestDelegate, RequestDelegate> wrap) =>
        endpoints.MapMcp(Address).RequireAccess(RouteAccess.For(Address))
            .Finally(endpoint => endpoint.RequestDelegate = wrap(endpoint.RequestDelegate!));
}
