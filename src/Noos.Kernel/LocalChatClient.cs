using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.AI;
using Noos.Inference;
using Noos.Language.Conversations;
using Noos.Language.Tokenization;
using FinishReason = Noos.Inference.FinishReason;

namespace Noos.Kernel;

/// <summary>
/// The CPU: a local GGUF model as a chat client. It keeps one context, so a question that continues the last conversation costs only
/// what is new. Thread-safe: questions wait for each other in a queue. A history longer than the context loses its oldest turns
/// (see <see cref="HistoryWindow"/>). Tool calls are always well-formed, and so is JSON where it is asked for: schemas constrain what can be
/// generated.
/// </summary>
public sealed class LocalChatClient : IChatClient
{
    /// <summary>At least this part of the context stays free for the answer when it may be as long.</summary>
    const int AnswerShare = 4;

    readonly LanguageModel _model;
    readonly SamplingOptions _defaults;
    readonly IChatFormat _format;
    readonly InferenceContext _context;
    readonly SemaphoreSlim _turn = new(1, 1);
    readonly ChatClientMetadata _metadata;
    (ToolSignature[] Tools, ToolCallGrammar Grammar)? _grammar;
    (JsonElement Schema, TextGrammar Grammar)? _jsonGrammar;
    bool _disposed;

    /// <param name="model">Owned from now on: disposed with the client.</param>
    /// <param name="defaults">Used for whatever a request leaves open.</param>
    public LocalChatClient(LanguageModel model, SamplingOptions? defaults = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _defaults = defaults ?? new SamplingOptions();
        _format = model.ChatFormat;
        _context = model.CreateContext();
        _metadata = new ChatClientMetadata("noos", defaultModelId: model.Name);
    }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var conversation = WithInstructions(messages.ToConversation(), options);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var updates = Channel.CreateUnbounded<ChatResponseUpdate>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
            var responseId = Guid.NewGuid().ToString("N");

            // The model works on a thread of its own and never waits for whoever reads.
            var work = Task.Run(() => Answer(conversation, options ?? new ChatOptions(), updates.Writer, stop.Token), CancellationToken.None);
            try
            {
                await foreach (var update in updates.Reader.ReadAllAsync(cancellationToken))
                {
                    update.ResponseId = update.MessageId = responseId;
                    update.ModelId = _model.Name;
                    yield return update;
                }
            }
            finally
            {
                await stop.CancelAsync();
                await work;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType == typeof(LanguageModel) ? _model
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Waits for the answer under way, then frees the model.</summary>
    public void Dispose()
    {
        _turn.Wait();
        if (!_disposed)
        {
            _disposed = true;
            _context.Dispose();
            _model.Dispose();
        }

        _turn.Release();
    }

    /// <summary>Generates one answer into the channel; a failure completes the channel with it.</summary>
    void Answer(Conversation conversation, ChatOptions options, ChannelWriter<ChatResponseUpdate> updates, CancellationToken cancellationToken)
    {
        try
        {
            var (constraint, mayCall) = Constrain(options);
            ToolDefinition[] tools = mayCall ? [.. Declared(options).Select(tool => new ToolDefinition(tool.Name, tool.Description, tool.JsonSchema))] : [];
            var maxTokens = options.MaxOutputTokens ?? _defaults.MaxTokens;
            var prompt = HistoryWindow.Fit(conversation, fitting => _format.RenderPrompt(fitting, tools), _context.Capacity - Math.Min(maxTokens, _context.Capacity / AnswerShare));
            var earlierCalls = conversation.Messages.SelectMany(message => message.Parts).Count(part => part is ToolCallPart);
            var parser = new AnswerParser(_model.Tokenizer, _format, options.StopSequences, earlierCalls);
            var generator = new Generator();
            foreach (var token in generator.Generate(_context, prompt, Sampling(options, maxTokens), constraint, cancellationToken))
            {
                Write(updates, parser.Push(token));
                if (parser.IsStopped)
                {
                    break;
                }
            }

            Write(updates, parser.Flush());
            updates.TryWrite(new ChatResponseUpdate(ChatRole.Assistant,
            [
                new UsageContent(new UsageDetails
                {
                    InputTokenCount = prompt.Length,
                    CachedInputTokenCount = generator.ReusedTokens,
                    OutputTokenCount = generator.GeneratedTokens,
                    TotalTokenCount = prompt.Length + generator.GeneratedTokens,
                }),
            ])
            { FinishReason = ToFinishReason(generator.FinishReason, mayCall && parser.CallCount > 0) });
            updates.TryComplete();
        }
#pragma warning disable CA1031 // Handed to the reader of the channel, whatever it is.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            updates.TryComplete(exception);
        }
    }

    static void Write(ChannelWriter<ChatResponseUpdate> updates, AIContent? content)
    {
        if (content is not null)
        {
            updates.TryWrite(new ChatResponseUpdate(ChatRole.Assistant, [content]));
        }
    }

    (ITokenConstraint? Constraint, bool MayCall) Constrain(ChatOptions options)
    {
        if (options.ResponseFormat is ChatResponseFormatJson format)
        {
            return (new GrammarConstraint(JsonGrammar(format.Schema)), false);
        }

        var choice = options.ToolMode switch
        {
            NoneChatToolMode => ToolChoice.None,
            RequiredChatToolMode => ToolChoice.Required,
            _ => ToolChoice.Auto,
        };
        var tools = Declared(options).Select(tool => new ToolSignature(tool.Name, tool.JsonSchema)).ToArray();
        if (choice != ToolChoice.Required && !_model.Tokenizer.TryGetSpecial(SpecialTokens.ToolCallStart, out _))
        {
            // A model without tokens for calls makes none, so it is told of no tools and needs no constraint.
            return (null, false);
        }

        choice = tools.Length == 0 ? ToolChoice.None : choice;

        return (new ToolCallConstraint(Grammar(tools), choice), choice != ToolChoice.None);
    }

    /// <summary>The grammar of a schema, or of any object; kept, since an application mostly asks for the same.</summary>
    TextGrammar JsonGrammar(JsonElement? schema)
    {
        var wanted = schema ?? JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["type"] = "object" });
        if (_jsonGrammar is not { } known || !JsonElement.DeepEquals(known.Schema, wanted))
        {
            _jsonGrammar = known = (wanted, TextGrammar.OfJsonSchema(_model.Tokenizer, wanted));
        }

        return known.Grammar;
    }

    static IEnumerable<AIFunctionDeclaration> Declared(ChatOptions options)
    {
        var declared = options.Tools?.OfType<AIFunctionDeclaration>() ?? [];
        return options.ToolMode is RequiredChatToolMode { RequiredFunctionName: { } name } ? declared.Where(tool => tool.Name == name) : declared;
    }

    /// <summary>The grammar of the tools; kept, since most questions come with the same tools.</summary>
    ToolCallGrammar Grammar(ToolSignature[] tools)
    {
        if (_grammar is not { } known || !known.Tools.AsSpan().SequenceEqual(tools, SameTool.Instance))
        {
            _grammar = known = (tools, new ToolCallGrammar(_model.Tokenizer, tools));
        }

        return known.Grammar;
    }

    SamplingOptions Sampling(ChatOptions options, int maxTokens) => _defaults with
    {
        Temperature = options.Temperature ?? _defaults.Temperature,
        TopK = options.TopK ?? _defaults.TopK,
        TopP = options.TopP ?? _defaults.TopP,
        Seed = options.Seed is { } seed ? unchecked((ulong)seed) : _defaults.Seed,
        MaxTokens = maxTokens,
    };

    static ChatFinishReason ToFinishReason(FinishReason reason, bool hasCalled) =>
        reason is FinishReason.MaxTokens or FinishReason.ContextFull ? ChatFinishReason.Length
        : hasCalled ? ChatFinishReason.ToolCalls
        : ChatFinishReason.Stop;

    static Conversation WithInstructions(Conversation conversation, ChatOptions? options) =>
        string.IsNullOrEmpty(options?.Instructions) ? conversation : new([Message.System(options.Instructions), .. conversation.Messages]);

    sealed class SameTool : IEqualityComparer<ToolSignature>
    {
        public static SameTool Instance { get; } = new();

        public bool Equals(ToolSignature? x, ToolSignature? y) =>
            x!.Name == y!.Name && JsonElement.DeepEquals(x.Schema, y.Schema);

        public int GetHashCode(ToolSignature obj) => obj.Name.GetHashCode(StringComparison.Ordinal);
    }
}
