using System.Globalization;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Server.Answers;

namespace Noos.Server.OpenAi;

/// <summary>
/// A request to <c>POST /v1/chat/completions</c>, checked. Without a "tools" field the server's own tools run; an empty list, or the
/// tool choice "none", means no tools at all. Every field is honoured or refused by name (<see cref="ForeignFields"/>).
/// </summary>
/// <param name="Answer">What the model is asked.</param>
/// <param name="Stream">It is told as it comes.</param>
/// <param name="IncludeUsage">The stream ends with what the answer cost.</param>
sealed record ChatRequest(AnswerRequest Answer, bool Stream, bool IncludeUsage)
{
    /// <summary>Most answers to one question, as OpenAI has it.</summary>
    public const int MaxCount = 128;

    const int MaxStops = 64;
    const int MaxBiases = 1024;
    const int MaxBreakers = 64;
    const int MaxAdapters = 64;
    const int MaxFallbacks = 16;
    const int MaxTopLogProbabilities = 20;
    const int MaxDraftTokens = 64;
    const int MaxGrammarLength = 256 * 1024;
    const int MaxPassages = 1024;

    /// <exception cref="ApiException">The body is no valid request; the message says where.</exception>
    public static ChatRequest Parse(ReadOnlyMemory<byte> body) => RequestBody.Parse(body, Read);

    static ChatRequest Read(JsonElement body)
    {
        var root = new RequestFields(body);
        var tools = ChatTools.Read(root);
        var options = Options(root);
        var choice = ChatTools.ReadChoice(root, ref tools);
        var hasNone = choice.Mode == ToolChoiceMode.None;
        var streamOptions = root.Object("stream_options");
        var includesUsage = streamOptions?.Flag("include_usage") ?? false;
        streamOptions?.AcceptOnly("include_obfuscation", value => value.ValueKind == JsonValueKind.False);
        streamOptions?.RefuseUnknown();
        var conversation = ChatMessages.Read(root);
        var turn = new Turn(conversation)
        {
            ContinuesAnswer = ReadContinues(root, conversation),
            Model = root.String("model"),
            Fallbacks = root.Texts("fallbacks", MaxFallbacks),
            Tools = hasNone ? [] : tools ?? [],
            ToolChoice = choice,
            HasParallelCalls = root.Flag("parallel_tool_calls") ?? true,
            Truncation = root.Word("truncation", "auto", "disabled") == "auto" ? Truncation.Auto : Truncation.Disabled,
            Options = options,
            Priority = ReadPriority(root),
        };
        var request = new ChatRequest(
            new AnswerRequest(turn)
            {
                // An answer in a format of its own leaves no room for the server's tools; an extract is taken from what they find.
                UsesServerTools = tools is null && !hasNone && options.ResponseFormat is null or { Extractive: not null },
                Count = (int)(root.Integer("n", 1, MaxCount) ?? 1),
                User = ReadUser(root),
            },
            Flag(root, "stream"),
            includesUsage);
        ForeignFields.Check(root);
        root.RefuseUnknown();
        return request;
    }

    /// <summary>vLLM's fields: the last message is the assistant's, and the answer goes on with it.</summary>
    static bool ReadContinues(RequestFields root, Conversation conversation)
    {
        const string Name = "continue_final_message", Prompt = "add_generation_prompt";
        var continues = root.Flag(Name) ?? false;
        return continues == (root.Flag(Prompt) ?? !continues)
            ? throw ApiException.Invalid(
                Prompt, $"Either the answer goes on with the last message (\"{Name}\") or a new one begins (\"{Prompt}\"); leave one out.")
            : continues && conversation.Messages is not [.., { Role: Role.Assistant, Parts: [.., TextPart { Text.Length: > 0 }] }]
            ? throw ApiException.Invalid(Name, "Only a text of the assistant can go on; let the last message be one.")
            : continues;
    }

    /// <summary>Whose request it is, where it says so.</summary>
    public static string? ReadUser(RequestFields root) =>
        root.Find("user") is { ValueKind: JsonValueKind.String } user && user.GetString() is { Length: > 0 } name ? name : null;

    /// <summary>Requests that can wait say so by OpenAI's "service_tier".</summary>
    public static ProcessPriority ReadPriority(RequestFields root) =>
        root.Word("service_tier", "auto", "default", "priority", "scale", "flex") == "flex"
            ? ProcessPriority.Background
            : ProcessPriority.Interactive;

    /// <summary>The fields that say how a message is generated.</summary>
    /// <param name="root">The fields.</param>
    /// <param name="hasScores">"logprobs" is true or false here; else whoever calls reads it.</param>
    public static GenerationOptions Options(RequestFields root, bool hasScores = true)
    {
        var wantsScores = hasScores && Flag(root, "logprobs");
        var top = hasScores ? Integer(root, "top_logprobs", 0, MaxTopLogProbabilities) : null;
        if (top > 0 && !wantsScores)
        {
            throw ApiException.Invalid("top_logprobs", "The field \"top_logprobs\" needs \"logprobs\" to be true.");
        }

        return new GenerationOptions
        {
            Temperature = (float?)Number(root, "temperature", 0, 2),
            GreedySpans = root.Flag("greedy_spans"),
            LoopGuard = root.Flag("loop_guard"),
            TopP = (float?)Number(root, "top_p", 0, 1),
            MaxTokens = MaxTokens(root),
            Seed = Integer(root, "seed", long.MinValue, long.MaxValue) is { } seed ? unchecked((ulong)seed) : null,
            TopK = (int?)Integer(root, "top_k", -1, int.MaxValue) is { } tokens ? Math.Max(0, tokens) : null,
            FrequencyPenalty = (float?)Number(root, "frequency_penalty", -2, 2),
            PresencePenalty = (float?)Number(root, "presence_penalty", -2, 2),
            StopSequences = Texts(root, "stop", MaxStops),
            ResponseFormat = ReadResponseFormat(root),
            MinP = (float?)Number(root, "min_p", 0, 1),
            TopNSigma = (float?)Number(root, "top_n_sigma", -1, 100) is { } deviations ? Math.Max(0, deviations) : null,
            TypicalP = (float?)Number(root, "typical_p", 0, 1),
            XtcProbability = (float?)Number(root, "xtc_probability", 0, 1),
            XtcThreshold = (float?)Number(root, "xtc_threshold", 0, 1),
            DryMultiplier = (float?)Number(root, "dry_multiplier", 0, 100),
            DryBase = (float?)Number(root, "dry_base", 1, 100),
            DryAllowedLength = (int?)Integer(root, "dry_allowed_length", 1, 100_000),
            DryWindow = (int?)Integer(root, "dry_penalty_last_n", -1, int.MaxValue),
            DryBreakers = Texts(root, "dry_sequence_breakers", MaxBreakers),
            RepetitionPenalty = (float?)(Number(root, "repeat_penalty", 0.01, 100) ?? Number(root, "repetition_penalty", 0.01, 100)),
            RepetitionWindow = (int?)Integer(root, "repeat_last_n", -1, int.MaxValue),
            LogitBias = LogitBias(root),
            TopLogProbabilities = wantsScores ? (int)(top ?? 0) : null,
            DraftTokens = (int?)Integer(root, "draft_tokens", 0, MaxDraftTokens),
            AdapterScales = AdapterScales(root),
            ReasoningEffort = root.Word("reasoning_effort", "none", "minimal", "low", "medium", "high", "xhigh"),
            TemplateVariables = TemplateVariables(root),
        };
    }

    /// <summary>-1 stands for no limit, as in llama.cpp.</summary>
    static int? MaxTokens(RequestFields root)
    {
        int? max = null;
        foreach (var name in (ReadOnlySpan<string>)["max_completion_tokens", "max_tokens", "n_predict"])
        {
            if (root.Integer(name, -1, int.MaxValue) is { } given)
            {
                max ??= given == 0 ? throw root.Bad(name, "at least 1, or -1 for no limit") : given < 0 ? int.MaxValue : (int)given;
            }
        }

        return max;
    }

    /// <summary>"chat_template_kwargs" as llama.cpp and vLLM have it, and "documents", which templates for retrieval read.</summary>
    static Dictionary<string, JsonElement>? TemplateVariables(RequestFields root)
    {
        var variables = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (root.Find("chat_template_kwargs") is { } given)
        {
            var members = given.ValueKind == JsonValueKind.Object
                ? given.EnumerateObject()
                : throw root.Bad("chat_template_kwargs", "an object");
            foreach (var member in members)
            {
                variables[member.Name] = member.Value.Clone();
            }
        }

        if (root.Find("documents") is { } documents)
        {
            variables["documents"] = documents.ValueKind == JsonValueKind.Array
                ? documents.Clone()
                : throw root.Bad("documents", "a list of objects");
        }

        return variables.Count == 0 ? null : variables;
    }

    static Dictionary<int, float>? LogitBias(RequestFields root)
    {
        if (root.Find("logit_bias") is not { } field)
        {
            return null;
        }

        var bias = new Dictionary<int, float>();
        var members = field.ValueKind == JsonValueKind.Object && field.GetPropertyCount() <= MaxBiases
            ? field.EnumerateObject()
            : throw Bad();
        foreach (var member in members)
        {
            bias[int.TryParse(member.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var token) ? token : throw Bad()] =
                member.Value.ValueKind == JsonValueKind.Number && member.Value.GetDouble() is >= -100 and <= 100 and var value
                    ? (float)value
                    : throw Bad();
        }

        return bias;

        static ApiException Bad() => ApiException.Invalid(
            "logit_bias",
            $"The field \"logit_bias\" must be an object of at most {MaxBiases} numbers from -100 to 100 by the numbers of tokens.");
    }

    static Dictionary<int, float>? AdapterScales(RequestFields root)
    {
        if (root.Find("lora") is not { } field)
        {
            return null;
        }

        var scales = new Dictionary<int, float>();
        var items = field.ValueKind == JsonValueKind.Array && field.GetArrayLength() <= MaxAdapters
            ? field.EnumerateArray()
            : throw Bad();
        foreach (var item in items)
        {
            var adapter = item.ValueKind == JsonValueKind.Object ? new RequestFields(item, "lora") : throw Bad();
            scales[(int)(Integer(adapter, "id", 0, int.MaxValue) ?? throw Bad())] =
                (float)(Number(adapter, "scale", -1000, 1000) ?? throw Bad());
            adapter.RefuseUnknown();
        }

        return scales;

        static ApiException Bad() => ApiException.Invalid(
            "lora", $"The field \"lora\" must be a list of at most {MaxAdapters} adapters such as {{\"id\": 0, \"scale\": 1.0}}; GET "
            + "/lora-adapters names those that are loaded.");
    }

    /// <summary>"response_format" as OpenAI has it, or "grammar" or "json_schema" as llama.cpp has them.</summary>
    static ResponseFormat? ReadResponseFormat(RequestFields root)
    {
        var grammar = root.String("grammar");
        var plain = root.Find("json_schema");
        if (root.Object("response_format") is not { } format)
        {
            return (grammar, plain) switch
            {
                ({ Length: > 0 }, not null) =>
                    throw ApiException.Invalid("grammar", "A request may have a \"grammar\" or a \"json_schema\", not both."),
                ({ Length: > 0 }, _) => Gbnf(grammar, "grammar"),
                (_, { ValueKind: JsonValueKind.Object } schema) => ResponseFormat.JsonSchema(schema.Clone()),
                (_, not null) => throw root.Bad("json_schema", "a JSON schema"),
                _ => null,
            };
        }

        if (!string.IsNullOrEmpty(grammar) || plain is not null)
        {
            var other = plain is null ? "grammar" : "json_schema";
            throw ApiException.Invalid(other, $"A request may have a \"{other}\" or a \"response_format\", not both.");
        }

        var read = Read(format);
        format.RefuseUnknown();
        return read;

        static ResponseFormat? Read(RequestFields format)
        {
            switch (format.String("type"))
            {
                case "text":
                    return null;
                case "json_object":
                    // llama.cpp takes a schema here too.
                    return format.Find("schema") switch
                    {
                        null => ResponseFormat.JsonObject,
                        { ValueKind: JsonValueKind.Object } given => ResponseFormat.JsonSchema(given.Clone()),
                        _ => throw format.Bad("schema", "a JSON schema"),
                    };
                case "json_schema":
                    var description = format.Find("json_schema") is { ValueKind: JsonValueKind.Object } named
                        ? new RequestFields(named, "response_format.json_schema")
                        : throw format.Bad("json_schema", "an object with a \"schema\"");
                    var schema = description.Find("schema") is { ValueKind: JsonValueKind.Object } found
                        ? found
                        : throw description.Bad("schema", "a JSON schema");
                    var name = description.String("name");

                    // What cannot be enforced is refused here, strict or not.
                    _ = description.Flag("strict");
                    _ = description.String("description");
                    description.RefuseUnknown();
                    return ResponseFormat.JsonSchema(schema.Clone(), name);
                case "grammar":
                    return Gbnf(format.String("grammar"), "response_format.grammar");
                case "extractive":
                    return ResponseFormat.Extract(new ExtractiveFormat
                    {
                        Passages = format.Texts("passages", MaxPassages),
                        Refusal = format.String("refusal") is { Length: > 0 } refusal ? refusal : null,
                        Cite = format.Flag("cite") ?? false,
                    });
                default:
                    throw format.Bad("type", "\"text\", \"json_object\", \"json_schema\", \"grammar\" or \"extractive\"");
            }
        }

        static ResponseFormat Gbnf(string? text, string name) => text is { Length: > 0 and <= MaxGrammarLength }
            ? ResponseFormat.Gbnf(text)
            : throw ApiException.Invalid(name, $"The field \"{name}\" must be a grammar in GBNF of at most {MaxGrammarLength} characters.");
    }

    static List<string>? Texts(RequestFields root, string name, int max) => root.Texts(name, max);

    static bool Flag(RequestFields root, string name) => root.Flag(name) ?? false;

    static double? Number(RequestFields root, string name, double min, double max) => root.Number(name, min, max);

    static long? Integer(RequestFields root, string name, long min, long max) => root.Integer(name, min, max);
}
