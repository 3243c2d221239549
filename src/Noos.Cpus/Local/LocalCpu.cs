using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Cpus.Library;
using Noos.Inference;
using Noos.Inference.Adapters;
using Noos.Inference.Constraints;
using Noos.Inference.Constraints.Extraction;
using Noos.Inference.Generation;
using Noos.Inference.Sampling;
using Noos.Inference.ToolCalls;
using Noos.Kernel.Cpu;
using Noos.Kernel.Memory;
using Noos.Kernel.Processes;
using Noos.Kernel.Scheduling;
using Noos.Language.Tokenization;
using FinishReason = Noos.Inference.Generation.FinishReason;
using EngineToolChoice = Noos.Inference.ToolCalls.ToolChoice;

namespace Noos.Cpus.Local;

/// <summary>
/// A GGUF model that runs on this computer. What it has read stays in the model's prefix cache while there is memory, so a question that
/// continues an earlier conversation costs only what is new. Thread-safe: questions that come at the same time are answered together, up to
/// <see cref="MaxConcurrency"/>; more wait in a queue. What of a long history does not fit the context is paged out (see
/// <see cref="ContextWindow"/>). Tool calls are always well-formed, and so is JSON or what a grammar describes where it is asked for:
/// schemas and grammars constrain what can be generated.
/// </summary>
public sealed class LocalCpu : ICpu, IProcessMemory
{
    /// <summary>Most questions of a priority and better ones that are answered at the same time, unless told otherwise.</summary>
    public const int DefaultMaxConcurrency = 8;

    /// <summary>At least this part of the context stays free for the answer when it may be as long.</summary>
    const int AnswerShare = 4;

    /// <summary>At most this part of the context is for the declaration of the tool that recalls what is paged out.</summary>
    const int RecallShare = 8;

    /// <summary>Tokens of the context that stay free for an answer of any length, where turns may be left out for it.</summary>
    const int UsualAnswer = 512;

    readonly LanguageModel _model;
    readonly GenerationOptions _defaults;
    readonly SamplingOptions _advised;

    // What it may be offered without being asked for; null for everything.
    readonly IReadOnlyList<string>? _taughtTools;
    readonly IChatFormat _format;
    readonly ToolCallNotation? _notation;
    readonly bool _callsUntaught;
    readonly PartCounter _counter;
    readonly TimeProvider _timeProvider;
    readonly IReadOnlyList<AdapterScale> _adapters;
    readonly List<Slot> _free = [];
    readonly TurnAdmission _admission;
    readonly ConcurrentDictionary<TurnTag, TurnTag> _running = [];
    readonly ProcessSequences _sequences = new();
    bool _disposed;

    /// <param name="model">Owned from now on: disposed with the CPU.</param>
    /// <param name="defaults">Used for whatever a request leaves open.</param>
    /// <param name="adapters">Adapters of the model, with the scales for requests that name none.</param>
    /// <param name="timeProvider">The clock of measurements.</param>
    /// <param name="name">What the model is called; null for the name of its file.</param>
    /// <param name="contextLength">Prompt and answer may have at most so many tokens; null for as many as the model was made for.</param>
    /// <param name="maxConcurrency">Most questions of a priority and better ones answered at the same time; more wait.</param>
    /// <param name="isGreedy">What <paramref name="defaults"/> leave open, too, is greedy, whatever the model's makers advise.</param>
    public LocalCpu(
        LanguageModel model, GenerationOptions? defaults = null, IReadOnlyList<AdapterScale>? adapters = null, bool isGreedy = false,
        TimeProvider? timeProvider = null, string? name = null, int? contextLength = null,
        int maxConcurrency = DefaultMaxConcurrency)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrency, 1);
        _model = model;
        MaxConcurrency = maxConcurrency;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _admission = new TurnAdmission(maxConcurrency, _timeProvider);
        _defaults = defaults ?? GenerationOptions.Default;
        _advised = isGreedy ? new SamplingOptions() : model.AdvisedSampling;
        _adapters = adapters ?? [];
        _format = model.ChatFormat;
        _notation = ToolCallNotations.Find(_format) is { } notation && notation.IsIn(model.Tokenizer) ? notation : null;
        _callsUntaught = _format is not ChatFormat && !_format.ShowsTools;
        if (_callsUntaught)
        {
            (_format, _notation) = (new DescribedToolsFormat(_format), _notation ?? ToolCallNotations.Hermes);
        }

        _taughtTools = TaughtTools.Resolve(model.TaughtTools, _format);
        _counter = new PartCounter(model.Tokenizer);
        Info = new CpuInfo(
            name ?? model.Name,
            CpuFeatures.Constrain | CpuFeatures.Score | CpuFeatures.Adapt | CpuFeatures.Replay | CpuFeatures.Continue,
            Math.Min(model.Config.ContextLength, contextLength ?? int.MaxValue))
        {
            Title = model.Title,
            Defaults = _defaults,
            Adapters = [.. _adapters.Select(adapter => new CpuAdapter(adapter.Adapter.Path, adapter.Scale))],
            TaughtTools = _taughtTools,
        };
    }

    public CpuInfo Info { get; }

    /// <summary>
    /// Most questions of a priority and better ones that are answered at the same time (see <see cref="TurnAdmission"/>).
    /// </summary>
    public int MaxConcurrency { get; }

    public CpuCache? Cache
    {
        get
        {
            var memory = _model.KeyValueMemory;
            return new CpuCache(
                memory.Type.ToString().ToLowerInvariant(), memory.MaxBytes, memory.Bytes, memory.Tokens, memory.Tokens - memory.KeptTokens);
        }
    }

    public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) =>
        _format.RenderPrompt(conversation, _notation is null ? [] : tools).Length;

    public ContextMap? MapContext(Turn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        turn = turn with { Options = turn.Options.OrElse(_defaults) };
        var (_, fitted) = Fit(OfferTaught(turn), TemplateVariables.Resolve(_format, turn.Options), CancellationToken.None);
        var counts = PromptAttribution.Count(_model.Tokenizer, turn.Conversation, fitted);
        return new ContextMap(
            Info.MaxTokens!.Value, fitted.Tokens.Length, fitted.Tokens.Length - counts.Values.Sum(),
            [.. fitted.Pages.Select(page => new MappedPage(page, counts.GetValueOrDefault(page.Number)))])
        {
            GonePages = fitted.GonePages,
            Summary = fitted.Summary is { } summary ? new MappedPage(summary, counts.GetValueOrDefault(summary.Number)) : null,
        };
    }

    public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(turn);
        turn = turn with { Options = turn.Options.OrElse(_defaults) };
        var asked = _timeProvider.GetTimestamp();
        using var admitted = await _admission.EnterAsync(turn.Owner, turn.Priority, cancellationToken);
        var tag = new TurnTag(turn.Owner, turn.Priority, turn.Process);
        _running[tag] = tag;
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var events = Channel.CreateUnbounded<CpuEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

            // The engine works on its own threads and never waits for whoever reads.
            var work = Task.Run(() => AnswerAsync(turn, tag, events.Writer, stop.Token), CancellationToken.None);
            try
            {
                var isFirst = true;
                await foreach (var item in events.Reader.ReadAllAsync(cancellationToken))
                {
                    if (isFirst && item is not RunStarted)
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
            _running.TryRemove(tag, out _);
        }
    }

    /// <summary>
    /// The <see cref="LanguageModel"/>, a <see cref="LocalEmbeddingGenerator"/> over it that need not be disposed, or its
    /// <see cref="ModelDetails"/>.
    /// </summary>
    public object? GetService(Type serviceType)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceType == typeof(LanguageModel) ? _model
            : serviceType == typeof(LocalEmbeddingGenerator) || serviceType == typeof(IEmbeddingGenerator<string, Embedding<float>>)
                ? new LocalEmbeddingGenerator(_model, ownsModel: false, timeProvider: _timeProvider)
            : serviceType == typeof(ModelDetails) ? ModelDetails.Read(_model.Path)
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Waits for the answers under way, then frees the model.</summary>
    public async ValueTask DisposeAsync()
    {
        await _admission.CloseAsync();
        if (!Interlocked.Exchange(ref _disposed, true))
        {
            _free.ForEach(slot => slot.Context.Dispose());
            _model.Dispose();
        }
    }

    /// <inheritdoc/>
    public void SetPriority(long process, ProcessPriority priority)
    {
        foreach (var tag in _running.Keys.Where(tag => tag.Process == process))
        {
            tag.Priority = priority;
        }
    }

    /// <inheritdoc/>
    IReadOnlyList<ProcessMemory> IProcessMemory.Measure()
    {
        var sequences = _sequences.List();
        var running = _running.Keys.Select(tag => tag.Process).OfType<long>().ToHashSet();
        var memory = _model.MeasureSequences([.. sequences.Select(sequence => ((ReadOnlyMemory<int>)sequence.Tokens,
            (IReadOnlyList<AdapterScale>?)sequence.Adapters))]);
        return
        [
            .. sequences.Zip(memory, (sequence, held) => new ProcessMemory(sequence.Process, Info.Name)
            {
                Tokens = held.Tokens,
                Pages = held.Pages,
                SharedPages = held.SharedPages,
                Bytes = held.Pages * _model.KeyValueMemory.PageBytes,
                IsRunning = running.Contains(sequence.Process),
            }),
        ];
    }

    /// <inheritdoc/>
    async Task<bool> IProcessMemory.SwapOutAsync(long process, Stream stream, CancellationToken cancellationToken)
    {
        if (_sequences.Find(process) is not { } sequence)
        {
            return false;
        }

        using var context = _model.CreateContext(Info.MaxTokens, sequence.Adapters);
        context.Adopt(sequence.Tokens);
        if (context.Length == 0)
        {
            return false;
        }

        await context.SuspendAsync(stream, cancellationToken);
        _model.EvictSequence(sequence.Tokens, sequence.Adapters);
        return true;
    }

    /// <inheritdoc/>
    async Task IProcessMemory.SwapInAsync(long process, string? model, Stream stream, CancellationToken cancellationToken)
    {
        // The default adapters, which most processes are read with; with others it is read again.
        IReadOnlyList<AdapterScale> adapters = ChooseAdapters(_defaults);
        using var context = await _model.ResumeContextAsync(stream, adapters, cancellationToken);
        _sequences.Set(process, context.Tokens.ToArray(), adapters);

        // From there its next run takes it, as if it had never been away.
        context.ReleaseToCache();
    }

    /// <inheritdoc/>
    void IProcessMemory.Forget(long process) => _sequences.Forget(process);

    /// <summary>Generates one answer into the channel; a failure completes the channel with it.</summary>
    async Task AnswerAsync(Turn turn, TurnTag tag, ChannelWriter<CpuEvent> events, CancellationToken cancellationToken)
    {
        Slot? slot = null;
        try
        {
            var options = turn.Options;
            var capacity = Info.MaxTokens!.Value;
            var sampling = options.ApplyTo(_advised);
            if (turn.Prompt is not null)
            {
                // A continuation has no calls, and every token of it is drawn.
                turn = turn with { Tools = [] };
                sampling = sampling with { GreedySpans = options.GreedySpans ?? false };
            }

            (turn, var context) = turn.Prompt is { } raw
                ? (turn, ToContext(raw))
                : Fit(OfferTaught(turn), TemplateVariables.Resolve(_format, options), cancellationToken);
            var prompt = context.Tokens;
            var mayCall = MayCall(turn);
            slot = TakeSlot(prompt, capacity, ChooseAdapters(options));
            slot.Context.Tag = tag;
            if (turn.Process is { } reading)
            {
                _sequences.Set(reading, prompt, slot.Context.Adapters);
            }

            var constraint = Constrain(turn, slot, mayCall);
            var parser = new AnswerParser(
                _model.Tokenizer, CreateReader(turn, mayCall, prompt), options.StopSequences, prompt, CreateGuard(turn));
            var generator = new Generator();
            events.TryWrite(new RunStarted());
            await generator.RunAsync(slot.Context, prompt, sampling, OnToken, constraint, cancellationToken);

            Write(events, parser.Flush());
            events.TryWrite(new RunFinished(
                new TokenUsage(prompt.Length, generator.ReusedTokens, generator.GeneratedTokens),
                ToFinishReason(generator.FinishReason, mayCall && parser.CallCount > 0),
                generator.Seed)
            {
                TokenIds = parser.TokenIds,
                OmittedMessages = context.OmittedMessages,
                PagedOutTokens = context.PagedOutTokens,
                StopReason = parser.IsLoop ? StopReasons.Loop : null,
                StopSequence = parser.StopSequence,
            });
            events.TryComplete();

            bool OnToken(int token)
            {
                Write(events, parser.Push(token, generator.Scores));
                return !parser.IsStopped && (turn.HasParallelCalls || parser.CallCount == 0);
            }
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
                if (turn.Process is { } ran && slot.Context.Length > 0)
                {
                    _sequences.Set(ran, slot.Context.Tokens.ToArray(), slot.Context.Adapters);
                }

                GiveSlot(slot);
            }
        }
    }

    /// <summary>The tokens of a text as it stands.</summary>
    /// <exception cref="NoosException">They do not fit, or are none of the vocabulary.</exception>
    FittedContext ToContext(RawPrompt prompt)
    {
        int[] tokens = prompt.Tokens is { } given ? [.. given] : _model.Tokenizer.EncodeDocument(prompt.Text ?? "");
        if (tokens.Length == 0 || Array.Exists(tokens, token => token < 0 || token >= _model.Tokenizer.VocabularySize))
        {
            throw new NoosException(tokens.Length == 0
                ? "There is nothing to continue: the prompt is empty, and the model knows no token that begins a text."
                : $"A prompt of tokens may have those from 0 to {_model.Tokenizer.VocabularySize - 1}, which this model knows.")
            {
                Parameter = "prompt",
            };
        }

        return tokens.Length < Info.MaxTokens ? new FittedContext(Conversation.From(), tokens, [], 0) : throw new NoosException(
            $"The prompt has {tokens.Length} tokens but the model reads at most {Info.MaxTokens - 1}; shorten it, or choose a model with a "
            + "longer context.")
        {
            Code = NoosException.ContextLengthExceeded,
            Parameter = "prompt",
        };
    }

    /// <summary>
    /// What of the turn the model reads, with room for an answer; where something is paged out the turn has the tool that recalls it.
    /// </summary>
    (Turn Turn, FittedContext Context) Fit(
        Turn turn, IReadOnlyDictionary<string, JsonElement>? variables, CancellationToken cancellationToken)
    {
        var (capacity, answer) = (Info.MaxTokens!.Value, turn.Options.ApplyTo(_advised).MaxTokens);
        var limit = capacity - Math.Min(answer < int.MaxValue ? answer : UsualAnswer, capacity / AnswerShare);
        if (turn.Recall is { } recall && CanRecall(turn, recall))
        {
            if (Window(turn, canRecall: false).TryFitWhole(turn.Conversation) is { IsPagedOut: false } whole)
            {
                return (turn, whole);
            }

            var recalling = turn with { Tools = [.. turn.Tools, recall] };
            return (recalling, Window(recalling, canRecall: true).Fit(turn.Conversation));
        }

        return (turn, Window(turn, canRecall: false).Fit(turn.Conversation));

        ContextWindow Window(Turn asked, bool canRecall)
        {
            ToolDeclaration[] tools = MayCall(asked) ? [.. Declared(asked)] : [];
            return new ContextWindow(Render, _counter.Count, limit, capacity - 1)
            {
                Truncation = asked.Truncation,
                Marks = asked.Marks,
                Summaries = asked.Summaries,
                CanRecall = canRecall,
            };

            int[] Render(Conversation fitting)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return asked.ContinuesAnswer && fitting.Messages is [.., { Role: Role.Assistant } answer]
                    ? ContinuePrompt(
                        _format.RenderPrompt(new Conversation([.. fitting.Messages.SkipLast(1)]), tools, variables), answer)
                    : WithTextPrefix(_format.RenderPrompt(fitting, tools, variables), asked.Options);
            }
        }
    }

    /// <summary>It may be called, and its declaration leaves a small window for more than itself.</summary>
    bool CanRecall(Turn turn, ToolDeclaration recall) => turn.Truncation == Truncation.Auto
        && turn.ToolChoice.Mode == ToolChoiceMode.Auto && turn.Options.ResponseFormat is null && _notation is not null
        && MayCall(turn with { Tools = [.. turn.Tools, recall] })
        && (_format is ChatFormat || TokensOf(recall) <= Info.MaxTokens!.Value / RecallShare);

    int TokensOf(ToolDeclaration tool) =>
        _model.Tokenizer.Encode(tool.Name + tool.Description + tool.Parameters.GetRawText()).Length;

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
                : $"There is no adapter {unknown}; those loaded have the numbers 0 to {_adapters.Count - 1}.")
            {
                Parameter = "lora",
            };
        }

        return [.. _adapters.Select((adapter, id) => adapter with { Scale = scales.GetValueOrDefault(id) })
            .Where(adapter => adapter.Scale != 0)];
    }

    string EndOf(int[] prompt)
    {
        const int EndLength = 12;
        return Encoding.UTF8.GetString(_model.Tokenizer.Decode(prompt.AsSpan(Math.Max(0, prompt.Length - EndLength))));
    }

    /// <summary>
    /// Null where it is switched off, where a text is continued and nobody asks for it, and where the answer has a format: a text that
    /// is cut off would be none of its grammar.
    /// </summary>
    static LoopGuard? CreateGuard(Turn turn) => turn.Options is { LoopGuard: false } or { ResponseFormat: not null }
        || (turn.Prompt is not null && turn.Options.LoopGuard is null)
        ? null
        : new LoopGuard(turn.Conversation.Messages.LastOrDefault(message => message.Role == Role.User)?.Text());

    /// <summary>An answer that is held to a format begins outside of thoughts, where its reader expects it.</summary>
    int[] WithTextPrefix(int[] prompt, GenerationOptions options) =>
        options.ResponseFormat is not null && ToolCallNotations.TextPrefix(_notation, EndOf(prompt)) is { Length: > 0 } prefix
            ? [.. prompt, .. _model.Tokenizer.Encode(prefix, parseSpecial: true)]
            : prompt;

    /// <summary>
    /// The prompt of an answer with what of it is written already. What was called before that text is told as calls are in between: this
    /// is only its last text, and thoughts are over.
    /// </summary>
    int[] ContinuePrompt(int[] prompt, Message answer) =>
    [
        .. prompt, .. _model.Tokenizer.Encode(ToolCallNotations.TextPrefix(_notation, EndOf(prompt)), parseSpecial: true),
        .. _model.Tokenizer.Encode(answer.Text()),
    ];

    AnswerReader CreateReader(Turn turn, bool mayCall, int[] prompt)
    {
        var promptEnd = EndOf(prompt);
        if (turn.Prompt is not null || (turn.Options.ResponseFormat is not null && !mayCall))
        {
            return ToolCallNotations.CreateTextReader(_model.Tokenizer);
        }

        // Marks of calls that are text must not make a call where none may be; channels are there without calls too.
        return _notation is null || (!mayCall && _notation.CanCallAfterTextPrefix)
            ? ToolCallNotations.CreatePlainReader(_model.Tokenizer, promptEnd)
            : _notation.CreateReader(_model.Tokenizer, mayCall ? Signatures(turn) : [], promptEnd);
    }

    /// <summary>
    /// A slot with an empty context: what was read lies in the prefix cache, where the answer finds it. Of the free ones with the same
    /// adapters the one whose last prompt began most like this, because its grammars are likely to be those of this question.
    /// </summary>
    Slot TakeSlot(int[] prompt, int capacity, IReadOnlyList<AdapterScale> adapters)
    {
        lock (_free)
        {
            var best = _free.Where(slot => slot.Context.Capacity == capacity && slot.Context.Adapters.SequenceEqual(adapters))
                .MaxBy(slot => slot.Prompt.AsSpan().CommonPrefixLength(prompt));
            if (best is not null && (_free.Count >= MaxConcurrency || BeginsLike(best.Prompt, prompt)))
            {
                _free.Remove(best);
                best.Prompt = prompt;
                return best;
            }

            // All are of other adapters.
            KeepFree(MaxConcurrency - 1);
        }

        return new Slot(_model.CreateContext(capacity, adapters)) { Prompt = prompt };
    }

    /// <summary>Half of the shorter one: template, system message and tools, or an earlier part of the same conversation.</summary>
    static bool BeginsLike(ReadOnlySpan<int> one, ReadOnlySpan<int> other) =>
        2 * one.CommonPrefixLength(other) >= Math.Min(one.Length, other.Length);

    /// <summary>Takes a slot back; what it has read stays in the prefix cache, for this conversation and all that begin alike.</summary>
    void GiveSlot(Slot slot)
    {
        slot.Context.ReleaseToCache();
        slot.Context.Tag = null;
        lock (_free)
        {
            KeepFree(MaxConcurrency - 1);
            _free.Add(slot);
        }
    }

    /// <summary>Drops free slots, the longest unused first, down to a number. Holds the lock.</summary>
    void KeepFree(int count)
    {
        while (_free.Count > count)
        {
            _free[0].Context.Dispose();
            _free.RemoveAt(0);
        }
    }

    static void Write(ChannelWriter<CpuEvent> events, IReadOnlyList<CpuEvent> items)
    {
        foreach (var item in items)
        {
            events.TryWrite(item);
        }
    }

    /// <summary>Of tools that nobody asked for, those whose use the model was taught.</summary>
    Turn OfferTaught(Turn turn) => turn.HasOptionalTools && _taughtTools is { } taught
        ? turn with { Tools = [.. turn.Tools.Where(tool => taught.Contains(tool.Name))] }
        : turn;

    /// <summary>
    /// Whether tools are put into the prompt: where the template shows them, the model knows them from training as ours do, or they can be
    /// described to it.
    /// </summary>
    /// <exception cref="NoosException">They would be dropped although they were asked for.</exception>
    bool MayCall(Turn turn)
    {
        if (turn.ToolChoice.Mode == ToolChoiceMode.None || !Declared(turn).Any())
        {
            return false;
        }

        if (turn.HasOptionalTools)
        {
            // Tools that nobody asked for would only confuse a model that does not know what they are.
            return !_callsUntaught && _notation is not null && (turn.Options.ResponseFormat is null
                // What a tool found is what an extractive answer is taken from.
                || (turn.Options.ResponseFormat.Extractive is not null && _notation.CanCallAfterTextPrefix));
        }

        var refusal = _notation is null && turn.ToolChoice.Mode == ToolChoiceMode.Required
                ? "How this model writes calls is not known, so that none can be required; leave out \"tool_choice\"."
            : turn.Options.ResponseFormat is not null && _notation?.CanCallAfterTextPrefix != true
                ? "This model cannot choose between calls and a response format; leave out \"tools\" or \"response_format\"."
            : null;
        return refusal is null ? true : throw new NoosException(refusal) { Parameter = "tools" };
    }

    /// <exception cref="NoosException">The format cannot be compiled; the field is named.</exception>
    TextGrammar GrammarOf(Slot slot, ResponseFormat format)
    {
        try
        {
            return slot.Grammar(_model.Tokenizer, format);
        }
        catch (NoosException refusal) when (refusal.Parameter is null)
        {
            throw new NoosException(refusal.Kind, refusal.Message, refusal)
            {
                Parameter = format.Grammar is null ? "response_format" : "grammar",
            };
        }
    }

    ExtractiveText ExtractiveTextOf(Turn turn, ExtractiveFormat format) => new(
        _model.Tokenizer,
        ExtractivePassages.Find(format, turn.Conversation),
        format.Refusal ?? ExtractiveFormat.DefaultRefusal,
        format.Cite);

    ITokenConstraint? Constrain(Turn turn, Slot slot, bool mayCall)
    {
        if (turn.Options.ResponseFormat is { } format && !(mayCall && turn.ToolChoice.Mode == ToolChoiceMode.Required))
        {
            ITextConstraint text = format.Extractive is { } extractive
                ? new ExtractiveConstraint(ExtractiveTextOf(turn, extractive))
                : new GrammarConstraint(GrammarOf(slot, format));
            return !mayCall ? text : new FormatOrCallConstraint(
                text,
                new ToolCallConstraint(
                    slot.Grammar(_model.Tokenizer, Signatures(turn), _notation, turn.HasParallelCalls), EngineToolChoice.Required));
        }

        // Where the notation is not known the model writes calls as text, and a text that is continued may hold anything.
        if (_notation is null || turn.Prompt is not null)
        {
            return null;
        }

        var choice = !mayCall ? EngineToolChoice.None
            : turn.ToolChoice.Mode == ToolChoiceMode.Required ? EngineToolChoice.Required
            : EngineToolChoice.Auto;
        return new ToolCallConstraint(
            slot.Grammar(_model.Tokenizer, mayCall ? Signatures(turn) : [], _notation, turn.HasParallelCalls), choice);
    }

    static ToolSignature[] Signatures(Turn turn) =>
        [.. Declared(turn).Select(tool => new ToolSignature(tool.Name, tool.Parameters, tool.IsStrict))];

    static IEnumerable<ToolDeclaration> Declared(Turn turn) =>
        turn.ToolChoice is { Mode: ToolChoiceMode.Required, Name: { } name } ? turn.Tools.Where(tool => tool.Name == name) : turn.Tools;

    static string ToFinishReason(FinishReason reason, bool hasCalled) =>
        reason is FinishReason.MaxTokens or FinishReason.ContextFull ? FinishReasons.Length
        : hasCalled ? FinishReasons.ToolCalls
        : FinishReasons.Stop;

    /// <summary>A context, and the grammars of its last questions: most questions come with the same tools or schema.</summary>
    sealed class Slot(InferenceContext context)
    {
        (ToolSignature[] Tools, bool IsParallel, ToolCallGrammar Grammar)? _grammar;

        (ResponseFormat Format, TextGrammar Grammar)? _textGrammar;

        public InferenceContext Context => context;

        /// <summary>The prompt of its latest question.</summary>
        public int[] Prompt { get; set; } = [];

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

        public ToolCallGrammar Grammar(Tokenizer tokenizer, ToolSignature[] tools, ToolCallNotation? notation, bool isParallel)
        {
            if (_grammar is not { } known || known.IsParallel != isParallel
                || !known.Tools.AsSpan().SequenceEqual(tools, SameTool.Instance))
            {
                _grammar = known = (tools, isParallel, new ToolCallGrammar(tokenizer, tools, notation, isParallel));
            }

            return known.Grammar;
        }
    }

    sealed class SameTool : IEqualityComparer<ToolSignature>
    {
        public static SameTool Instance { get; } = new();

        public bool Equals(ToolSignature? x, ToolSignature? y) =>
            x!.Name == y!.Name && x.IsStrict == y.IsStrict && JsonElement.DeepEquals(x.Schema, y.Schema);

        public int GetHashCode(ToolSignature obj) => obj.Name.GetHashCode(StringComparison.Ordinal);
    }
}
