using System.Text.Json;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Server.Answers;
using Noos.Server.OpenAi;

namespace Noos.Server.Anthropic;

/// <summary>
/// A request to <c>POST /v1/messages</c>, checked. Without a "tools" field the server's own tools run; an empty list means no tools at all.
/// Every field is honoured or refused by name.
/// </summary>
/// <param name="Answer">What the model is asked.</param>
/// <param name="Stream">It is told as it comes.</param>
sealed record MessagesRequest(AnswerRequest Answer, bool Stream)
{
    const int MaxStops = 64;

    /// <param name="body">JSON.</param>
    /// <param name="isCount">Only the tokens are to be counted: there need be no limit of the answer.</param>
    /// <exception cref="ApiException">The body is no valid request; the message says where.</exception>
    public static MessagesRequest Parse(ReadOnlyMemory<byte> body, bool isCount = false) =>
        RequestBody.Parse(body, root => Read(new RequestFields(root), isCount));

    static MessagesRequest Read(RequestFields root, bool isCount)
    {
        var max = root.Integer("max_tokens", 1, int.MaxValue);
        if (max is null && !isCount)
        {
            throw ApiException.Invalid("max_tokens", "The field \"max_tokens\" is missing.");
        }

        var tools = Tools(root);
        var (choice, isParallel) = Choice(root, tools);
        var format = Format(root);
        var metadata = root.Object("metadata");
        var user = metadata?.String("user_id");
        metadata?.RefuseUnknown();
        var turn = new Turn(MessagesReader.Read(root))
        {
            Model = root.String("model") ?? throw ApiException.Invalid("model", "The field \"model\" is missing."),
            Tools = choice.Mode == ToolChoiceMode.None ? [] : tools ?? [],
            ToolChoice = choice,
            HasParallelCalls = isParallel,
            Truncation = Truncation.Disabled,
            Options = new GenerationOptions
            {
                MaxTokens = (int?)max,
                Temperature = (float?)root.Number("temperature", 0, 2),
                TopK = (int?)root.Integer("top_k", 0, int.MaxValue),
                TopP = (float?)root.Number("top_p", 0, 1),
                StopSequences = root.Stops("stop_sequences", MaxStops),
                ResponseFormat = format,
                ReasoningEffort = Effort(root),
            },
            Priority = ProcessPriority.Interactive,
        };
        var request = new MessagesRequest(
            new AnswerRequest(turn)
            {
                EffortField = "output_config.effort",
                UsesServerTools = tools is null && choice.Mode != ToolChoiceMode.None && format is null,
                User = user is { Length: > 0 } ? user : null,
            },
            root.Flag("stream") ?? false);
        _ = root.Word("service_tier", "auto", "standard_only");

        // What is kept for later and where is not the client's to choose here.
        root.Accept("cache_control", "context_management", "betas", "inference_geo", "speed");
        root.AcceptOnly("container", _ => false);
        root.AcceptOnly("mcp_servers", value => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);
        root.RefuseUnknown();
        return request;
    }

    static List<ToolDeclaration>? Tools(RequestFields root) =>
        ToolReader.FindAll(root) is { } tools ? ToolReader.Callable(tools.Select(tool => Tool(tool.Fields))) : null;

    static ToolDeclaration Tool(RequestFields tool)
    {
        var type = tool.String("type");
        if (type is not (null or "custom"))
        {
            throw ApiException.Invalid(
                tool.PathOf("type"),
                $"{tool.PathOf("type")} cannot be '{type}' here: declare a tool of your own, or leave out \"tools\" to use those of this "
                + "server.");
        }

        tool.Accept("cache_control", "defer_loading", "input_examples", "allowed_callers", "eager_input_streaming");
        return ToolReader.Read(tool, "input_schema");
    }

    static (ToolChoice Choice, bool IsParallel) Choice(RequestFields root, List<ToolDeclaration>? tools)
    {
        if (root.Object("tool_choice") is not { } fields)
        {
            return (ToolChoice.Auto, true);
        }

        var name = fields.String("name");
        var choice = fields.String("type") switch
        {
            "auto" => ToolChoice.Auto,
            "none" => ToolChoice.None,
            "any" when tools is { Count: > 0 } => ToolChoice.Required,
            "tool" when tools?.Exists(tool => tool.Name == name) == true => ToolChoice.Required with { Name = name },
            _ => throw ApiException.Invalid(
                "tool_choice", "The field \"tool_choice\" must have the type auto, any, none, or tool with the name of one of \"tools\"."),
        };
        var isParallel = !(fields.Flag("disable_parallel_tool_use") ?? false);
        fields.RefuseUnknown();
        return (choice, isParallel);
    }

    /// <summary>Whether a model that thinks is to think; how long is its own choice.</summary>
    static string? Effort(RequestFields root)
    {
        var effort = root.Object("output_config") is { } config ? config.Word("effort", "low", "medium", "high", "xhigh", "max") : null;
        if (root.Object("thinking") is not { } thinking)
        {
            return effort == "max" ? "xhigh" : effort;
        }

        var type = thinking.Word("type", "enabled", "disabled", "adaptive") ?? throw thinking.Bad("type", "enabled, disabled or adaptive");
        _ = thinking.Integer("budget_tokens", 1, int.MaxValue);
        _ = thinking.Word("display", "summarized", "omitted");
        thinking.RefuseUnknown();
        return type == "disabled" ? "none" : effort == "max" ? "xhigh" : effort;
    }

    static ResponseFormat? Format(RequestFields root)
    {
        var config = root.Object("output_config");
        var format = root.Object("output_format") ?? config?.Object("format");
        ResponseFormat? read = null;
        if (format is not null)
        {
            _ = format.Word("type", "json_schema") ?? throw format.Bad("type", "json_schema");
            read = ResponseFormat.JsonSchema(format.Schema("schema") ?? throw format.Bad("schema", "a JSON schema"));
            format.RefuseUnknown();
        }

        config?.Accept("effort");
        config?.RefuseUnknown();
        return read;
    }
}
