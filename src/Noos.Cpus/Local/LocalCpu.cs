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
using Noos.Kernel.Cpu;
using Noos.Kernel.Memory;
using Noos.Language.Tokenization;
using FinishReason = Noos.Inference.Generation.FinishReason;
using EngineToolChoice = Noos.Inference.ToolCalls.ToolChoice;

namespace Noos.Cpus.Local;

/// <summary>
/// A GGUF model that runs on this computer. It keeps a few contexts, so a question that continues an earlier conversation costs only what
/// is new. Thread-safe: questions that come at the same time are answered together, up to <see cref="MaxConcurrency"/>; more wait in a
/// queue. A history longer than the context loses its oldest turns (see <see cref="HistoryWindow"/>). Tool calls are always well-formed,
/// and so is JSON or what a grammar describes where it is asked for: schemas and grammars constrain what can be generated.
/// </summary>
public sealed class LocalCpu : ICpu
{
    /// <summary>Most questions answered at the same time.</summary>
    public const int MaxConcurrency = 8;

    /// <summary>
    /// Longer conversations than this lose their oldest turns even where the model could hold more: keys and values take memory.
    /// </summary>
    const int MaxContextTokens = 16_384;

    /// <summary>At least this part of the context stays free for the answer when it may be as long.</summary>
    const int AnswerShare = 4;

    readonly LanguageModel _model;
    readonly GenerationOptions _defaults;
    readonly SamplingOptions _advised;
    readonly IChatFormat _format;
    readonly ToolCallNotation? _notation;
    readonly TimeProvider _timeProvider;
    readonly IReadOnlyList<AdapterScale> _adapters;
    readonly List<Slot> _free = [];
    readonly SemaphoreSlim _slots = new(MaxConcurrency, MaxConcurrency);
    bool _disposed;

    /// <param name="model">Owned from now on: disposed with the CPU.</param>
    /// <param name="defaults">Used for whatever a request leaves open.</param>
    /// <param name="adapters">Adapters of the model, with the scales for requests that name none.</param>
    /// <param name="isGreedy">What <paramref name="defaults"/> leave open, too, is greedy, whatever the model's makers advise.</param>
    public LocalCpu(
        LanguageModel model, GenerationOptions? defaults = null, IReadOnlyList<AdapterScale>? adapters = null, bool isGreedy = false,
        TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _defaults = defaults ?? GenerationOptions.Default;
        _advised = isGreedy ? new SamplingOptions() : model.AdvisedSampling;
        _adapters = adapters ?? [];
        _format = model.ChatFormat;
        _notation = ToolCallNotations.Find(_format) is { } notation && notation.IsIn(model.Tokenizer) ? notation : null;
        Info = new CpuInfo(
            model.Name,
            CpuFeatures.Constrain | CpuFeatures.Score | CpuFeatures.Adapt | CpuFeatures.Replay,
            Math.Min(model.Config.ContextLength, MaxContextTokens))
        {
            Adapters = [.. _adapters.Select(adapter => new CpuAdapter(adapter.Adapter.Path, adapter.Scale))],
        };
    }

    public CpuInfo Info { get; }

    public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) =>
        _format.RenderPrompt(conversation, _notation is null ? [] : tools).Length;

    public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(turn);
        turn = turn with { Options = turn.Options.OrElse(_defaults) };
        var asked = _timeProvider.GetTimestamp();
        await _slots.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var events = Channel.CreateUnbounded<CpuEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

            // The model works on a thread of its own and never waits for whoever reads.
            var work = Task.Run(() => Answer(turn, events.Writer, stop.Token), CancellationToken.None);
            try
            {
                var isFirst = true;
                await foreach (var item in events.Reader.ReadAllAsync(cancellationToken))
                {
                    if (isFirst)
                    {
                        isFirst = false;
                        Telemetry.TimeToFirstToken.Record(
                            _timeProvider.GetElapsedTime(asked).TotalSeconds,
                            new KeyValuePair<string, object?>("gen_ai.request.model", _model.Name));
                    }

                    yield return item;
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

    /// <summary>The <see cref="LanguageModel"/>, or a <see cref="LocalEmbeddingGenerator"/> over it that need not be disposed.</summary>
    public object? GetService(Type serviceType)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceType == typeof(LanguageModel) ? _model
            : serviceType == typeof(LocalEmbeddingGenerator) || serviceType == typeof(IEmbeddingGenerator<string, Embedding<float>>)
                ? new LocalEmbeddingGenerator(_model, ownsModel: false, timeProvider: _timeProvider)
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Waits for the answers under way, then frees the model.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < MaxConcurrency; i++)
        {
            await _slots.WaitAsync();
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
    void Answer(Turn turn, ChannelWriter<CpuEvent> events, CancellationToken cancellationToken)
    {
        Slot? slot = null;
        try
        {
            var (conversation, options) = (turn.Conversation, turn.Options);
            var mayCall = MayCall(turn);
            ToolDeclaration[] tools = mayCall ? [.. Declared(turn)] : [];
            var sampling = options.ApplyTo(_advised);
            var capacity = Info.MaxTokens!.Value;
            var prompt = HistoryWindow.Fit(
                conversation,
                fitting => _format.RenderPrompt(fitting, tools),
                capacity - Math.Min(sampling.MaxTokens, capacity / AnswerShare));
            slot = TakeSlot(prompt, capacity, ChooseAdapters(options));
            var constraint = Constrain(turn, slot, mayCall);
            var earlierCalls = conversation.Messages.SelectMany(message => message.Parts).Count(part => part is ToolCallPart);
            var parser = new AnswerParser(
                _model.Tokenizer, CreateReader(turn, mayCall, prompt), options.StopSequences, earlierCalls, CreateGuard(turn));
            var generator = new Generator();
            foreach (var token in generator.Generate(slot.Context, prompt, sampling, constraint, cancellationToken))
            {
                Write(events, parser.Push(token, generator.Scores));
                if (parser.IsStopped)
                {
                    break;
                }
            }

            Write(events, parser.Flush());
            events.TryWrite(new RunFinished(
                new TokenUsage(prompt.Length, generator.ReusedTokens, generator.GeneratedTokens),
                ToFinishReason(generator.FinishReason, mayCall && parser.CallCount > 0),
                generator.Seed)
            { TokenIds = parser.TokenIds, StopReason = parser.IsLoop ? StopReasons.Loop : null });
            events.TryComplete();
        }
#pragma warning disable CA1031 // Handed to the reader of the channel, whatever it is.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            events.TryComplete(exception);
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
    IReadOnlyList<AdapterScale> ChooseAdapters(GenerationOptions options)
    {
        if (options.AdapterScales is not { } scales)
        {
            return [.. _adapters.Where(adapter => adapter.Scale != 0)];
        }

        if (scales.Keys.FirstOrDefault(id => id < 0 || id >= _adapters.Count, -1) is var unknown && scales.ContainsKey(unknown))
        {
            throw new NoosException(ErrorKind.Invalid, _adapters.Count == 0
                ? $"There is no adapter {unknown}, because none was loaded; give --lora when starting."
                : $"There is no adapter {unknown}; those loaded have the numbers 0 to {_adapters.Count - 1}.");
        }

        return [.. _adapters.Select((adapter, id) => adapter with { Scale = scales.GetValueOrDefault(id) })
            .Where(adapter => adapter.Scale != 0)];
    }

    AnswerReader CreateReader(Turn turn, bool mayCall, int[] prompt)
    {
        const int EndLength = 12;
        var promptEnd = Encoding.UTF8.GetString(_model.Tokenizer.Decode(prompt.AsSpan(Math.Max(0, prompt.Length - EndLength))));
        return _notation?.CreateReader(_model.Tokenizer, mayCall ? Signatures(turn) : [], promptEnd)
            ?? ToolCallNotations.CreatePlainReader(_model.Tokenizer, promptEnd);
    }

    /// <summary>
    /// Null where it is switched off, and where the answer has a format: a text that is cut off would be none of its grammar.
    /// </summary>
    static LoopGuard? CreateGuard(Turn turn) => turn.Options is { LoopGuard: false } or { ResponseFormat: not null }
        ? null
        : new LoopGuard(turn.Conversation.Messages.LastOrDefault(message => message.Role == Role.User)?.Text());

    /// <summary>A free context: the one that has read most of the prompt, with the same adapters.</summary>
    Slot TakeSlot(int[] prompt, int capacity, IReadOnlyList<AdapterScale> adapters)
    {
        lock (_free)
        {
            // An empty context serves a new conversation as well as one that would have to forget everything.
            var best = _free.Where(slot => slot.Context.Adapters.SequenceEqual(adapters))
                .MaxBy(slot => slot.Context.Tokens.CommonPrefixLength(prompt));
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

    static void Write(ChannelWriter<CpuEvent> events, IReadOnlyList<CpuEvent> items)
    {
        foreach (var item in items)
        {
            events.TryWrite(item);
        }
    }

    /// <summary>
    /// Tools are only put into the prompt if the vocabulary has the notation's markers, or a call is required all the same.
    /// </summary>
    bool MayCall(Turn turn) => turn.ToolChoice.Mode != ToolChoiceMode.None && turn.Options.ResponseFormat is null
        && (_notation is not null || turn.ToolChoice.Mode == ToolChoiceMode.Required) && Declared(turn).Any();

    ITokenConstraint? Constrain(Turn turn, Slot slot, bool mayCall)
    {
        if (turn.Options.ResponseFormat is { } format)
        {
            return new GrammarConstraint(slot.Grammar(_model.Tokenizer, format));
        }

        if (_notation is null && !mayCall)
        {
            return null;
        }

        var choice = !mayCall ? EngineToolChoice.None
            : turn.ToolChoice.Mode == ToolChoiceMode.Required ? EngineToolChoice.Required
            : EngineToolChoice.Auto;
        return new ToolCallConstraint(slot.Grammar(_model.Tokenizer, Signatures(turn), _notation), choice);
    }

    static ToolSignature[] Signatures(Turn turn) => [.. Declared(turn).Select(tool => new ToolSignature(tool.Name, tool.Parameters))];

    static IEnumerable<ToolDeclaration> Declared(Turn turn) =>
        turn.ToolChoice is { Mode: ToolChoiceMode.Required, Name: { } name } ? turn.Tools.Where(tool => tool.Name == name) : turn.Tools;

    static string ToFinishReason(FinishReason reason, bool hasCalled) =>
        reason is FinishReason.MaxTokens or FinishReason.ContextFull ? FinishReasons.Length
        : hasCalled ? FinishReasons.ToolCalls
        : FinishReasons.Stop;

    /// <summary>A context, and the grammars of its last questions: most questions come with the same tools or schema.</summary>
    sealed class Slot(InferenceContext context)
    {
        (ToolSignature[] Tools, ToolCallGrammar Grammar)? _grammar;

        (ResponseFormat Format, TextGrammar Grammar)? _textGrammar;

        public InferenceContext Context => context;

        /// <summary>The texts of a format: those of its grammar, the values of its schema, or all objects.</summary>
        public TextGrammar Grammar(Tokenizer tokenizer, ResponseFormat format)
        {
            if (_textGrammar is not { } known || !IsSame(known.Format, format))
            {
                _textGrammar = known = (format, format.Grammar is { } grammar
                    ? TextGrammar.ParseGbnf(tokenizer, grammar)
                    : TextGrammar.FromJsonSchema(tokenizer, format.Schema ?? JsonElement.Parse("""{"type":"object"}""")));
            }

            return known.Grammar;
        }

        static bool IsSame(ResponseFormat left, ResponseFormat right) => left.Grammar == right.Grammar
            && (left.Schema, right.Schema) switch
            {
                (null, null) => true,
                ({ } one, { } other) => JsonElement.DeepEquals(one, other),
                _ => false,
            };

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
