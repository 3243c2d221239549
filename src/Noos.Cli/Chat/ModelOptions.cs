using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Noos.Cli.Peripherals;
using Noos.Cli.Permissions;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Devices;
using Noos.Core.Settings;
using Noos.Core.Tools;
using Noos.Cpus;
using Noos.Cpus.Library;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Inference.KeyValues;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Server.Client;
using Noos.Tools;
using Noos.Tools.Files;

namespace Noos.Cli.Chat;

/// <summary>What every command takes that runs a model.</summary>
sealed class ModelOptions(NoosSettings settings)
{
    // Where the command chooses tools for its model; programs have their own.
    ToolFlags? _tools;

    readonly Option<string?> _model = ModelOption();

    readonly Option<string[]> _fallbacks = new("--fallback")
    {
        Description =
            "A model that answers where the chosen one cannot: it is not there, is busy, or fails before its first word; as for --model. "
            + "Can be given several times (default: $NOOS_FALLBACK).",
    };

    readonly SamplingFlags _sampling = new();

    readonly Option<KeyValueType> _keyValues = KeyValueOption.Create();

    readonly Option<long?> _cacheMemory = MemorySizeOption.Create(
        "--cache-memory",
        "Memory for what was read, so that conversations go on without being read again, such as 500M or 4G; 0 keeps nothing (default: "
        + "half of what is free at the start).",
        max: GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    readonly Option<int?> _maxTokens = Count(
        "--max-tokens", "Most tokens of an answer; without it, or with -1, an answer ends by itself, or with the context.", -1,
        int.MaxValue);

    readonly Option<int?> _context = Count(
        "--context",
        "Most tokens of question and answer together, with what was said before (default: as many as the model was made for; only local "
        + "models).",
        16, 1 << 24);

    readonly Option<int?> _parallel = Count(
        "--parallel", "Answers that are written at the same time, 8 unless told otherwise; more wait (only local models).", 1, 1024);

    readonly Option<int?> _threads = Count(
        "--threads", "Threads to compute with, 0 to choose: at most 8, fewer for small models (only local models).", 0, 1024);

    readonly Option<int?> _promptChunk = Count(
        "--prompt-chunk", "Tokens of a prompt that are read in one pass: 256 unless told otherwise (only local models).", 1, 4096);

    readonly Option<string?> _templateVariables = new("--chat-template-kwargs")
    {
        Description = "JSON: variables of the model's chat template, such as '{\"enable_thinking\": false}' (only local models).",
    };

    readonly Option<string?> _reasoningEffort = new("--reasoning-effort")
    {
        Description = "How much a model that thinks is to think: none, minimal, low, medium, high or xhigh (only local models).",
    };

    readonly Option<int?> _toolRounds = Count(
        "--tool-rounds", "How often one answer may go on with results of tools: 8 unless told otherwise.", 0, 1000);

    readonly Option<int?> _toolSeconds = Count(
        "--tool-seconds", "How long one call of a tool may run: 20 unless told otherwise.", 1, 86_400);

    readonly Option<int?> _toolResult = Count(
        "--tool-result-length", "Characters of a tool's result that the model reads: 4000 unless told otherwise.", 1, 1 << 24);

    readonly Option<int?> _toolCalls = Count(
        "--tool-calls", "How many calls of tools one answer may make: 64 unless told otherwise.", 1, 100_000);

    readonly GateFlags _gate = new();

    readonly CodeFlags _code = new();

    readonly Option<string?> _eye = EyeOption.Create();

    IEye? _openedEye;

    readonly Option<string[]> _adapters = new("--lora")
    {
        Description = "A LoRA adapter in GGUF format, FILE or FILE:SCALE; can be given several times.",
    };

    public static Option<string?> ModelOption() =>
        new("--model", "-m")
        {
            Description =
                "A name that 'noos models' lists, a .gguf file, or an OpenAI-compatible address such as http://localhost:8080/v1#name "
                + "(default: $NOOS_MODEL, else the assistant in the models folder).",
        };

    /// <param name="command">Gets the options.</param>
    /// <param name="settings">Say what was not given.</param>
    /// <param name="isForText">The command continues a text: it has no chat template, no tools, and a limit of its own.</param>
    /// <param name="choosesTools">It takes <see cref="ToolFlags"/>.</param>
    public static ModelOptions AddTo(Command command, NoosSettings settings, bool isForText = false, bool choosesTools = false)
    {
        var options = new ModelOptions(settings) { _tools = choosesTools ? new ToolFlags("the model") : null };
        options._maxTokens.Validators.Add(result =>
        {
            if (result.TryGetValue<int?>(out var count) && count == 0)
            {
                result.AddError("The value of --max-tokens must be 1 or more, or -1 for no limit.");
            }
        });
        options._reasoningEffort.AcceptOnlyFromAmong("none", "minimal", "low", "medium", "high", "xhigh");
        Option[] ofChat =
        [
            options._fallbacks, options._maxTokens, options._templateVariables, options._reasoningEffort, options._toolRounds,
            options._toolSeconds, options._toolResult, options._toolCalls, .. options._tools?.All ?? [],
            .. choosesTools ? (Option[])[options._eye] : [], .. options._code.All,
            .. options._gate.All, options._parallel,
        ];
        Option[] all =
        [
            options._model, .. options._sampling.All, .. isForText ? [] : ofChat, options._context, options._threads, options._promptChunk,
            options._adapters, options._keyValues, options._cacheMemory,
        ];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }

        return options;
    }

    /// <summary>-1 stands for no limit, as in llama.cpp.</summary>
    public static int? Unlimited(int? count) => count == -1 ? int.MaxValue : count;

    static Option<int?> Count(string name, string description, int min, int max)
    {
        var option = new Option<int?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.TryGetValue<int?>(out var value) && !(value is null || (value >= min && value <= max)))
            {
                result.AddError(string.Create(
                    CultureInfo.InvariantCulture, $"The value of {name} must be a whole number from {min} to {max}."));
            }
        });
        return option;
    }

    /// <summary>The answer is taken from what was read.</summary>
    public bool IsExtractive(ParseResult parsed) => _sampling.IsExtractive(parsed);

    /// <summary>Whether the user wants no colours.</summary>
    public bool NoColor => settings.NoColor;

    /// <summary>What an option chooses, else the user's usual model; null for the default.</summary>
    public static string? Chosen(ParseResult parsed, Option<string?> model, NoosSettings settings) =>
        parsed.GetValue(model) is { } given && !string.IsNullOrWhiteSpace(given) ? given : settings.Model;

    /// <summary>The name of the model that the command line itself chooses; null where it chooses none.</summary>
    public string? GivenModel(ParseResult parsed) =>
        parsed.GetValue(_model) is { } given && !string.IsNullOrWhiteSpace(given) ? ModelSource.NameOf(given) : null;

    /// <summary>The names of the fallbacks that the command line itself names; null where it names none.</summary>
    public IReadOnlyList<string>? GivenFallbacks(ParseResult parsed) =>
        parsed.GetValue(_fallbacks) is { Length: > 0 } given ? [.. given.Select(ModelSource.NameOf)] : null;

    public IReadOnlyList<AdapterFile> Adapters(ParseResult parsed) => [.. (parsed.GetValue(_adapters) ?? []).Select(AdapterFile.Parse)];

    /// <summary>How tokens are drawn: what was given; the rest is open.</summary>
    public GenerationOptions Generation(ParseResult parsed) => _sampling.Read(parsed) with
    {
        MaxTokens = Unlimited(parsed.GetValue(_maxTokens)),
        ReasoningEffort = parsed.GetValue(_reasoningEffort),
        TemplateVariables = parsed.GetValue(_templateVariables) is { } json ? Variables(json) : null,
    };

    /// <summary>Which model runs and how; the options hold for every answer.</summary>
    public NoosOptions Read(ParseResult parsed)
    {
        var options = ReadAll(parsed);
        if (options.Model is { } model && ModelSource.IsEndpoint(model)
            && Array.Find<Option>(
                [_context, _threads, _promptChunk, _keyValues, _parallel], option => parsed.GetResult(option) is { Implicit: false })
                is { } local)
        {
            throw new NoosException(
                $"The option {local.Name} needs a model on this computer; leave it out, or choose a file with --model.");
        }

        return options;
    }

    NoosOptions ReadAll(ParseResult parsed) => new()
    {
        Model = Chosen(parsed, _model, settings),
        Fallbacks = parsed.GetValue(_fallbacks) is { Length: > 0 } given ? given : settings.Fallbacks,
        ApiKey = settings.OpenAIApiKey,
        Library = ModelLibraryOptions.From(settings),
        Defaults = Generation(parsed),
        ContextLength = parsed.GetValue(_context),
        MaxConcurrency = parsed.GetValue(_parallel),
        Adapters = Adapters(parsed),
        Inference = new InferenceOptions
        {
            Threads = parsed.GetValue(_threads) ?? 0,
            PromptChunk = parsed.GetValue(_promptChunk) ?? new InferenceOptions().PromptChunk,
            KeyValueType = parsed.GetValue(_keyValues),
            PrefixMemory = parsed.GetValue(_cacheMemory),
            MaxKernelTier = KernelChoice.Parse(settings.Kernels),
        },
    };

    /// <summary>Who looks at pictures: the same for the tool and for the files of messages.</summary>
    /// <exception cref="NoosException">What the command line names is no address.</exception>
    public IEye OpenEye(ParseResult parsed) =>
        _openedEye ??= EyeOption.Open(settings, _tools is null ? null : parsed.GetValue(_eye));

    /// <summary>The chosen model with its tools.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="others">Further models that may be asked for; null where only the chosen one answers.</param>
    /// <param name="logging">Told of models that are opened, closed and passed over.</param>
    public Assistant OpenAssistant(ParseResult parsed, OtherModels? others = null, ILoggerFactory? logging = null)
    {
        var (limits, policy, named) = (Limits(parsed), _gate.Policy(parsed), _tools?.Names(parsed));
        var toolbox = ToolboxSettings.From(settings, _gate.EgressOptions(parsed)) with
        {
            Code = _code.Read(parsed, limits.Time),
            Files = FileToolOptions.Within(limits.ResultLength, limits.Time),
            HasNetwork = !policy.Denies(Capability.Network),
            Eye = OpenEye(parsed),
        };
        var tools = named is null ? Toolbox.Create(toolbox) : Toolbox.Create(toolbox, named);
        var options = Read(parsed);
        others?.ApplyTo(options);

        // One model alone needs no pool, and starts without its code.
        var cpu = others is null && options.Fallbacks.Count == 0
            ? ModelSource.OpenCpu(options)
            : ModelSource.OpenPool(options, logger: logging?.CreateLogger<CpuPool>());
        return new Assistant(cpu, tools, limits, policy: policy, egress: _gate.Egress(parsed, settings))
        {
            HasOptionalTools = named is null,
        };
    }

    /// <summary>How answers of a server are generated: what was given; null for nothing.</summary>
    public GenerationOptions? GenerationOrNull(ParseResult parsed) =>
        Generation(parsed) is var given && given == GenerationOptions.Default ? null : given;

    /// <summary>Whether options can be kept where a server runs the model.</summary>
    /// <param name="server">The server.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="choosesModel">The command begins a process, which has a model of its own.</param>
    /// <exception cref="NoosException">One is given that only a start of the server can take.</exception>
    public void RequireFor(ProcessClient server, ParseResult parsed, bool choosesModel = false)
    {
        Option[] ofStart =
        [
            _context, _parallel, _threads, _promptChunk, _keyValues, _cacheMemory, _adapters, _toolRounds, _toolSeconds, _toolResult,
            _toolCalls, .. _tools?.All ?? [], .. _code.All, .. _gate.All, .. choosesModel ? [] : (Option[])[_fallbacks],
        ];
        if (Array.Find(ofStart, option => parsed.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new NoosException(
                $"A server is up at {server.Address}, and its start decides about {given.Name}; leave it out here, or stop the server and "
                + "give it to 'noos up'.");
        }

        if (!choosesModel && parsed.GetResult(_model) is { Implicit: false } && parsed.GetValue(_model) is { Length: > 0 } model
            && !string.Equals(model, server.Model, StringComparison.OrdinalIgnoreCase)
            && !string.Equals(
                Path.GetFileNameWithoutExtension(model).Replace(' ', '-'), server.Model, StringComparison.OrdinalIgnoreCase))
        {
            throw new NoosException(
                $"A server is up at {server.Address} and runs {server.Model}; leave out --model, begin a process with another ('noos "
                + "spawn --model'), or stop the server first.");
        }
    }

    ToolLimits Limits(ParseResult parsed)
    {
        var usual = new ToolLimits();
        return new ToolLimits
        {
            Rounds = parsed.GetValue(_toolRounds) ?? usual.Rounds,
            Time = parsed.GetValue(_toolSeconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : usual.Time,
            ResultLength = parsed.GetValue(_toolResult) ?? usual.ResultLength,
            Calls = parsed.GetValue(_toolCalls) ?? usual.Calls,
        };
    }

    static Dictionary<string, JsonElement> Variables(string json)
    {
        try
        {
            var value = JsonElement.Parse(json);
            if (value.ValueKind == JsonValueKind.Object)
            {
                return value.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);
            }
        }
        catch (JsonException)
        {
            // Told below, as any value that is no object.
        }

        throw new NoosException("The value of --chat-template-kwargs must be a JSON object, such as '{\"enable_thinking\": false}'.");
    }
}
