using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Noos.Core;
using Noos.Kernel;

namespace Noos.Server;

/// <summary>The chat page and the OpenAI-compatible API, answers and embeddings, of one assistant.</summary>
public static class ChatServer
{
    /// <summary>Builds the server; the caller starts it. The assistant stays the caller's.</summary>
    /// <exception cref="NoosException">The host is no IP address.</exception>
    public static WebApplication Create(Assistant assistant, ServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(assistant);
        options ??= new ServerOptions();
        if (!IPAddress.TryParse(options.Host == "localhost" ? "127.0.0.1" : options.Host, out var address))
        {
            throw new NoosException($"\"{options.Host}\" is no address to listen on; give an IP address such as 127.0.0.1 or 0.0.0.0.");
        }

        // Settings of the surroundings (ASPNETCORE_URLS, appsettings.json) must not move the server: the options alone decide.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaximumRequestLength;
            kestrel.Listen(address, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddRoutingCore();
        // Standard output belongs to the command that serves.
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        var app = builder.Build();
        app.Use(RefuseStrangersAsync(address));
        app.Use(ReportErrorsAsync);
        app.UseRouting();
        Map(app, assistant);
        return app;
    }

    static void Map(WebApplication app, Assistant assistant)
    {
        var model = new ModelEntry(assistant.ModelName, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        app.MapPost("/v1/chat/completions", new RequestDelegate(new ChatCompletions(assistant).HandleAsync));
        app.MapPost("/v1/embeddings", new RequestDelegate(new Embeddings(assistant).HandleAsync));
        app.MapGet("/lora-adapters", new RequestDelegate(http => http.Response.WriteAsJsonAsync(
            [.. assistant.Cpu.Info.Adapters.Select((adapter, id) => new AdapterEntry(id, adapter.Path, adapter.Scale))], WireJson.Default.AdapterEntryArray)));
        app.MapGet("/v1/models", new RequestDelegate(http => http.Response.WriteAsJsonAsync(new ModelList([model]), WireJson.Default.ModelList)));
        app.MapGet("/v1/models/{**id}", new RequestDelegate(http => http.GetRouteValue("id") as string == model.Id
            ? http.Response.WriteAsJsonAsync(model, WireJson.Default.ModelEntry)
            : throw new ApiException(StatusCodes.Status404NotFound, $"There is no such model here; this server runs {model.Id}.", "model", "model_not_found")));
        app.MapGet("/health", new RequestDelegate(http => http.Response.WriteAsJsonAsync(new Health("ok", model.Id), WireJson.Default.Health)));
        ChatPage.Map(app);
    }

    /// <summary>
    /// A page of another site must not talk to a server on this machine through the user's browser: requests for another host name (DNS
    /// rebinding) and from another origin are refused.
    /// </summary>
    static Func<HttpContext, RequestDelegate, Task> RefuseStrangersAsync(IPAddress address) => (http, next) =>
    {
        var host = http.Request.Host;
        var isKnown = !IPAddress.IsLoopback(address) || host.Host is "localhost" or "127.0.0.1" or "[::1]";
        var origin = http.Request.Headers.Origin.ToString();
        if (isKnown && (origin.Length == 0 || string.Equals(origin, $"{http.Request.Scheme}://{host}", StringComparison.OrdinalIgnoreCase)))
        {
            return next(http);
        }

        return WriteAsync(http, new ApiException(StatusCodes.Status403Forbidden, "This server answers only its own page and programs on this machine."));
    };

    static async Task ReportErrorsAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed, ContentLength: null })
            {
                var status = http.Response.StatusCode;
                await WriteAsync(http, new ApiException(status, $"{http.Request.Method} {http.Request.Path} is not served here.", code: "not_found"));
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client went away: there is nobody left to answer.
        }
        catch (ApiException exception)
        {
            await WriteAsync(http, exception);
        }
        catch (NoosException exception)
        {
            await WriteAsync(http, new ApiException(StatusCodes.Status400BadRequest, exception.Message));
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException exception)
        {
            await WriteAsync(http, new ApiException(exception.StatusCode, exception.Message));
        }
#pragma warning disable CA1031 // The client gets an answer in the promised shape whatever happens; the log has the cause.
        catch (Exception exception) when (!http.Response.HasStarted)
#pragma warning restore CA1031
        {
            Log.Failed(http.RequestServices.GetRequiredService<ILogger<Assistant>>(), exception);
            await WriteAsync(http, new ApiException(StatusCodes.Status500InternalServerError, "The server failed; its log says why."));
        }
    }

    static Task WriteAsync(HttpContext http, ApiException exception)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return Task.CompletedTask;
        }

        http.Response.Clear();
        http.Response.StatusCode = exception.Status;
        return http.Response.WriteAsJsonAsync(exception.Body, WireJson.Default.ApiErrorBody);
    }
}
