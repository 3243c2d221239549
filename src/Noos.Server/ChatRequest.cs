using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Noos.Core.Conversations;
using Noos.Cpus.Local;
using Noos.Inference.Sampling;

namespace Noos.Server;

/// <summary>
/// A request to <c>POST /v1/chat/completions</c>, checked. Without a "tools" field the server's own tools run; an empty list, or the
/// tool choice "none", means no tools at all. Fields that change nothing here (user, store, metadata, ...) are accepted.
/// </summary>
sealed record ChatRequest(Conversation Conversation, ChatOptions Options, bool UsesServerTools, bool Stream, bool IncludeUsage)
{
    const int MaximumMessages = 4096;
    const int MaximumTools = 128;
    const int MaximumStops = 4;
    const int MaximumBiases = 1024;
    const int MaximumBreakers = 64;
    const int MaximumAdapters = 64;

    /// <exception cref="ApiException">The body is no valid request; the message says where.</exception>
    public static ChatRequest Parse(ReadOnlyMemory<byte> body) => RequestBody.Parse(body, Read);

    static ChatRequest Read(JsonElement root)
    {
        if (Integer(root, "n", 1, 128) is { } count && count != 1)
        {
            throw ApiException.Invalid("n", "Only one answer a request is supported: leave out \"n\" or set it to 1.");
        }

        var options = new ChatOptions
        {
            Temperature = (float?)Number(root, "temperature", 0, 2),
            TopP = (float?)Number(root, "top_p", 0, 1),
            MaxOutputTokens = Integer(root, "max_completion_tokens", 1, int.MaxValue) is { } limit
                ? (int)limit
                : (int?)Integer(root, "max_tokens", 1, int.MaxValue),
            Seed = Integer(root, "seed", long.MinValue, long.MaxValue),
            TopK = (int?)Integer(root, "top_k", 0, int.MaxValue),
            FrequencyPenalty = (float?)Number(root, "frequency_penalty", -2, 2),
            PresencePenalty = (float?)Number(root, "presence_penalty", -2, 2),
            StopSequences = Texts(root, "stop", MaximumStops),
            Tools = Tools(root),
            ResponseFormat = ResponseFormat(root),
        };
        Details(root).AddTo(options);
        // An answer in a format of its own leaves no room for the server's tools.
        var choosesNone = ReadToolChoice(root, options) || options.ResponseFormat is ChatResponseFormatJson;
        var streamOptions = Field(root, "stream_options");
        return new ChatRequest(
            Messages(root),
            options,
            UsesServerTools: options.Tools is null && !choosesNone,
            Flag(root, "stream"),
            streamOptions is { } given && Flag(given, "include_usage"));
    }

    static LocalGenerationOptions Details(JsonElement root)
    {
        var wantsScores = Flag(root, "logprobs");
        var top = Integer(root, "top_logprobs", 0, SamplingOptions.MaxTopLogProbabilities);
        if (top is not null && !wantsScores)
        {
            throw ApiException.Invalid("top_logprobs", "The field \"top_logprobs\" needs \"logprobs\" to be true.");
        }

        return new LocalGenerationOptions
        {
            MinP = (float?)Number(root, "min_p", 0, 1),
            TopNSigma = (float?)Number(root, "top_n_sigma", -1, 100) is { } deviations ? Math.Max(0, deviations) : null,
            TypicalP = (float?)Number(root, "typical_p", 0, 1),
            XtcProbability = (float?)Number(root, "xtc_probability", 0, 1),
            XtcThreshold = (float?)Number(root, "xtc_threshold", 0, 1),
            SequencePenalty = ReadSequencePenalty(root),
            RepetitionPenalty = (float?)Number(root, "repeat_penalty", 0.01, 100),
            RepetitionWindow = (int?)Integer(root, "repeat_last_n", -1, int.MaxValue),
            LogitBias = LogitBias(root),
            TopLogProbabilities = wantsScores ? (int)(top ?? 0) : null,
            AdapterScales = AdapterScales(root),
        };
    }

    static SequencePenalty? ReadSequencePenalty(JsonElement root)
    {
        var usual = new SequencePenalty();
        var penalty = new SequencePenalty
        {
            Multiplier = (float)(Number(root, "dry_multiplier", 0, 100) ?? 0),
            Base = (float)(Number(root, "dry_base", 1, 100) ?? usual.Base),
            AllowedLength = (int)(Integer(root, "dry_allowed_length", 1, 100_000) ?? usual.AllowedLength),
            Window = (int)(Integer(root, "dry_penalty_last_n", -1, int.MaxValue) ?? usual.Window),
            Breakers = Texts(root, "dry_sequence_breakers", MaximumBreakers) ?? usual.Breakers,
        };
        return Field(root, "dry_multiplier") is null ? null : penalty;
    }

    static Dictionary<int, float>? LogitBias(JsonElement root)
    {
        if (Field(root, "logit_bias") is not { } field)
        {
            return null;
        }

        var bias = new Dictionary<int, float>();
        foreach (var member in field.ValueKind == JsonValueKind.Object && field.GetPropertyCount() <= MaximumBiases ? field.EnumerateObject() : throw Bad())
        {
            bias[int.TryParse(member.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var token) ? token : throw Bad()] =
                member.Value.ValueKind == JsonValueKind.Number && member.Value.GetDouble() is >= -100 and <= 100 and var value ? (float)value : throw Bad();
        }

        return bias;

        static ApiException Bad() => ApiException.Invalid(
            "logit_bias", $"The field \"logit_bias\" must be an object of at most {MaximumBiases} numbers from -100 to 100 by the numbers of tokens.");
    }

    static Dictionary<int, float>? AdapterScales(JsonElement root)
    {
        if (Field(root, "lora") is not { } field)
        {
            return null;
        }

        var scales = new Dictionary<int, float>();
        foreach (var item in field.ValueKind == JsonValueKind.Array && field.GetArrayLength() <= MaximumAdapters ? field.EnumerateArray() : throw Bad())
        {
            scales[(int)(Integer(item, "id", 0, int.MaxValue) ?? throw Bad())] = (float)(Number(item, "scale", -1000, 1000) ?? throw Bad());
        }

        return scales;

        static ApiException Bad() => ApiException.Invalid(
            "lora", $"The field \"lora\" must be a list of at most {MaximumAdapters} adapters such as {{\"id\": 0, \"scale\": 1.0}}; GET /lora-adapters names those that are loaded.");
    }

    static ChatResponseFormatJson? ResponseFormat(JsonElement root)
    {
        if (Field(root, "response_format") is not { } format)
        {
            return null;
        }

        switch (String(format, "response_format.type", "type"))
        {
            case null or "text":
                return null;
            case "json_object":
                return ChatResponseFormat.Json;
            case "json_schema":
                var description = Field(format, "json_schema") is { ValueKind: JsonValueKind.Object } given
                    ? given
                    : throw ApiException.Invalid("response_format.json_schema", "The field \"response_format.json_schema\" must be an object with a \"schema\".");
                var schema = Field(description, "schema") is { ValueKind: JsonValueKind.Object } found
                    ? found
                    : throw ApiException.Invalid("response_format.json_schema.schema", "The field \"response_format.json_schema.schema\" must be a JSON schema.");
                return ChatResponseFormat.ForJsonSchema(schema.Clone(), String(description, "response_format.json_schema.name", "name"));
            default:
                throw ApiException.Invalid("response_format.type", "The response format must be \"text\", \"json_object\" or \"json_schema\".");
        }
    }

    static Conversation Messages(JsonElement root)
    {
        var list = Field(root, "messages") ?? throw ApiException.Invalid("messages", "The field \"messages\" is missing.");
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MaximumMessages)
        {
            throw ApiException.Invalid("messages", $"The field \"messages\" must be a list of 1 to {MaximumMessages} messages.");
        }

        var toolNames = new Dictionary<string, string>(StringComparer.Ordinal);
        return new Conversation([.. list.EnumerateArray().Select((message, index) => ReadMessage(message, $"messages[{index}]", toolNames))]);
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
            return Message.Tool(new ToolResultPart(name, text ?? "", (text ?? "").StartsWith(ToolResultPart.ErrorPrefix, StringComparison.Ordinal), id));
        }

        return new Message(role, string.IsNullOrEmpty(text) ? calls : [new TextPart(text), .. calls]);
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
                : throw ApiException.Invalid($"{path}.content", "This model reads text only: every content part must be of type \"text\".")));
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

    static List<AITool>? Tools(JsonElement root)
    {
        if (Field(root, "tools") is not { } list)
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MaximumTools)
        {
            throw ApiException.Invalid("tools", $"The field \"tools\" must be a list of at most {MaximumTools} functions.");
        }

        return [.. list.EnumerateArray().Select(tool =>
        {
            var function = tool.ValueKind == JsonValueKind.Object && String(tool, "tools.type", "type") == "function" ? Field(tool, "function") : null;
            if (function is not { ValueKind: JsonValueKind.Object } declared || String(declared, "tools.function.name", "name") is not { Length: > 0 and <= 64 } name)
            {
                throw ApiException.Invalid("tools", "Every tool must be {\"type\": \"function\", \"function\": {\"name\": ...}} with a name of at most 64 characters.");
            }

            var parameters = Field(declared, "parameters") ?? JsonElement.Parse("""{"type": "object"}""");
            return parameters.ValueKind == JsonValueKind.Object
                ? AIFunctionFactory.CreateDeclaration(name, String(declared, "tools.function.description", "description") ?? "", parameters.Clone())
                : throw ApiException.Invalid("tools", $"The parameters of the tool {name} must be a JSON Schema object.");
        })];
    }

    /// <summary>Returns true for the choice "none", which takes all tools away.</summary>
    static bool ReadToolChoice(JsonElement root, ChatOptions options)
    {
        var choice = Field(root, "tool_choice");
        switch (choice)
        {
            case null:
                return false;
            case { ValueKind: JsonValueKind.String } word when word.GetString() is "none" or "auto" or "required":
                options.ToolMode = word.GetString() == "required" ? ChatToolMode.RequireAny : ChatToolMode.Auto;
                if (word.GetString() != "none")
                {
                    return false;
                }

                options.Tools = null;
                return true;
            case { ValueKind: JsonValueKind.Object } chosen
                when Field(chosen, "function") is { ValueKind: JsonValueKind.Object } function
                && String(function, "tool_choice", "name") is { } name
                && options.Tools?.Any(tool => tool.Name == name) == true:
                options.ToolMode = ChatToolMode.RequireSpecific(name);
                return false;
            default:
                throw ApiException.Invalid("tool_choice", "The field \"tool_choice\" must be none, auto, required, or name a function of \"tools\".");
        }
    }

    /// <summary>One text or a list of them.</summary>
    static List<string>? Texts(JsonElement root, string name, int most)
    {
        var field = Field(root, name);
        return field switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } one => [one.GetString()!],
            { ValueKind: JsonValueKind.Array } many when many.GetArrayLength() <= most
                && many.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) => [.. many.EnumerateArray().Select(item => item.GetString()!)],
            _ => throw ApiException.Invalid(name, $"The field \"{name}\" must be text or a list of at most {most} texts."),
        };
    }

    /// <summary>A field that is there and not null.</summary>
    static JsonElement? Field(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

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

    static double? Number(JsonElement root, string name, double least, double most) => Field(root, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.GetDouble() is var value && value >= least && value <= most => value,
        _ => throw ApiException.Invalid(name, $"The field \"{name}\" must be a number from {least} to {most}."),
    };

    static long? Integer(JsonElement root, string name, long least, long most) => Field(root, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var value) && value >= least && value <= most => value,
        _ => throw ApiException.Invalid(name, $"The field \"{name}\" must be a whole number from {least} to {most}."),
    };
}
