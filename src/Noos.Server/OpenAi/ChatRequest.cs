using System.Globalization;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;

namespace Noos.Server.OpenAi;

/// <summary>
/// A request to <c>POST /v1/chat/completions</c>, checked. Without a "tools" field the server's own tools run; an empty list, or the
/// tool choice "none", means no tools at all. Fields that change nothing here (user, store, metadata, ...) are accepted.
/// </summary>
sealed record ChatRequest(Turn Turn, bool UsesServerTools, bool Stream, bool IncludeUsage)
{
    const int MaxMessages = 4096;
    const int MaxTools = 128;
    const int MaxStops = 4;
    const int MaxBiases = 1024;
    const int MaxBreakers = 64;
    const int MaxAdapters = 64;
    const int MaxTopLogProbabilities = 20;
    const int MaxDraftTokens = 64;
    const int MaxGrammarLength = 256 * 1024;

    /// <exception cref="ApiException">The body is no valid request; the message says where.</exception>
    public static ChatRequest Parse(ReadOnlyMemory<byte> body) => RequestBody.Parse(body, Read);

    static ChatRequest Read(JsonElement root)
    {
        if (Integer(root, "n", 1, 128) is { } count && count != 1)
        {
            throw ApiException.Invalid("n", "Only one answer a request is supported: leave out \"n\" or set it to 1.");
        }

        var tools = Tools(root);
        var options = Options(root);
        var choice = ReadToolChoice(root, tools ?? []);
        var hasNone = choice.Mode == ToolChoiceMode.None;
        var streamOptions = Field(root, "stream_options");
        return new ChatRequest(
            new Turn(Messages(root)) { Tools = hasNone ? [] : tools ?? [], ToolChoice = choice, Options = options },
            // An answer in a format of its own leaves no room for the server's tools.
            UsesServerTools: tools is null && !hasNone && options.ResponseFormat is null,
            Flag(root, "stream"),
            streamOptions is { } given && Flag(given, "include_usage"));
    }

    static GenerationOptions Options(JsonElement root)
    {
        var wantsScores = Flag(root, "logprobs");
        var top = Integer(root, "top_logprobs", 0, MaxTopLogProbabilities);
        if (top is not null && !wantsScores)
        {
            throw ApiException.Invalid("top_logprobs", "The field \"top_logprobs\" needs \"logprobs\" to be true.");
        }

        return new GenerationOptions
        {
            Temperature = (float?)Number(root, "temperature", 0, 2),
            GreedySpans = Field(root, "greedy_spans") is null ? null : Flag(root, "greedy_spans"),
            LoopGuard = Field(root, "loop_guard") is null ? null : Flag(root, "loop_guard"),
            TopP = (float?)Number(root, "top_p", 0, 1),
            MaxTokens = (int?)(Integer(root, "max_completion_tokens", 1, int.MaxValue) ?? Integer(root, "max_tokens", 1, int.MaxValue)),
            Seed = Integer(root, "seed", long.MinValue, long.MaxValue) is { } seed ? unchecked((ulong)seed) : null,
            TopK = (int?)Integer(root, "top_k", 0, int.MaxValue),
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
            RepetitionPenalty = (float?)Number(root, "repeat_penalty", 0.01, 100),
            RepetitionWindow = (int?)Integer(root, "repeat_last_n", -1, int.MaxValue),
            LogitBias = LogitBias(root),
            TopLogProbabilities = wantsScores ? (int)(top ?? 0) : null,
            DraftTokens = (int?)Integer(root, "draft_tokens", 0, MaxDraftTokens),
            AdapterScales = AdapterScales(root),
        };
    }

    static Dictionary<int, float>? LogitBias(JsonElement root)
    {
        if (Field(root, "logit_bias") is not { } field)
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

    static Dictionary<int, float>? AdapterScales(JsonElement root)
    {
        if (Field(root, "lora") is not { } field)
        {
            return null;
        }

        var scales = new Dictionary<int, float>();
        var items = field.ValueKind == JsonValueKind.Array && field.GetArrayLength() <= MaxAdapters
            ? field.EnumerateArray()
            : throw Bad();
        foreach (var item in items)
        {
            scales[(int)(Integer(item, "id", 0, int.MaxValue) ?? throw Bad())] = (float)(Number(item, "scale", -1000, 1000) ?? throw Bad());
        }

        return scales;

        static ApiException Bad() => ApiException.Invalid(
            "lora", $"The field \"lora\" must be a list of at most {MaxAdapters} adapters such as {{\"id\": 0, \"scale\": 1.0}}; GET "
            + "/lora-adapters names those that are loaded.");
    }

    /// <summary>"response_format" as OpenAI has it, or "grammar" as llama.cpp has it.</summary>
    static ResponseFormat? ReadResponseFormat(JsonElement root)
    {
        var grammar = String(root, "The field \"grammar\"", "grammar");
        if (Field(root, "response_format") is not { } format)
        {
            return string.IsNullOrEmpty(grammar) ? null : Gbnf(grammar, "grammar");
        }

        if (!string.IsNullOrEmpty(grammar))
        {
            throw ApiException.Invalid("grammar", "A request may have a \"grammar\" or a \"response_format\", not both.");
        }

        switch (String(format, "response_format.type", "type"))
        {
            case null or "text":
                return null;
            case "json_object":
                return ResponseFormat.JsonObject;
            case "json_schema":
                var description = Field(format, "json_schema") is { ValueKind: JsonValueKind.Object } given
                    ? given
                    : throw ApiException.Invalid(
                        "response_format.json_schema", "The field \"response_format.json_schema\" must be an object with a \"schema\".");
                var schema = Field(description, "schema") is { ValueKind: JsonValueKind.Object } found
                    ? found
                    : throw ApiException.Invalid(
                        "response_format.json_schema.schema", "The field \"response_format.json_schema.schema\" must be a JSON schema.");
                return ResponseFormat.JsonSchema(schema.Clone(), String(description, "response_format.json_schema.name", "name"));
            case "grammar":
                return Gbnf(String(format, "response_format.grammar", "grammar"), "response_format.grammar");
            default:
                throw ApiException.Invalid(
                    "response_format.type", "The response format must be \"text\", \"json_object\", \"json_schema\" or \"grammar\".");
        }

        static ResponseFormat Gbnf(string? text, string name) => text is { Length: > 0 and <= MaxGrammarLength }
            ? ResponseFormat.Gbnf(text)
            : throw ApiException.Invalid(name, $"The field \"{name}\" must be a grammar in GBNF of at most {MaxGrammarLength} characters.");
    }

    static Conversation Messages(JsonElement root)
    {
        var list = Field(root, "messages") ?? throw ApiException.Invalid("messages", "The field \"messages\" is missing.");
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MaxMessages)
        {
            throw ApiException.Invalid("messages", $"The field \"messages\" must be a list of 1 to {MaxMessages} messages.");
        }

        var toolNames = new Dictionary<string, string>(StringComparer.Ordinal);
        return new Conversation(
            [.. list.EnumerateArray().Select((message, index) => ReadMessage(message, $"messages[{index}]", toolNames))]);
    }

    static Message ReadMessage(JsonElement message, string path, Dictionary<string, string> toolNames)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            throw ApiException.Invalid(path, $"{path} must be an object.");
        }

        var role = String(message, $"{path}.role", "role") switch
        {
            "system" or "developer" => Role.System,
            "user" => Role.User,
            "assistant" => Role.Assistant,
            "tool" => Role.Tool,
            _ => throw ApiException.Invalid($"{path}.role", $"{path}.role must be system, developer, user, assistant or tool."),
        };
        var text = Content(message, path);
        var calls = role == Role.Assistant ? Calls(message, path, toolNames) : [];
        if (text is null && calls.Count == 0)
        {
            throw ApiException.Invalid($"{path}.content", $"{path}.content is missing.");
        }

        if (role == Role.Tool)
        {
            var id = String(message, $"{path}.tool_call_id", "tool_call_id")
                ?? throw ApiException.Invalid($"{path}.tool_call_id", $"{path}.tool_call_id is missing.");
            var name = toolNames.GetValueOrDefault(id)
                ?? throw ApiException.Invalid($"{path}.tool_call_id", $"{path}.tool_call_id answers no tool call of an earlier message.");
            // Our own field: OpenAI's API cannot say that a call failed, and how a text begins says nothing.
            return Message.Tool(new ToolResultPart(name, text ?? "", Flag(message, "is_error"), id));
        }

        var parts = new List<Part>();
        if (role == Role.Assistant && String(message, $"{path}.reasoning_content", "reasoning_content") is { Length: > 0 } thought)
        {
            parts.Add(new ThoughtPart(thought));
        }

        if (!string.IsNullOrEmpty(text))
        {
            parts.Add(new TextPart(text));
        }

        return new Message(role, [.. parts, .. calls]);
    }

    static string? Content(JsonElement message, string path)
    {
        if (Field(message, "content") is not { } content)
        {
            return null;
        }

        if (content.ValueKind == JsonValueKind.String)
        {
            return content.GetString();
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            throw ApiException.Invalid($"{path}.content", $"{path}.content must be text or a list of text parts.");
        }

        return string.Concat(content.EnumerateArray().Select(part =>
            part.ValueKind == JsonValueKind.Object && String(part, $"{path}.content.type", "type") == "text"
                ? String(part, $"{path}.content.text", "text")
                : throw ApiException.Invalid(
                    $"{path}.content", "This model reads text only: every content part must be of type \"text\".")));
    }

    static List<Part> Calls(JsonElement message, string path, Dictionary<string, string> toolNames)
    {
        var calls = new List<Part>();
        if (Field(message, "tool_calls") is not { } list)
        {
            return calls;
        }

        var place = $"{path}.tool_calls";
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw ApiException.Invalid(place, $"{place} must be a list.");
        }

        foreach (var call in list.EnumerateArray())
        {
            var function = call.ValueKind == JsonValueKind.Object ? Field(call, "function") : null;
            if (function is not { ValueKind: JsonValueKind.Object } named
                || String(call, place, "id") is not { Length: > 0 } id
                || String(named, place, "name") is not { Length: > 0 } name
                || String(named, place, "arguments") is not { } arguments)
            {
                throw ApiException.Invalid(place, $"Every call in {place} needs an id and a function with name and arguments.");
            }

            toolNames[id] = name;
            calls.Add(new ToolCallPart(name, ParseArguments(arguments, place), id));
        }

        return calls;
    }

    static JsonElement ParseArguments(string arguments, string place)
    {
        try
        {
            var value = JsonElement.Parse(arguments.Length == 0 ? "{}" : arguments);
            if (value.ValueKind == JsonValueKind.Object)
            {
                return value;
            }
        }
        catch (JsonException)
        {
            // Told below, as any value that is no object.
        }

        throw ApiException.Invalid(place, $"The arguments of a call in {place} must be text that holds a JSON object.");
    }

    static List<ToolDeclaration>? Tools(JsonElement root)
    {
        if (Field(root, "tools") is not { } list)
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MaxTools)
        {
            throw ApiException.Invalid("tools", $"The field \"tools\" must be a list of at most {MaxTools} functions.");
        }

        return [.. list.EnumerateArray().Select(tool =>
        {
            var function = tool.ValueKind == JsonValueKind.Object && String(tool, "tools.type", "type") == "function"
                ? Field(tool, "function")
                : null;
            if (function is not { ValueKind: JsonValueKind.Object } declared
                || String(declared, "tools.function.name", "name") is not { Length: > 0 and <= 64 } name)
            {
                throw ApiException.Invalid("tools",
                    "Every tool must be {\"type\": \"function\", \"function\": {\"name\": ...}} with a name of at most 64 characters.");
            }

            var parameters = Field(declared, "parameters") ?? JsonElement.Parse("""{"type": "object"}""");
            return parameters.ValueKind == JsonValueKind.Object
                ? new ToolDeclaration(name, String(declared, "tools.function.description", "description") ?? "", parameters.Clone())
                : throw ApiException.Invalid("tools", $"The parameters of the tool {name} must be a JSON Schema object.");
        })];
    }

    static ToolChoice ReadToolChoice(JsonElement root, List<ToolDeclaration> tools) => Field(root, "tool_choice") switch
    {
        null => ToolChoice.Auto,
        { ValueKind: JsonValueKind.String } word when word.GetString() is "none" => ToolChoice.None,
        { ValueKind: JsonValueKind.String } word when word.GetString() is "auto" => ToolChoice.Auto,
        { ValueKind: JsonValueKind.String } word when word.GetString() is "required" => ToolChoice.Required,
        { ValueKind: JsonValueKind.Object } chosen
            when Field(chosen, "function") is { ValueKind: JsonValueKind.Object } function
            && String(function, "tool_choice", "name") is { } name
            && tools.Exists(tool => tool.Name == name) => ToolChoice.Required with { Name = name },
        _ => throw ApiException.Invalid(
            "tool_choice", "The field \"tool_choice\" must be none, auto, required, or name a function of \"tools\"."),
    };

    /// <summary>One text or a list of them.</summary>
    static List<string>? Texts(JsonElement root, string name, int max)
    {
        var field = Field(root, name);
        return field switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } one => [one.GetString()!],
            { ValueKind: JsonValueKind.Array } many when many.GetArrayLength() <= max
                && many.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
                    [.. many.EnumerateArray().Select(item => item.GetString()!)],
            _ => throw ApiException.Invalid(name, $"The field \"{name}\" must be text or a list of at most {max} texts."),
        };
    }

    /// <summary>A field that is there and not null.</summary>
    static JsonElement? Field(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    static string? String(JsonElement owner, string path, string name) => Field(owner, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw ApiException.Invalid(path, $"{path} must be text."),
    };

    static bool Flag(JsonElement owner, string name) => Field(owner, name) switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        _ => throw ApiException.Invalid(name, $"The field \"{name}\" must be true or false."),
    };

    static double? Number(JsonElement root, string name, double min, double max) => Field(root, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.GetDouble() is var value && value >= min && value <= max => value,
        _ => throw ApiException.Invalid(name, $"The field \"{name}\" must be a number from {min} to {max}."),
    };

    static long? Integer(JsonElement root, string name, long min, long max) => Field(root, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var value) && value >= min && value <= max => value,
        _ => throw ApiException.Invalid(name, $"The field \"{name}\" must be a whole number from {min} to {max}."),
    };
}
