using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core;
using Noos.Inference.Adapters;
using Noos.Inference.Architectures;
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
using Noos.Language.Gguf;
using Noos.Language.Tokenization;

namespace Noos.Inference;

/// <summary>
/// A decoder from a GGUF file, with its engine: thread team, KV pages, prefix cache and batching. Thread-safe; contexts of one model may be
/// used from several threads and share batches. Dispose the contexts before the model.
/// </summary>
public sealed class LanguageModel : IDisposable
{
    readonly GgufFile _file;
    readonly ThreadTeam _team;
    readonly DecoderWeights _weights;
    readonly KeyValuePages _pages;
    readonly PrefixTree _prefixes;
    readonly ForwardPass _pass;
    readonly BatchRunner _runner;
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
        Tokenizer = Tokenizer.FromGguf(file);
        if (Tokenizer.VocabularySize > Config.VocabularySize)
        {
            throw new NoosException(
                ErrorKind.Damaged,
                $"The model file '{file.Path}' has {Tokenizer.VocabularySize:N0} tokens in its vocabulary but "
                + $"{Config.VocabularySize:N0} in its weights; export it again.");
        }

        Id = new ModelId(ModelId.NameOf(file.Path), file);
        Title = file.GetString("general.name");
        activity?.SetTag("gen_ai.request.model", Name);
        AdvisedSampling = Sampling.AdvisedSampling.Read(file);
        _chatFormat = new Lazy<IChatFormat>(() => ChatFormats.For(file, Tokenizer));
        var bytes = file.Tensors.Sum(tensor => tensor.ByteLength);
        _team = new ThreadTeam(options.ThreadCount(bytes));
        try
        {
            _weights = new DecoderWeights(file, Config, architecture, options.MaxKernelTier, _team);
        }
        catch
        {
            _team.Dispose();
            throw;
        }

        var attention = AttentionKernel.For(options.KeyValueType);
        _pages = new KeyValuePages(
            options.KeyValueType, Config.BlockCount, Config.KeyValueHeadCount, attention.HeadBytes(Config.HeadLength));
        _prefixes = new PrefixTree(_pages, options.MaxUnusedPages(_pages.PageBytes));
        _pass = new ForwardPass(Config, _weights, _pages, attention, _team, Math.Min(options.ChunkLength, Config.ContextLength));
        _runner = new BatchRunner(_pass, _logger);
        _embedder = new TextEmbedder(Id, Config, _runner, _pages, _prefixes);
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

    /// <summary>The name of the file, without ending, part and spaces.</summary>
    public string Name => Id.Name;

    /// <summary>What its makers called it in the file's metadata, often the name of a training run; null where there is none.</summary>
    public string? Title { get; }

    /// <summary>Sampling options that the file recommends (<c>general.sampling.*</c>); greedy where it says nothing.</summary>
    public SamplingOptions AdvisedSampling { get; }

    /// <summary>Opens a model; its weights are read from disk as they are first needed.</summary>
    /// <exception cref="NoosException">
    /// The file is missing (NotFound), corrupt (Damaged), too large for the machine (OutOfMemory), or of an architecture or storage format
    /// that the engine lacks (Invalid).
    /// </exception>
    public static LanguageModel Load(string ggufPath, InferenceOptions? options = null)
    {
        var file = GgufFile.Open(ggufPath);
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
        var architecture = KnownArchitectures.Find(file);
        return architecture.Read(new ModelMetadata(file, architecture.Name));
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
    /// bit for bit. The families here read from left to right (causally); models that read both ways, such as BERT, are not among them.
    /// </summary>
    /// <param name="texts">Tokens, at least one per text.</param>
    /// <param name="pooling">Null for what the file says, else the last token.</param>
    /// <param name="cancellationToken">Checked between groups of texts.</param>
    /// <returns>[texts][embedding length]</returns>
    /// <exception cref="NoosException">A text has no tokens, or more than the model reads.</exception>
    public float[][] Embed(IReadOnlyList<int[]> texts, Pooling? pooling = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _embedder.Embed(texts, pooling ?? Config.Pooling ?? Pooling.Last, cancellationToken);
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

        return new InferenceContext(this, _runner, new KeyValueCache(_pages, _prefixes, length, AdapterSet.Create(adapters, Id)));
    }

    /// <summary>Memory of the KV cache at this moment.</summary>
    public KeyValueMemory KeyValueMemory => new(_pages.Type, _pages.PageBytes, _pages.TakenCount, _prefixes.UnusedCount);

    /// <summary>What tells this model apart: its name, and a fingerprint of its file.</summary>
    public ModelId Id { get; }

    /// <inheritdoc cref="ModelId.Fingerprint"/>
    public string Fingerprint => Id.Fingerprint;

    /// <summary>
    /// Writes what conversations have read so far, up to <see cref="InferenceOptions.PrefixMemory"/>, into a file that
    /// <see cref="RestoreKeyValues"/> reads. May be called while conversations go on.
    /// </summary>
    /// <returns>Number of tokens whose keys and values are in the file.</returns>
    /// <exception cref="NoosException">The file cannot be written; what was there before is untouched.</exception>
    public int SaveKeyValues(string path)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var tokens = KeyValueFile(path).Save() * KeyValuePages.Positions;
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
            var tokens = KeyValueFile(path).Restore() * KeyValuePages.Positions;
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
            // The team first: it waits for a job that still runs on what follows.
            _team.Dispose();
            _pass.Dispose();
            _pages.Dispose();
            _weights.Dispose();
            _adapterMemory.ForEach(memory => memory.Dispose());
            _file.Dispose();
        }
    }

    KeyValueFile KeyValueFile(string path) => new(path, Id.FingerprintBytes, _pages, _prefixes);
}
