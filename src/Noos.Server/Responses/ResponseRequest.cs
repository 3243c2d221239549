using System.Text.Json;
using System.Text.Json.Nodes;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Server.Answers;
using Noos.Server.OpenAi;

namespace Noos.Server.Responses;

/// <summary>
/// A request to <c>POST /v1/responses</c>, checked. Without a "tools" field the server's own tools run; an empty list, or the tool choice
/// "none", means no tools at all. Every field is honoured or refused by name.
/// </summary>
/// <param name="Answer">What the model is asked.</param>
/// <param name="Stream">It is told as it comes.</param>
/// <param name="Messages">The conversation without the instructions, which hold for one response.</param>
/// <param name="Body">What the response says again of the request.</param>
sealed record ResponseRequest(AnswerRequest Answer, bool Stream, IReadOnlyList<Message> Messages, ResponseBody Body)
{
    const int MaxScores = 20;
    const int MaxIncludes = 32;
    const string WithScores = "message.output_text.logprobs";

    // What else can be asked for is of tools that are not here, so there is never anything of it; thoughts are told as they are.
    static readonly string[] s_includes =
    [
        WithScores, "reasoning.encrypted_content", "file_search_call.results", "web_search_call.results", "web_search_call.action.sources",
        "message.input_image.image_url", "computer_call_output.output.image_url", "code_interpreter_call.outputs",
    ];

    /// <summary>For each hosted tool that was asked for the names of those here that stand for it.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Hosted { get; init; } = [];

    /// <summary>What was said until the end of the response that is continued; the beginning of <see cref="Messages"/>.</summary>
    public IReadOnlyList<Message> Before { get; init; } = [];

    /// <summary>The input as it came; for the list of its items.</summary>
    public JsonElement? Input { get; init; }

    /// <param name="body">JSON.</param>
    /// <param name="find">What was said until the end of an earlier response; throws where there is none.</param>
    /// <exception cref="ApiException">The body is no valid request; the message says where.</exception>
    public static ResponseRequest Parse(ReadOnlyMemory<byte> body, Func<string, IReadOnlyList<Message>> find) =>
        RequestBody.Parse(body, root => Read(new RequestFields(root), find));

    static ResponseRequest Read(RequestFields root, Func<string, IReadOnlyList<Message>> find)
    {
        var previous = root.String("previous_response_id");
        var instructions = root.String("instructions");
        var before = previous is { Length: > 0 } ? find(previous) : [];
        var messages = ResponseInput.Read(root, before);
        var (declared, hosted, repeated) = Tools(root);
        var tools = declared;
        var choice = Choice(root, ref tools);
        var (format, text) = Text(root);
        if (hosted.Count > 0 && format is not null)
        {
            throw ApiException.Invalid(
                "tools", "The tools of this server do not run where \"text.format\" is asked for; leave out one of the two.");
        }

        var includes = root.Texts("include", MaxIncludes) ?? [];
        if (includes.Find(name => !s_includes.Contains(name)) is { } unknown)
        {
            throw ApiException.Invalid("include", $"The field \"include\" cannot have '{unknown}' here; leave it out.");
        }

        var top = (int)(root.Integer("top_logprobs", 0, MaxScores) ?? 0);
        var reasoning = root.Object("reasoning");
        var effort = reasoning?.Word("effort", "none", "minimal", "low", "medium", "high", "xhigh");
        reasoning?.Accept("summary", "generate_summary", "context");
        reasoning?.RefuseUnknown();
        var metadata = root.Find("metadata") is { } given
            ? given.ValueKind == JsonValueKind.Object ? given.Clone() : throw root.Bad("metadata", "an object")
            : JsonElement.Parse("{}");
        var options = new GenerationOptions
        {
            Temperature = (float?)root.Number("temperature", 0, 2),
            TopP = (float?)root.Number("top_p", 0, 1),
            MaxTokens = (int?)root.Integer("max_output_tokens", 1, int.MaxValue),
            Seed = root.Integer("seed", long.MinValue, long.MaxValue) is { } seed ? unchecked((ulong)seed) : null,
            ResponseFormat = format,
            ReasoningEffort = effort,
            TopLogProbabilities = top > 0 || includes.Contains(WithScores) ? top : null,
        };
        var truncation = root.Word("truncation", "auto", "disabled") ?? "disabled";
        var isParallel = root.Flag("parallel_tool_calls") ?? true;
        var hasNone = choice.Mode == ToolChoiceMode.None;
        var turn = new Turn(new Conversation(
            instructions is { Length: > 0 } ? [Message.System(instructions), .. messages] : messages))
        {
            Model = root.String("model"),
            Tools = hasNone ? [] : tools ?? [],
            ToolChoice = choice,
            HasParallelCalls = isParallel,
            Truncation = truncation == "auto" ? Truncation.Auto : Truncation.Disabled,
            Options = options,
            Priority = ChatRequest.ReadPriority(root),
        };
        var user = ChatRequest.ReadUser(root);
        var request = new ResponseRequest(
            new AnswerRequest(turn)
            {
                UsesServerTools = declared is null && !hasNone && format is null,
                EffortField = "reasoning.effort",
                User = user,
                ContentField = "input",
            },
            root.Flag("stream") ?? false,
            messages,
            new ResponseBody("", 0, "", "in_progress", [])
            {
                Instructions = instructions,
                MaxOutputTokens = options.MaxTokens,
                Metadata = metadata,
                ParallelToolCalls = isParallel,
                PreviousResponseId = previous,
                Reasoning = new ReasoningOptions(effort),
                Store = root.Flag("store") ?? true,
                Temperature = options.Temperature,
                Text = text,
                ToolChoice = root.Find("tool_choice")?.Clone() ?? JsonElement.Parse("\"auto\""),
                Tools = repeated,
                TopP = options.TopP,
                TopLogprobs = top,
                Truncation = truncation,
                User = user,
            })
        {
            Hosted = hosted,
            Before = before,
            Input = root.Find("input")?.Clone(),
        };
        var stream = root.Object("stream_options");
        stream?.AcceptOnly("include_obfuscation", value => value.ValueKind == JsonValueKind.False);
        stream?.RefuseUnknown();
        root.Accept("safety_identifier", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options");
        root.AcceptOnly("background", value => value.ValueKind == JsonValueKind.False);
        root.AcceptOnly("conversation", _ => false);
        root.AcceptOnly("prompt", _ => false);
        root.AcceptOnly("max_tool_calls", _ => false);
        root.AcceptOnly("context_management", _ => false);
        root.RefuseUnknown();
        return request;
    }

    /// <returns>
    /// The caller's functions, null where the server's tools run; what stands for hosted ones; and all as the response says them again.
    /// </returns>
    static (List<ToolDeclaration>? Functions, List<IReadOnlyList<string>> Hosted, List<JsonObject> Repeated) Tools(RequestFields root)
    {
        var (functions, hosted, repeated) = (new List<ToolDeclaration>(), new List<IReadOnlyList<string>>(), new List<JsonObject>());
        if (ToolReader.FindAll(root) is not { } all)
        {
            return (null, hosted, repeated);
        }

        foreach (var (fields, tool) in all)
        {
            if (HostedTools.Read(fields) is { } names)
            {
                hosted.Add(names);
                repeated.Add(HostedTools.Repeat(tool));
            }
            else
            {
                var function = Tool(fields);
                functions.Add(function);
                repeated.Add((JsonObject)JsonSerializer.SerializeToNode(
                    new FunctionTool(function.Name, function.Description, function.Parameters, function.IsStrict),
                    ResponseJson.Default.FunctionTool)!);
            }
        }

        if (hosted.Count > 0 && functions.Count > 0)
        {
            throw ApiException.Invalid(
                "tools", "Functions of yours and tools that run on this server cannot be in one request; leave out one of the two.");
        }

        return (hosted.Count > 0 ? null : ToolReader.Callable(functions), hosted, repeated);
    }

    static ToolDeclaration Tool(RequestFields tool)
    {
        if (tool.String("type") is var type && type != "function")
        {
            throw ApiException.Invalid(
                tool.PathOf("type"),
                $"{tool.PathOf("type")} cannot be '{type}' here: declare a function, ask for web_search or code_interpreter, or leave out "
                + "\"tools\" to use all those of this server.");
        }

        tool.Accept("defer_loading", "allowed_callers");
        return ToolReader.Read(tool, "parameters");
    }

    static ToolChoice Choice(RequestFields root, ref List<ToolDeclaration>? tools)
    {
        var known = tools;
        var choice = root.Find("tool_choice") switch
        {
            null => ToolChoice.Auto,
            { ValueKind: JsonValueKind.String } word => ToolReader.ReadMode(word.GetString()),
            { ValueKind: JsonValueKind.Object } chosen => Chosen(new RequestFields(chosen, "tool_choice"), ref tools),
            _ => throw ToolReader.BadChoice(),
        };
        return choice.Mode != ToolChoiceMode.Required || tools is not { Count: 0 } ? choice : throw ApiException.Invalid(
            "tool_choice", "A call is required, but \"tools\" is empty; declare one, or leave the choice out.");

        ToolChoice Chosen(RequestFields fields, ref List<ToolDeclaration>? left)
        {
            switch (fields.String("type"))
            {
                case "function":
                    var name = Known(fields);
                    fields.RefuseUnknown();
                    return ToolChoice.Required with { Name = name };
                case "allowed_tools":
                    if (fields.Find("tools") is not { ValueKind: JsonValueKind.Array } list)
                    {
                        throw ToolReader.BadChoice();
                    }

                    string[] names = [.. list.EnumerateArray().Select(tool => Known(RequestFields.From(tool, "tool_choice.tools")))];
                    var mode = ToolReader.ReadMode(fields.Word("mode", "auto", "required") ?? "auto");
                    fields.RefuseUnknown();
                    left = known?.FindAll(tool => names.Contains(tool.Name));
                    return mode;
                default:
                    throw ToolReader.BadChoice();
            }
        }

        string Known(RequestFields fields) =>
            fields.String("name") is { } name && known?.Exists(tool => tool.Name == name) == true ? name : throw ToolReader.BadChoice();
    }

    /// <summary>The format of the text, and how the response says it again.</summary>
    static (ResponseFormat? Format, JsonElement Text) Text(RequestFields root)
    {
        var usual = JsonElement.Parse("""{"format": {"type": "text"}}""");
        if (root.Object("text") is not { } text)
        {
            return (null, usual);
        }

        text.AcceptOnly("verbosity", value => value.ValueKind == JsonValueKind.String && value.GetString() == "medium");
        var format = text.Object("format");
        text.RefuseUnknown();
        if (format is null)
        {
            return (null, usual);
        }

        ResponseFormat? read = null;
        switch (format.String("type"))
        {
            case "text":
                break;
            case "json_object":
                read = ResponseFormat.JsonObject;
                break;
            case "json_schema":
                var schema = format.Schema("schema") ?? throw format.Bad("schema", "a JSON schema");

                // What cannot be enforced is refused, strict or not.
                _ = format.Flag("strict");
                _ = format.String("description");
                read = ResponseFormat.JsonSchema(schema, format.String("name") ?? throw format.Bad("name", "text"));
                break;
            default:
                throw format.Bad("type", "text, json_object or json_schema");
        }

        format.RefuseUnknown();
        return (read, root.Find("text")!.Value.Clone());
    }
}
