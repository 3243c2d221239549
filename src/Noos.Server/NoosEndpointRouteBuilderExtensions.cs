using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Noos.Core.Devices;
using Noos.Core.Facts;
using Noos.Cpus.Library;
using Noos.Kernel.Accounts;
using Noos.Kernel.Agents;
using Noos.Kernel.Processes;
using Noos.Kernel.Responses;
using Noos.Kernel.Speech;
using Noos.Kernel.Timers;
using Noos.Peripherals.Ear;
using Noos.Server.Accounts;
using Noos.Server.Anthropic;
using Noos.Server.Answers;
using Noos.Server.Audio;
using Noos.Server.Branches;
using Noos.Server.Captures;
using Noos.Server.Completions;
using Noos.Server.Facts;
using Noos.Server.Files;
using Noos.Server.Hosting;
using Noos.Server.Mcp;
using Noos.Server.Ollama;
using Noos.Server.OpenAi;
using Noos.Server.Permissions;
using Noos.Server.Processes;
using Noos.Server.Pulls;
using Noos.Server.Responses;
using Noos.Server.Teaching;
using Noos.Server.Timers;
using Noos.Server.Uploads;
using Noos.Tools.Code;

namespace Noos.Server;

/// <summary>Mounts the OpenAI-compatible API in a host of one's own.</summary>
public static class NoosEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps the API, for the <see cref="Assistant"/> of the host's services; <c>app.MapGroup("/noos").MapNoos()</c> puts it below an
    /// address. Every endpoint refuses other sites' pages and answers failures in OpenAI's shape, whatever the host does.
    /// </summary>
    /// <exception cref="InvalidOperationException">The host has no <see cref="Assistant"/>, or AddNoosServer was not called.</exception>
    public static IEndpointConventionBuilder MapNoos(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var group = endpoints.MapGroup("");
        MapApi(group, Protection(endpoints.ServiceProvider));
        return group;
    }

    /// <summary>All that must happen around every handler.</summary>
    static Func<RequestDelegate, RequestDelegate> Protection(IServiceProvider services)
    {
        var (around, access) = (Shelter(services), Access(services, sendsToLogin: false));
        return next => around(access(next));
    }

    /// <summary>After routing: who may use the route.</summary>
    internal static Func<RequestDelegate, RequestDelegate> Access(IServiceProvider services, bool sendsToLogin) => new AccessGuard(
        services.GetRequiredService<Authenticator>(), services.GetRequiredService<OpenConnections>(),
        services.GetRequiredService<RequestRate>(), services.GetService<ProcessTable>(),
        services.GetRequiredService<RequestTable>(), services.GetRequiredService<ServerOptions>(), sendsToLogin).Wrap;

    /// <summary>What must happen around every request: failures are answered, and before that other sites refused.</summary>
    internal static Func<RequestDelegate, RequestDelegate> Shelter(IServiceProvider services)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(Telemetry.Name);
        var options = services.GetRequiredService<ServerOptions>();
        var guard = new OriginGuard(options.Address, options.AllowedOrigins, logger);
        var errors = new ErrorResponses(logger, services.GetRequiredService<TimeProvider>());
        return next => errors.Wrap(guard.Wrap(next));
    }

    /// <param name="endpoints">Where to map.</param>
    /// <param name="wrap">Put around every handler.</param>
    internal static void MapApi(IEndpointRouteBuilder endpoints, Func<RequestDelegate, RequestDelegate> wrap)
    {
        var assistant = endpoints.ServiceProvider.GetRequiredService<Assistant>();
        var time = endpoints.ServiceProvider.GetRequiredService<TimeProvider>();
        var pings = endpoints.ServiceProvider.GetRequiredService<ServerOptions>().PingInterval;
        var models = new Models(assistant.Cpu, time.GetUtcNow());
        var chat = new ModelOperation("chat", assistant.ModelName, time);
        var embeddings = new ModelOperation("embeddings", assistant.ModelName, time);
        var texts = new ModelOperation("text_completion", assistant.ModelName, time);
        var services = endpoints.ServiceProvider;
        var options = services.GetRequiredService<ServerOptions>();
        var requests = services.GetRequiredService<RequestTable>();
        var uploads = services.GetRequiredService<UploadStore>();
        var answers = new AnswerService(assistant, requests, uploads, services.GetService<IEye>());
        var embedder = new Embeddings(assistant, requests);
        var anthropic = new AnthropicEndpoints(answers, models, chat, time, pings);
        var stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        stopping.Register(requests.Stop);
        Post("/v1/chat/completions", chat.Measure(new ChatCompletions(answers, time, pings).HandleAsync));
        Post("/v1/completions", texts.Measure(new TextCompletions(answers, time, pings).HandleAsync));
        Post("/v1/embeddings", embeddings.Measure(embedder.HandleAsync));
        var reranker = new ModelOperation("rerank", assistant.ModelName, time).Measure(new Rerank(assistant, requests).HandleAsync);
        Post("/v1/rerank", reranker);
        Post("/rerank", reranker);
        Get("/lora-adapters", http => http.Response.WriteAsJsonAsync(Adapters(assistant), WireJson.Default.AdapterEntryArray));
        Get("/v1/models", http => AnthropicEndpoints.IsClient(http) ? anthropic.ListModelsAsync(http) : models.ListAsync(http));
        Get("/v1/models/{**id}", http => AnthropicEndpoints.IsClient(http) ? anthropic.GetModelAsync(http) : models.GetAsync(http));
        Get("/health", http => http.Response.WriteAsJsonAsync(
            http.GetVisitor().Kind == VisitorKind.Nobody
                ? new Health("ok", Model: null, Cache: null, options.Instance)
                : new Health("ok", assistant.ModelName, assistant.Cpu.Cache, options.Instance, SandboxOf(assistant)),
            WireJson.Default.Health));
        var processes = new ProcessEndpoints(
            services.GetService<ProcessTable>(), requests, assistant, time, pings, services.GetService<IEye>(), stopping);
        foreach (var (address, handlers) in processes.All()
            .Concat(new BranchEndpoints(services.GetService<ProcessTable>()).All())
            .Concat(new PermissionEndpoints(services.GetService<ProcessTable>()).All())
            .Concat(new TeachingEndpoints(services.GetService<ProcessTable>()).All())
            .Concat(new FactEndpoints(services.GetService<IFactStore>()).All())
            .Concat(new TimerEndpoints(services.GetService<TimerTable>()).All())
            .Concat(new FileEndpoints(services.GetService<ProcessTable>(), options.MaxFileLength).All())
            .Concat(new CaptureEndpoints(options.IndexPath).All())
            .Concat(new UploadEndpoints(uploads, options.MaxFileLength).All())
            .Concat(new TranscriptionEndpoints(
                services.GetService<EarSource>(), requests, new ModelOperation("transcription", "ear", time), options.MaxFileLength, time,
                pings).All())
            .Concat(new ResponseEndpoints(
                answers, services.GetRequiredService<ResponseStore>(), chat, time, pings).All())
            .Concat(anthropic.All())
            .Concat(Ollama().All())
            .Concat(new SpeechEndpoints(services.GetRequiredService<SpeechDevice>(), time, pings).All())
            .Concat(new PullEndpoints(services.GetRequiredService<ModelPulls>()).All())
            .Concat(new AccountEndpoints(
                services.GetService<AccountStore>(), services.GetService<ProcessTable>(), services.GetService<IFactStore>(),
                services.GetRequiredService<RequestRate>(), options).All()))
        {
            Map(address, handlers);
        }

        McpEndpoint.Map(endpoints, wrap);

        OllamaEndpoints Ollama()
        {
            var ollama = new OllamaModels(assistant.Cpu, services.GetService<ModelLibrary>(), time.GetUtcNow());
            return new OllamaEndpoints(
                new OllamaAnswers(answers, ollama, time), ollama, embedder, new PullStream(services.GetRequiredService<ModelPulls>()), chat,
                embeddings, time);
        }

        // RequestDelegates, not lambdas with parameters: those would be bound by reflection.
        void Post(string address, RequestDelegate handler) => Map(address, [(HttpMethods.Post, handler)]);

        void Get(string address, RequestDelegate handler) => Map(address, [(HttpMethods.Get, handler)]);

        // OPTIONS too: what is put around answers the preflights of CORS, and the rest is as for any other method.
        void Map(string address, IReadOnlyList<(string Method, RequestDelegate Handler)> handlers) => endpoints.MapMethods(
            address, [.. handlers.Select(one => one.Method), HttpMethods.Options],
            wrap(http => handlers.FirstOrDefault(one => HttpMethods.Equals(one.Method, http.Request.Method)).Handler is { } handler
                ? handler(http)
                : throw new ApiException(StatusCodes.Status405MethodNotAllowed, $"OPTIONS {http.Request.Path} is not served here.")))
            .RequireAccess(RouteAccess.For(address));
    }

    // The first question starts the look at the machine, and is not kept waiting by it.
    static SandboxHealth? SandboxOf(Assistant assistant) =>
        assistant.Tools.OfType<CodeTool>().FirstOrDefault()?.Runtime.FindSandboxAsync() is { IsCompletedSuccessfully: true } found
            ? new SandboxHealth(found.Result.Level, found.Result.Description)
            : null;

    static AdapterEntry[] Adapters(Assistant assistant) =>
    [
        .. assistant.Cpu.Info.Adapters
            .Select((adapter, id) => new AdapterEntry(id, adapter.Path, adapter.Scale)),
    ];
}
