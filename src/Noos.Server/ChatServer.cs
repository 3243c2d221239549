using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Noos.Core;
using Noos.Kernel.Agents;
using Noos.Server.Monitoring;

namespace Noos.Server;

/// <summary>
/// The OpenAI-compatible API, answers and embeddings, of one assistant, as a program of its own, to which pages can be mapped. A host that
/// serves more uses <see cref="NoosServiceCollectionExtensions.AddNoosServer"/> and
/// <see cref="NoosEndpointRouteBuilderExtensions.MapNoos"/>.
/// </summary>
public static class ChatServer
{
    /// <summary>Builds the server; the caller starts it. The assistant stays the caller's.</summary>
    /// <param name="assistant">Who answers.</param>
    /// <param name="options">Where to listen, and what a request may cost.</param>
    /// <param name="configure">Adds to the services, such as a log or a clock of one's own.</param>
    /// <exception cref="NoosException">The host is no IP address.</exception>
    public static WebApplication Create(Assistant assistant, ServerOptions? options = null, Action<WebApplicationBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(assistant);
        options ??= new ServerOptions();
        var address = options.Address;

        // Settings of the surroundings (ASPNETCORE_URLS, appsettings.json) must not move the server: the options alone decide.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxRequestLength;
            if (options.ListensOnBothLoopbacks)
            {
                // Where one of the two is missing, the other is enough.
                kestrel.ListenLocalhost(options.Port, listen => listen.Protocols = HttpProtocols.Http1);
            }
            else
            {
                kestrel.Listen(address, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
            }
        });

        // Standard output belongs to the command that serves.
        // A start that fails is told by who starts, in one sentence.
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            .AddNoosHostLog().AddSimpleConsole()
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(assistant);
        builder.Services.AddNoosServer(options);
        if (options.HasMetrics)
        {
            MetricsExport.AddTo(builder, options.OpenTelemetry);
        }

        configure?.Invoke(builder);
        var app = builder.Build();
        Announce(app, assistant.ModelName);

        // Around everything and not only the endpoints: an address that is not served is answered in the same way.
        app.Use(NoosEndpointRouteBuilderExtensions.Shelter(app.Services));
        app.UseRouting();
        app.Use(NoosEndpointRouteBuilderExtensions.Access(app.Services, sendsToLogin: true));
        NoosEndpointRouteBuilderExtensions.MapApi(app, static handler => handler);
        if (options.HasMetrics)
        {
            MetricsExport.Map(app);
        }

        return app;
    }

    static void Announce(WebApplication app, string model)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(Telemetry.Name);
        app.Lifetime.ApplicationStarted.Register(() => Log.ServerStarted(logger, model, string.Join(", ", app.Urls)));
        app.Lifetime.ApplicationStopping.Register(() => Log.ServerStopping(logger, model));
    }
}
