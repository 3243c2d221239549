using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Server.Answers;
using Noos.Server.OpenAi;

namespace Noos.Server.Completions;

/// <summary>A request to <c>POST /v1/completions</c>, checked: texts that the model goes on with as they stand.</summary>
/// <param name="Answer">What the model is asked.</param>
/// <param name="Stream">It is told as it comes.</param>
/// <param name="IncludeUsage">The stream ends with what the answers cost.</param>
sealed record TextRequest(AnswerRequest Answer, bool Stream, bool IncludeUsage)
{
    const int MaxAnswers = ChatRequest.MaxCount;
    const int MaxScores = 20;
    const int UsualTokens = 16;

    /// <summary>Each answer begins with its prompt.</summary>
    public bool Echo { get; init; }

    /// <exception cref="ApiException">The body is no valid request; the message says where.</exception>
    public static TextRequest Parse(ReadOnlyMemory<byte> body) => RequestBody.Parse(body, Read);

    static TextRequest Read(JsonElement body)
    {
        var root = new RequestFields(body);
        var prompts = Prompts(root.Find("prompt") ?? throw ApiException.Invalid("prompt", "The field \"prompt\" is missing."));
        var count = (int)(root.Integer("n", 1, MaxAnswers) ?? 1);
        if (prompts.Count * count > MaxAnswers)
        {
            throw ApiException.Invalid("n", $"A request may have {MaxAnswers} answers; ask for fewer prompts, or a smaller \"n\".");
        }

        var scores = (int?)root.Integer("logprobs", 0, MaxScores);
        var echo = root.Flag("echo") ?? false;
        if (echo && (scores is not null || prompts.Any(prompt => prompt.Text is null)))
        {
            throw ApiException.Invalid(
                "echo", "The prompt can be echoed where it is text and no \"logprobs\" are asked for; leave out \"echo\".");
        }

        var options = ChatRequest.Options(root, hasScores: false);
        if (options.TemplateVariables is not null || options.ReasoningEffort is not null)
        {
            throw ApiException.Invalid(
                options.ReasoningEffort is null ? "chat_template_kwargs" : "reasoning_effort",
                "A text that is continued has no chat template; leave this out, or use /v1/chat/completions.");
        }

        var stream = root.Object("stream_options");
        var includesUsage = stream?.Flag("include_usage") ?? false;
        stream?.AcceptOnly("include_obfuscation", value => value.ValueKind == JsonValueKind.False);
        stream?.RefuseUnknown();
        root.AcceptOnly("suffix", value => value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0);
        root.AcceptOnly("best_of", value => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var best) && best == count);
        var request = new TextRequest(
            new AnswerRequest(new Turn(Conversation.From(Message.User(prompts[0].Text ?? "(tokens)")))
            {
                Model = root.String("model"),
                Options = options with { TopLogProbabilities = scores, MaxTokens = options.MaxTokens ?? UsualTokens },
                Priority = ChatRequest.ReadPriority(root),
            })
            {
                Prompts = prompts,
                Count = count,
                User = ChatRequest.ReadUser(root),
                ContentField = "prompt",
            },
            root.Flag("stream") ?? false,
            includesUsage)
        {
            Echo = echo,
        };
        root.Accept("metadata", "cache_prompt", "safety_identifier");
        root.RefuseUnknown();
        return request;
    }

    static List<RawPrompt> Prompts(JsonElement prompt)
    {
        return prompt.ValueKind switch
        {
            JsonValueKind.String => [new RawPrompt(prompt.GetString())],
            JsonValueKind.Array when prompt.GetArrayLength() == 0 => throw Bad(),
            JsonValueKind.Array when prompt[0].ValueKind == JsonValueKind.Number => [Tokens(prompt)],
            JsonValueKind.Array when prompt.GetArrayLength() <= MaxAnswers =>
            [
                .. prompt.EnumerateArray().Select(item => item.ValueKind switch
                {
                    JsonValueKind.String => new RawPrompt(item.GetString()),
                    JsonValueKind.Array when item.GetArrayLength() > 0 => Tokens(item),
                    _ => throw Bad(),
                }),
            ],
            _ => throw Bad(),
        };

        static RawPrompt Tokens(JsonElement list) => new(null,
        [
            .. list.EnumerateArray()
                .Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var token) ? token : throw Bad()),
        ]);

        static ApiException Bad() => ApiException.Invalid(
            "prompt",
            $"The field \"prompt\" must be a text, a list of tokens, or a list of at most {MaxAnswers} such texts or lists.");
    }
}
