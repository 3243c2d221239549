using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Inference;
using Noos.Inference.Adapters;
using Noos.Inference.Constraints;
using Noos.Inference.Generation;
using Noos.Inference.Sampling;
using Noos.Inference.ToolCalls;
using Noos.Kernel;
using Noos.Kernel.Memory;
using Noos.Language.Tokenization;
using FinishReason = Noos.Inference.Generation.FinishReason;

namespace Noos.Cpus.Local;

/// <summary>
/// The CPU: a local GGUF model as a chat client. It keeps a few contexts, so a question that continues an earlier conversation costs
/// only what is new. Thread-safe: questions that come at the same time are answered together, up to <see cref="MaxConcurrency"/>; more wait
/// in a queue. A history longer than the context loses its oldest turns (see <see cref="HistoryWindow"/>). Tool calls are always
/// well-formed, and so is JSON where it is asked for: schemas constrain what can be generated.
/// </summary>
public sealed class LocalChatClient : IChatClient
{
    /// <summary>Most questions answered at the same time.</summary>
    public const int MaxConcurrency = 8;

    /// <summary>Longer conversations than this lose their oldest turns even where the model could hold more: keys and values take memory.</summary>
    const int MostTokens = 16_384;

    /// <summary>At least this part of the context stays free for the answer when it may be as long.</summary>
    const int AnswerShare = 4;

    readonly LanguageModel _model;
    readonly SamplingOptions _defaults;
    readonly IChatFormat _format;
    readonly ToolCallNotation? _notation;
    readonly IReadOnlyList<AdapterScale> _adapters;
    readonly List<Slot> _free = [];
    readonly SemaphoreSlim _slots = new(MaxConcurrency, MaxConcurrency);
    readonly ChatClientMetadata _metadata;
    bool _disposed;

    /// <param name="model">Owned from now on: disposed with the client.</param>
    /// <param name="defaults">Used for whatever a request leaves open; null for what the model's makers advise.</param>
    /// <param name="adapters">Adapters of the model, with the scales for requests that name none.</param>
    public LocalChatClient(LanguageModel model, SamplingOptions? defaults = null, IReadOnlyList<AdapterScale>? adapters = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _defaults = defaults ?? model.AdvisedSampling;
        _adapters = adapters ?? [];
        _format = model.ChatFormat;
        _notation = ToolCallNotations.Find(_format) is { } notation && notation.IsIn(model.Tokenizer) ? notation : null;
        _metadata = new ChatClientMetadata("noos", defaultModelId: model.Name);
    }

    /// <summary>The adapters that requests can choose by their place here.</summary>
    public IReadOnlyList<AdapterScale> Adapters => _adapters;

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var conversation = WithInstructions(messages.ToConversation(), options);
        await _slots.WaitAsync(cancellationToken);
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
            _slots.Release();
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

    /// <summary>Waits for the answers under way, then frees the model.</summary>
    public void Dispose()
    {
        for (var i = 0; i < MaxConcurrency; i++)
        {
            _slots.Wait();
        }

        if (!_disposed)
        {
            _disposed = true;
            _free.ForEach(slot => slot.Context.Dispose());
            _model.Dispose();
        }

        _slots.Release(MaxConcurrency);
    }

    /// <summary>Generates one answer into the channel; a failure completes the channel with it.</summary>
    void Answer(Conversation conversation, ChatOptions options, ChannelWriter<ChatResponseUpdate> updates, CancellationToken cancellationToken)
    {
        Slot? slot = null;
        try
        {
            var mayCall = MayCall(options);
            ToolDefinition[] tools = mayCall ? [.. Declared(options).Select(tool => new ToolDefinition(tool.Name, tool.Description, tool.JsonSchema))] : [];
            var maxTokens = options.MaxOutputTokens ?? _defaults.MaxTokens;
            var capacity = Math.Min(_model.Config.ContextLength, MostTokens);
            var prompt = HistoryWindow.Fit(conversation, fitting => _format.RenderPrompt(fitting, tools), capacity - Math.Min(maxTokens, capacity / AnswerShare));
            slot = TakeSlot(prompt, capacity, ChooseAdapters(options));
            var constraint = Constrain(options, slot, mayCall);
            var earlierCalls = conversation.Messages.SelectMany(message => message.Parts).Count(part => part is ToolCallPart);
            var parser = new AnswerParser(_model.Tokenizer, CreateReader(options, mayCall, prompt), options.StopSequences, earlierCalls);
            var generator = new Generator();
            foreach (var token in generator.Generate(slot.Context, prompt, Sampling(options, maxTokens), constraint, cancellationToken))
            {
                Write(updates, parser.Push(token, generator.Scores));
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
        finally
        {
            if (slot is not null)
            {
                lock (_free)
                {
                    _free.Add(slot);
                }
            }
        }
    }

    /// <summary>The adapters that the request asks for, else the usual ones.</summary>
    IReadOnlyList<AdapterScale> ChooseAdapters(ChatOptions options)
    {
        if (LocalGenerationOptions.Of(options).AdapterScales is not { } scales)
        {
            return [.. _adapters.Where(adapter => adapter.Scale != 0)];
        }

        if (scales.Keys.FirstOrDefault(id => id < 0 || id >= _adapters.Count, -1) is var stranger && scales.ContainsKey(stranger))
        {
            throw new NoosException(_adapters.Count == 0
                ? $"There is no adapter {stranger}, because none was loaded; give --lora when starting."
                : $"There is no adapter {stranger}; those loaded have the numbers 0 to {_adapters.Count - 1}.");
        }

        return [.. _adapters.Select((adapter, id) => adapter with { Scale = scales.GetValueOrDefault(id) }).Where(adapter => adapter.Scale != 0)];
    }

    AnswerReader CreateReader(ChatOptions options, bool mayCall, int[] prompt)
    {
        const int EndLength = 12;
        var promptEnd = Encoding.UTF8.GetString(_model.Tokenizer.Decode(prompt.AsSpan(Math.Max(0, prompt.Length - EndLength))));
        return _notation?.CreateReader(_model.Tokenizer, mayCall ? Signatures(options) : [], promptEnd)
            ?? ToolCallNotations.CreatePlainReader(_model.Tokenizer, promptEnd);
    }

    /// <summary>A free context: the one that has read most of the prompt, with the same adapters.</summary>
    Slot TakeSlot(int[] prompt, int capacity, IReadOnlyList<AdapterScale> adapters)
    {
        lock (_free)
        {
            // An empty context serves a new conversation as well as one that would have to forget everything.
            var best = _free.Where(slot => slot.Context.Adapters.SequenceEqual(adapters)).MaxBy(slot => slot.Context.Tokens.CommonPrefixLength(prompt));
            if (best is not null && (best.Context.Tokens.CommonPrefixLength(prompt) > 1 || _free.Count > MaxConcurrency / 2))
            {
                _free.Remove(best);
                return best;
            }

            if (_free.Count >= MaxConcurrency)
            {
                // The longest unused, all read with other adapters.
                _free[0].Context.Dispose();
                _free.RemoveAt(0);
            }
        }

        return new Slot(_model.CreateContext(capacity, adapters));
    }

    static void Write(ChannelWriter<ChatResponseUpdate> updates, IReadOnlyList<AIContent> contents)
    {
        foreach (var content in contents)
        {
            updates.TryWrite(new ChatResponseUpdate(ChatRole.Assistant, [content]));
        }
    }

    /// <summary>A model without tokens for calls makes none, and is told of no tools.</summary>
    bool MayCall(ChatOptions options) => options.ToolMode is not NoneChatToolMode && options.ResponseFormat is not ChatResponseFormatJson
        && (_notation is not null || options.ToolMode is RequiredChatToolMode) && Declared(options).Any();

    ITokenConstraint? Constrain(ChatOptions options, Slot slot, bool mayCall)
    {
        if (options.ResponseFormat is ChatResponseFormatJson format)
        {
            return new GrammarConstraint(slot.Grammar(_model.Tokenizer, format.Schema));
        }

        if (_notation is null && !mayCall)
        {
            return null;
        }

        var tools = Signatures(options);
        var choice = !mayCall ? ToolChoice.None : options.ToolMode is RequiredChatToolMode ? ToolChoice.Required : ToolChoice.Auto;
        return new ToolCallConstraint(slot.Grammar(_model.Tokenizer, tools, _notation), choice);
    }

    static ToolSignature[] Signatures(ChatOptions options) => [.. Declared(options).Select(tool => new ToolSignature(tool.Name, tool.JsonSchema))];

    static IEnumerable<AIFunctionDeclaration> Declared(ChatOptions options)
    {
        var declared = options.Tools?.OfType<AIFunctionDeclaration>() ?? [];
        return options.ToolMode is RequiredChatToolMode { RequiredFunctionName: { } name } ? declared.Where(tool => tool.Name == name) : declared;
    }

    SamplingOptions Sampling(ChatOptions options, int maxTokens)
    {
        var details = LocalGenerationOptions.Of(options);
        return _defaults with
        {
            Temperature = options.Temperature ?? _defaults.Temperature,
            TopK = options.TopK ?? _defaults.TopK,
            TopP = options.TopP ?? _defaults.TopP,
            MinP = details.MinP ?? _defaults.MinP,
            TopNSigma = details.TopNSigma ?? _defaults.TopNSigma,
            TypicalP = details.TypicalP ?? _defaults.TypicalP,
            XtcProbability = details.XtcProbability ?? _defaults.XtcProbability,
            XtcThreshold = details.XtcThreshold ?? _defaults.XtcThreshold,
            SequencePenalty = details.SequencePenalty ?? _defaults.SequencePenalty,
            Seed = options.Seed is { } seed ? unchecked((ulong)seed) : _defaults.Seed,
            FrequencyPenalty = options.FrequencyPenalty ?? _defaults.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty ?? _defaults.PresencePenalty,
            RepetitionPenalty = details.RepetitionPenalty ?? _defaults.RepetitionPenalty,
            RepetitionWindow = details.RepetitionWindow ?? _defaults.RepetitionWindow,
            LogitBias = details.LogitBias ?? _defaults.LogitBias,
            TopLogProbabilities = details.TopLogProbabilities ?? _defaults.TopLogProbabilities,
            MaxTokens = maxTokens,
        };
    }

    static ChatFinishReason ToFinishReason(FinishReason reason, bool hasCalled) =>
        reason is FinishReason.MaxTokens or FinishReason.ContextFull ? ChatFinishReason.Length
        : hasCalled ? ChatFinishReason.ToolCalls
        : ChatFinishReason.Stop;

    static Conversation WithInstructions(Conversation conversation, ChatOptions? options) =>
        string.IsNullOrEmpty(options?.Instructions) ? conversation : new([Message.System(options.Instructions), .. conversation.Messages]);

    /// <summary>A context, and the grammars of its last questions: most questions come with the same tools or schema.</summary>
    sealed class Slot(InferenceContext context)
    {
        (ToolSignature[] Tools, ToolCallGrammar Grammar)? _grammar;

        (JsonElement Schema, TextGrammar Grammar)? _jsonGrammar;

        public InferenceContext Context => context;

        /// <summary>The values of a schema, or all objects.</summary>
        public TextGrammar Grammar(Tokenizer tokenizer, JsonElement? schema)
        {
            var wanted = schema ?? JsonElement.Parse("""{"type":"object"}""");
            if (_jsonGrammar is not { } known || !JsonElement.DeepEquals(known.Schema, wanted))
            {
                _jsonGrammar = known = (wanted, TextGrammar.FromJsonSchema(tokenizer, wanted));
            }

            return known.Grammar;
        }

        public ToolCallGrammar Grammar(Tokenizer tokenizer, ToolSignature[] tools, ToolCallNotation? notation)
        {
            if (_grammar is not { } known || !known.Tools.AsSpan().SequenceEqual(tools, SameTool.Instance))
            {
                _grammar = known = (tools, new ToolCallGrammar(tokenizer, tools, notation));
            }

            return known.Grammar;
        }
    }

    sealed class SameTool : IEqualityComparer<ToolSignature>
    {
        public static SameTool Instance { get; } = new();

        public bool Equals(ToolSignature? x, ToolSignature? y) =>
            x!.Name == y!.Name && JsonElement.DeepEquals(x.Schema, y.Schema);

        public int GetHashCode(ToolSignature obj) => obj.Name.GetHashCode(StringComparison.Ordinal);
    }
}
