namespace Noos.Core.Settings;

/// <summary>
/// What the user sets by environment variables. A program reads it once, at its start, and passes on what each part needs; no other code
/// reads variables. A variable that is empty counts as not set.
/// </summary>
public sealed record NoosSettings
{
    static readonly Dictionary<string, string> s_none = [];

    // https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables, those that the exporter knows.
    static readonly string[] s_openTelemetry =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TIMEOUT",
        "OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_TRACES_SAMPLER",
        "OTEL_TRACES_SAMPLER_ARG", "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_BSP_SCHEDULE_DELAY",
    ];

    /// <summary>NOOS_HOME: where the user's own data lies.</summary>
    public UserData UserData { get; init; } = UserData.Default;

    /// <summary>
    /// NOOS_MODEL: the model where a command names none; a file, a name, or the address of an OpenAI-compatible endpoint.
    /// </summary>
    public string? Model { get; init; }

    /// <summary>NOOS_FALLBACK: models that answer where that one cannot, with commas between them.</summary>
    public IReadOnlyList<string> Fallbacks { get; init; } = [];

    /// <summary>NOOS_EAR: who hears recordings; a file of whisper.cpp, or the name of one that is installed.</summary>
    public string? Ear { get; init; }

    /// <summary>NOOS_EYE: who says what pictures show; the address of an OpenAI-compatible endpoint whose model takes pictures.</summary>
    public string? Eye { get; init; }

    /// <summary>NOOS_DATA: the folder that holds the sources which a recipe names.</summary>
    public string? SourcesFolder { get; init; }

    /// <summary>NOOS_LIBTORCH: the folder of a libtorch to train with, such as one made for CUDA, instead of the package.</summary>
    public string? LibtorchFolder { get; init; }

    /// <summary>NOOS_CHROMIUM: the browser that builds pages of a crawl, where not the one on the PATH.</summary>
    public string? Chromium { get; init; }

    /// <summary>PATH: the folders of programs.</summary>
    public string? SearchPath { get; init; }

    /// <summary>NOOS_KERNELS: the fastest kernels that may be used.</summary>
    public string? Kernels { get; init; }

    /// <summary>NOOS_VOICE: the voice that reads aloud where nobody names one: a name, "espeak", or the file of a Piper voice.</summary>
    public string? Voice { get; init; }

    /// <summary>OPENAI_API_KEY: the key of a model behind an OpenAI-compatible endpoint.</summary>
    public string? OpenAIApiKey { get; init; }

    /// <summary>HF_ENDPOINT: the model hub, or a mirror of it.</summary>
    public string? HubEndpoint { get; init; }

    /// <summary>HF_TOKEN: opens private repositories of the hub.</summary>
    public string? HubToken { get; init; }

    /// <summary>OLLAMA_MODELS: the folder of Ollama's models.</summary>
    public string? OllamaFolder { get; init; }

    /// <summary>NOOS_SEARCH: the sources that a search asks, separated by commas: local, wikipedia, searxng, brave.</summary>
    public string? SearchSources { get; init; }

    /// <summary>NOOS_SEARXNG: the address of a SearXNG instance that answers in JSON.</summary>
    public string? SearxngAddress { get; init; }

    /// <summary>BRAVE_API_KEY: the key of Brave Search.</summary>
    public string? BraveKey { get; init; }

    /// <summary>NO_COLOR (https://no-color.org): nothing is written in colours.</summary>
    public bool NoColor { get; init; }

    /// <summary>NOOS_PASSWORD: the owner's password, where none is set yet and everybody must log in; for containers.</summary>
    public string? OwnerPassword { get; init; }

    /// <summary>OTEL_*: where measurements and traces are sent, as OpenTelemetry names it; nothing where none is set.</summary>
    public IReadOnlyDictionary<string, string> OpenTelemetry { get; init; } = s_none;

    /// <summary>The name of the user: whose the processes are that commands begin.</summary>
    public string User { get; init; } = "user";

    /// <summary>As the variables of this process say.</summary>
    public static NoosSettings FromEnvironment() => Read(Environment.GetEnvironmentVariable) is var settings
        && Environment.UserName is { Length: > 0 } user ? settings with { User = user } : settings;

    /// <param name="variable">The value of a variable, or null.</param>
    public static NoosSettings Read(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return new NoosSettings
        {
            UserData = Given("NOOS_HOME") is { } folder ? new UserData(folder) : UserData.Default,
            Model = Given("NOOS_MODEL"),
            Fallbacks = Given("NOOS_FALLBACK")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
            Ear = Given("NOOS_EAR"),
            Eye = Given("NOOS_EYE"),
            SourcesFolder = Given("NOOS_DATA"),
            LibtorchFolder = Given("NOOS_LIBTORCH"),
            Kernels = Given("NOOS_KERNELS"),
            Chromium = Given("NOOS_CHROMIUM"),
            SearchPath = Given("PATH"),
            Voice = Given("NOOS_VOICE"),
            OpenAIApiKey = Given("OPENAI_API_KEY"),
            HubEndpoint = Given("HF_ENDPOINT"),
            HubToken = Given("HF_TOKEN"),
            OllamaFolder = Given("OLLAMA_MODELS"),
            SearchSources = Given("NOOS_SEARCH"),
            SearxngAddress = Given("NOOS_SEARXNG"),
            BraveKey = Given("BRAVE_API_KEY"),
            OwnerPassword = Given("NOOS_PASSWORD"),
            OpenTelemetry = Given("OTEL_EXPORTER_OTLP_ENDPOINT") is null ? s_none : s_openTelemetry
                .Select(name => KeyValuePair.Create(name, Given(name)))
                .Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value!, StringComparer.Ordinal),
            NoColor = Given("NO_COLOR") is not null,
        };

        string? Given(string name) => variable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
    }
}
