using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Server.Answers;
using Noos.Server.OpenAi;

namespace Noos.Server.Ollama;

/// <summary>
/// A request to <c>POST /api/chat</c> or <c>/api/generate</c>, checked. Without a "tools" field the server's own tools run; an empty list
/// means no tools at all. Every field is honoured or refused by name.
/// </summary>
/// <param name="Answer">What the model is asked; null where it is only to be loaded.</param>
/// <param name="Model">Its name.</param>
/// <param name="Stream">It is told as it comes, as is usual.</param>
sealed record OllamaRequest(AnswerRequest? Answer, string Model, bool Stream)
{
    const string Think = "think";

    /// <summary>The model is told to think: one that cannot is not asked.</summary>
    public bool MustThink { get; init; }

    const int MaxScores = 20;

    // How the model is loaded and where, which whoever started the server has decided; and what is usual in the samplers of llama.cpp.
    static readonly string[] s_loading =
    [
        "num_ctx", "num_batch", "num_gpu", "num_gqa", "main_gpu", "num_thread", "num_keep", "low_vram", "f16_kv", "logits_all",
        "vocab_only", "use_mmap", "use_mlock", "numa", "embedding_only", "rope_frequency_base", "rope_frequency_scale", "draft_num_predict",
        "penalize_newline", "mirostat_eta", "mirostat_tau",
    ];

    /// <exception cref="ApiException">The body is no valid request; the message says where.</exception>
    public static OllamaRequest ParseChat(ReadOnlyMemory<byte> body) => RequestBody.Parse(body, element =>
    {
        var root = new RequestFields(element);
        var tools = ChatTools.Read(root);
        var conversation = root.Find("messages") is null ? null : OllamaMessages.Read(root);
        conversation = conversation is { Messages.Count: > 0 } ? conversation : null;
        return Finish(root, conversation, turn => new AnswerRequest(turn with { Tools = tools ?? [] })
        {
            UsesServerTools = tools is null && turn.Options.ResponseFormat is null,
            NeedsModel = true,
        });
    });

    /// <inheritdoc cref="ParseChat"/>
    public static OllamaRequest ParseGenerate(ReadOnlyMemory<byte> body) => RequestBody.Parse(body, element =>
    {
        var root = new RequestFields(element);
        var prompt = root.String("prompt") ?? "";
        var system = root.String("system");
        var isRaw = root.Flag("raw") ?? false;
        List<Part> parts = [new TextPart(prompt), .. OllamaMessages.Images(root)];
        root.AcceptOnly("suffix", IsNothing);
        root.AcceptOnly("template", IsNothing);
        root.AcceptOnly("context", value => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);
        var conversation = prompt.Length == 0 && parts.Count == 1
            ? null
            : Conversation.From(
                system is { Length: > 0 } && !isRaw
                    ? [Message.System(system), new Message(Role.User, parts)]
                    : [new Message(Role.User, parts)]);
        return Finish(root, conversation, turn => new AnswerRequest(turn)
        {
            Prompts = isRaw ? [new RawPrompt(prompt)] : null,
            UsesServerTools = !isRaw && turn.Options.ResponseFormat is null,
            ContentField = "images",
            NeedsModel = true,
        });
    });

    /// <summary>The name of a model as Ollama writes it: ":latest" says nothing.</summary>
    public static string NameOf(RequestFields root)
    {
        // "name" is the older name of the field.
        var name = root.String("model") ?? root.String("name");

        // OllamaSharp sends what it puts into the headers in the body, too.
        root.Accept("name", "CustomHeaders");
        return name is { Length: > 0 }
            ? name.EndsWith(":latest", StringComparison.OrdinalIgnoreCase) ? name[..^":latest".Length] : name
            : throw ApiException.Invalid("model", "The field \"model\" is missing.");
    }

    static OllamaRequest Finish(RequestFields root, Conversation? conversation, Func<Turn, AnswerRequest> toAnswer)
    {
        var model = NameOf(root);
        var options = Options(root);
        var truncates = root.Flag("truncate") ?? true;
        var stream = root.Flag("stream") ?? true;
        root.Accept("keep_alive", "shift", "width", "height", "steps");
        root.AcceptOnly("_debug_render_only", value => value.ValueKind == JsonValueKind.False);
        root.RefuseUnknown();
        var answer = conversation is null ? null : toAnswer(new Turn(conversation)
        {
            Model = model,
            Options = options,
            Truncation = truncates ? Truncation.Auto : Truncation.Disabled,
        });
        return new OllamaRequest(
            answer is not null && root.Find(Think) is not null ? answer with { EffortField = Think } : answer, model, stream)
        {
            MustThink = root.Find(Think) is { ValueKind: not JsonValueKind.False },
        };
    }

    static GenerationOptions Options(RequestFields root)
    {
        var options = GenerationOptions.Default;
        if (root.Object("options") is { } fields)
        {
            fields.Accept(s_loading);
            fields.AcceptOnly("mirostat", value => value.ValueKind == JsonValueKind.Number && value.GetDouble() == 0);
            fields.AcceptOnly("tfs_z", value => value.ValueKind == JsonValueKind.Number && value.GetDouble() == 1);
            var predict = fields.Integer("num_predict", -2, int.MaxValue);
            options = ChatRequest.Options(fields);

            // -1 and -2 stand for no limit, and 0 for what is usual.
            options = options with
            {
                MaxTokens = predict switch { null or 0 => options.MaxTokens, < 0 => int.MaxValue, _ => (int)predict },
            };
            fields.RefuseUnknown();
        }

        var scores = (int)(root.Integer("top_logprobs", 0, MaxScores) ?? 0);
        return options with
        {
            ResponseFormat = Format(root) ?? options.ResponseFormat,
            ReasoningEffort = Effort(root) ?? options.ReasoningEffort,
            TopLogProbabilities = root.Flag("logprobs") == true ? scores : options.TopLogProbabilities,
        };
    }

    static ResponseFormat? Format(RequestFields root) => root.Find("format") switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } word when word.GetString() is "" => null,
        { ValueKind: JsonValueKind.String } word when word.GetString() is "json" => ResponseFormat.JsonObject,
        { ValueKind: JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False } schema =>
            ResponseFormat.JsonSchema(schema.Clone()),
        _ => throw root.Bad("format", "\"json\" or a JSON schema"),
    };

    /// <summary>A model that thinks does so unless it is told not to; one that does not cannot be told to.</summary>
    static string? Effort(RequestFields root) => root.Find(Think) switch
    {
        null or { ValueKind: JsonValueKind.True } => null,
        { ValueKind: JsonValueKind.False } => "none",
        { ValueKind: JsonValueKind.String } => root.Word(Think, "low", "medium", "high"),
        _ => throw root.Bad(Think, "true, false, low, medium or high"),
    };

    static bool IsNothing(JsonElement value) => value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0;
}
