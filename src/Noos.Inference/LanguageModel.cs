using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core;
using Noos.Inference.Adapters;
using Noos.Inference.Batching;
using Noos.Inference.Diagnostics;
using Noos.Inference.Embeddings;
using Noos.Inference.Kernels.Attention;
using Noos.Inference.KeyValues;
using Noos.Inference.Memory;
using Noos.Inference.PrefixCache;
using Noos.Inference.Sampling;
using Noos.Inference.Threading;
using Noos.Inference.Transformer;
using Noos.Inference.Weights;
using Noos.Language.Architectures;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Language.Tokenization;

namespace Noos.Inference;

/// <summary>
/// A decoder from a GGUF file, with its engine: thread team, KV pages, prefix cache and batching. Thread-safe; contexts of one model may be
/// used from several threads and share batches. Dispose the contexts before the model.
/// </summary>
public sealed class LanguageModel : IEmbeddingModel
{
    readonly GgufFile _file;
    readonly ThreadTeam _team;
    readonly DecoderWeights _weights;
    readonly KeyValuePages _pages;
    readonly PrefixTree _prefixes;
    readonly ForwardPass _pass;
    readonly Engine _engine;
    readonly Lazy<IChatFormat> _chatFormat;
    readonly TextEmbedder _embedder;
    readonly ILogger _logger;
    readonly List<LargeMemory> _adapterMemory = [];
    bool _disposed;

    LanguageModel(GgufFile file, InferenceOptions options)
    {
        var start = Stopwatch.GetTimestamp();
        using var activity = Telemetry.Activities.StartActivity("load_model");
        _file = file;
        _logger = options.LoggerFactory?.CreateLogger(Telemetry.Name) ?? (ILogger)NullLogger.Instance;
        var architecture = KnownArchitectures.Find(file);
        Config = architecture.Read(new ModelMetadata(file, architecture.Name));
        Id = new ModelId(ModelId.NameOf(file.Path), file);
        Title = file.GetString("general.name");
        activity?.SetTag("gen_ai.request.model", Name);
        AdvisedSampling = Sampling.AdvisedSampling.Read(file);
        TaughtTools = file.GetStrings(ModelInfo.ToolsKey);
        var bytes = file.Tensors.Sum(tensor => tensor.ByteLength);
        _team = new ThreadTeam(options.ThreadCount(bytes));
        // Beside the packing of the weights: of a start both are a good part, and a vocabulary of 262,144 tokens takes longer still.
        var tokenizer = Task.Run(() => Tokenizer.FromGguf(file));
        try
        {
            _weights = new DecoderWeights(file, Config, architecture, options.MaxKernelTier, _team);
            Tokenizer = tokenizer.GetAwaiter().GetResult();
            ModelMetadata.RequireVocabulary(file, Tokenizer, Config.VocabularySize);
        }
        catch
        {
            // Without a throw of its own: the file must not be closed while it is read.
            Task.WaitAny(tokenizer);
            _weights?.Dispose();
            _team.Dispose();
            throw;
        }

        _chatFormat = new Lazy<IChatFormat>(() => ChatFormats.For(file, Tokenizer));
        var attention = AttentionKernel.For(options.KeyValueType);
        _pages = new KeyValuePages(
            options.KeyValueType, Config.BlockCount, Config.CachedHeadCount, attention.HeadBytes(Config.HeadLength));
        _prefixes = new PrefixTree(
            _pages, options.MaxPages(_pages.StrideBytes), options.PrefixMemory is null ? FreeMemory.Measure : null);
        _pass = new ForwardPass(Config, _weights, _pages, attention, _team, Math.Min(options.ChunkLength, Config.ContextLength));
        _engine = new Engine(_pass, _team, options.BatchPolicy, _logger);
        _embedder = new TextEmbedder(Id, Config, _engine, _pages, _prefixes);
        foreach (var ignored in FindIgnoredMetadata(file, Tokenizer))
        {
            Log.MetadataIgnored(_logger, Name, ignored);
        }

        Telemetry.Observe(Name, _pages);
        if (_logger.IsEnabled(LogLevel.Information))
        {
            var parameters = file.Tensors.Sum(tensor => tensor.Dimensions.Aggregate(1L, (product, dimension) => product * dimension));
            var kernels = KernelChoice.NameInUse(options.MaxKernelTier);
            var elapsed = Stopwatch.GetElapsedTime(start);
            Log.ModelLoaded(_logger, Name, Config.Architecture, parameters, bytes, _team.Size, kernels, elapsed);
        }
    }

    public DecoderConfig Config { get; }

    public Tokenizer Tokenizer { get; }

    /// <summary>How the model reads conversations.</summary>
    /// <exception cref="NoosException">It cannot: it is a base model, or its template is broken.</exception>
    public IChatFormat ChatFormat => _chatFormat.Value;

    /// <summary>Its file, of a split model the first.</summary>
    public string Path => _file.Path;

    int IEmbeddingModel.EmbeddingLength => Config.EmbeddingLength;

    int IEmbeddingModel.ContextLength => Config.ContextLength;

    /// <summary>The name of the file, without ending, part and spaces.</summary>
    public string Name => Id.Name;

    /// <summary>What its makers called it in the file's metadata, often the name of a training run; null where there is none.</summary>
    public string? Title { get; }

    /// <summary>Sampling options that the file recommends (<c>general.sampling.*</c>); greedy where it says nothing.</summary>
    public SamplingOptions AdvisedSampling { get; }

    /// <summary>The tools whose use its makers taught it (<c>noos.tools</c>); null where the file does not say.</summary>
    public IReadOnlyList<string>? TaughtTools { get; }

    /// <summary>Opens a model; its weights are read from disk as they are first needed.</summary>
    /// <exception cref="NoosException">
    /// The file is missing (NotFound), corrupt (Damaged), too large for the machine (OutOfMemory), or of an architecture or storage format
    /// that the engine lacks (Invalid).
    /// </exception>
    public static LanguageModel Load(string ggufPath, InferenceOptions? options = null) => Load(GgufFile.Open(ggufPath), options);

    /// <summary>The same of a file that is open already.</summary>
    /// <param name="file">Owned from now on, also where this fails.</param>
    /// <param name="options">How it is computed.</param>
    /// <inheritdoc cref="Load(string, InferenceOptions?)"/>
    public static LanguageModel Load(GgufFile file, InferenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        try
        {
            return new LanguageModel(file, options ?? new InferenceOptions());
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The numbers of a model, without its weights.</summary>
    /// <exception cref="NoosException">The engine cannot compute with the model, and why.</exception>
    public static DecoderConfig ReadConfig(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return DecoderConfig.Read(file);
    }

    /// <summary>
    /// The checks of <see cref="Load(GgufFile, InferenceOptions?)"/> without its work: whether the engine can run the model.
    /// </summary>
    /// <param name="file">The model.</param>
    /// <param name="config">What <see cref="ReadConfig"/> has read.</param>
    /// <returns>What the file says beyond all sense, so that it is passed over; a sentence each.</returns>
    /// <exception cref="NoosException">It cannot, and why.</exception>
    public static IReadOnlyList<string> Check(GgufFile file, DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(config);
        var tokenizer = Tokenizer.FromGguf(file);
        ModelMetadata.RequireVocabulary(file, tokenizer, config.VocabularySize);
        using var weights = new DecoderWeights(
            file, config, KnownArchitectures.Find(file), new InferenceOptions().MaxKernelTier, team: null);
        return [.. FindIgnoredMetadata(file, tokenizer)];
    }

    static IEnumerable<string> FindIgnoredMetadata(GgufFile file, Tokenizer tokenizer)
    {
        string[] ids = ["bos", "eos", "eot", "eom"];
        return Sampling.AdvisedSampling.FindIgnored(file).Concat(
            from name in ids
            let key = $"tokenizer.ggml.{name}_token_id"
            let id = file.GetInteger(key)
            // -1 stands for none, also where it is written without a sign.
            where id is not (null or -1 or uint.MaxValue) && (id < 0 || id >= tokenizer.VocabularySize)
            select $"{key} is {id}, but there are {tokenizer.VocabularySize} tokens; the model is taken to have no such token.");
    }

    /// <summary>Loads a LoRA adapter for contexts of this model; it lives as long as the model.</summary>
    /// <exception cref="NoosException">The file is no adapter, one of another model, or damaged; the message says which.</exception>
    public LoraAdapter LoadAdapter(string path)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var adapter = LoraAdapter.Load(path, Id, Config.Architecture, _weights.Matrices, out var memory);
        lock (_adapterMemory)
        {
            _adapterMemory.Add(memory);
        }

        Log.AdapterLoaded(_logger, adapter.Name, Name, adapter.MatrixCount);
        return adapter;
    }

    /// <summary>
    /// Text embeddings, each of length one: the hidden states after the output norm, pooled. A vector depends on its text alone,
    /// bit for bit. The families here read from left to right (causally); those that read both ways are an
    /// <see cref="Encoders.EncoderModel"/>.
    /// </summary>
    /// <param name="texts">Tokens, at least one per text.</param>
    /// <param name="pooling">Null for what the file says, else the last token.</param>
    /// <param name="cancellationToken">Checked between groups of texts.</param>
    /// <returns>[texts][embedding length]</returns>
    /// <exception cref="NoosException">A text has no tokens, or more than the model reads.</exception>
    public Task<float[][]> EmbedAsync(IReadOnlyList<int[]> texts, Pooling? pooling = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _embedder.EmbedAsync(texts, pooling ?? Config.Pooling ?? Pooling.Last, cancellationToken);
    }

    /// <summary>Makes an empty context.</summary>
    /// <param name="capacity">Max tokens; null for the length the model was trained on.</param>
    /// <param name="adapters">Adapters to read with, loaded by <see cref="LoadAdapter"/>; null for none.</param>
    public InferenceContext CreateContext(int? capacity = null, IReadOnlyList<AdapterScale>? adapters = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var length = capacity ?? Config.ContextLength;
        if (length < 1 || length > Config.ContextLength)
        {
            throw new NoosException($"A context of '{Name}' holds between 1 and {Config.ContextLength:N0} tokens, not {length:N0}.");
        }

        return new InferenceContext(this, _engine, new KeyValueCache(_pages, _prefixes, length, AdapterSet.Create(adapters, Id)));
    }

    /// <summary>Memory of the KV cache at this moment.</summary>
    public KeyValueMemory KeyValueMemory => _prefixes.Measure();

    /// <summary>What the cache holds of some sequences; a page that several of them begin with is shared.</summary>
    /// <param name="sequences">Their tokens, with the adapters that they were read with.</param>
    /// <returns>One for each, in their order.</returns>
    public IReadOnlyList<SequenceMemory> MeasureSequences(
        IReadOnlyList<(ReadOnlyMemory<int> Tokens, IReadOnlyList<AdapterScale>? Adapters)> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _prefixes.Measure(
            [.. sequences.Select(sequence => (sequence.Tokens, AdapterSet.Create(sequence.Adapters, Id)))]);
    }

    /// <summary>
    /// Frees what the cache keeps of a sequence that no context holds, but for the pages that others begin with, too: it is read again when
    /// it is needed, or resumed.
    /// </summary>
    /// <returns>Bytes that are free now.</returns>
    public long EvictSequence(ReadOnlySpan<int> tokens, IReadOnlyList<AdapterScale>? adapters = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _prefixes.Evict(tokens, AdapterSet.Create(adapters, Id)) * _pages.StrideBytes;
    }

    /// <summary>What tells this model apart: its name, and a fingerprint of its file.</summary>
    public ModelId Id { get; }

    /// <inheritdoc cref="ModelId.Fingerprint"/>
    public string Fingerprint => Id.Fingerprint;

    /// <summary>
    /// Writes what conversations have read so far into a file that <see cref="RestoreKeyValues"/> reads, the most recently used first.
    /// May be called while conversations go on.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">Max bytes of keys and values.</param>
    /// <returns>Number of tokens whose keys and values are in the file.</returns>
    /// <exception cref="NoosException">The file cannot be written; what was there before is untouched.</exception>
    public int SaveKeyValues(string path, long maxBytes = long.MaxValue)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        var tokens = KeyValueFile(path).Save(maxBytes);
        Log.KeyValuesSaved(_logger, tokens, Name, path);
        return tokens;
    }

    /// <summary>
    /// Takes over what <see cref="SaveKeyValues"/> wrote, up to <see cref="InferenceOptions.PrefixMemory"/>: contexts that begin with the
    /// same tokens get the same logits as ever, without reading them again. May be called while conversations go on.
    /// </summary>
    /// <returns>Number of tokens whose keys and values were taken over.</returns>
    /// <exception cref="NoosException">The file is missing, damaged, or of another model or type; nothing was taken over.</exception>
    public int RestoreKeyValues(string path)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            var tokens = KeyValueFile(path).Restore();
            Log.KeyValuesRestored(_logger, tokens, Name, path);
            return tokens;
        }
        catch (NoosException e)
        {
            Log.KeyValuesRefused(_logger, path, Name, e.Message);
            throw;
        }
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Telemetry.Forget(_pages);
            // First those that may still compute on what follows.
            _engine.Dispose();
            _team.Dispose();
            _pass.Dispose();
            _pages.Dispose();
            _weights.Dispose();
            _adapterMemory.ForEach(memory => memory.Dispose());
            _file.Dispose();
        }
    }

    /// <summary>Makes a context from what <see cref="InferenceContext.SuspendAsync"/> wrote, which goes on with the same bits.</summary>
    /// <param name="stream">Read from its position to the end of the sequence; it stays the caller's.</param>
    /// <param name="adapters">The adapters that it was read with, with the same scales in the same order; null for none.</param>
    /// <param name="cancellationToken">Checked between pages.</param>
    /// <exception cref="NoosException">
    /// The stream is damaged or ends early (Damaged), is of another model, type of keys and values, or adapters (Invalid), cannot be read
    /// (Refused), or memory is short (OutOfMemory); no memory is kept.
    /// </exception>
    public async Task<InferenceContext> ResumeContextAsync(
        Stream stream, IReadOnlyList<AdapterScale>? adapters = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ObjectDisposedException.ThrowIf(_disposed, this);
        var limits = new KeyValueLimits(int.MaxValue, Config.ContextLength, Config.VocabularySize);
        var (tokens, cache) = await SuspendedSequence.ReadAsync(stream, AdapterSet.Create(adapters, Id), limits, cancellationToken)
            .ConfigureAwait(false);
        return new InferenceContext(this, _engine, cache, tokens);
    }

    internal SuspendedSequence SuspendedSequence => new(Id.FingerprintBytes, _pages, _prefixes, UnfilledPositions);

    UnfilledPositions UnfilledPositions => new(AttentionKernel.For(_pages.Type), Config, _pages);

    KeyValueFile KeyValueFile(string path) =>
        new(path, Id.FingerprintBytes, Config.VocabularySize, _pages, _prefixes, UnfilledPositions);
}
