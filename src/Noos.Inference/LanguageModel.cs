using Noos.Core;
using Noos.Inference.Adapters;
using Noos.Inference.Architectures;
using Noos.Inference.Kernels.Attention;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Sampling;
using Noos.Inference.Transformer;
using Noos.Language.Gguf;
using Noos.Language.Tokenization;

namespace Noos.Inference;

/// <summary>
/// A decoder from a GGUF file. Contexts of one model may be used from several threads: what they ask for at the same time is computed
/// together. Dispose the contexts before the model.
/// </summary>
public sealed class LanguageModel : IDisposable
{
    // Each takes keys and values while it is read.
    const int TextsAtOnce = 32;

    readonly GgufFile _file;
    readonly ThreadTeam _team;
    readonly DecoderWeights _weights;
    readonly KeyValuePages _pages;
    readonly PrefixTree _prefixes;
    readonly ForwardPass _pass;
    readonly BatchRunner _runner;
    readonly Lazy<IChatFormat> _chatFormat;
    readonly Lazy<byte[]> _fingerprint;
    readonly List<LargeMemory> _adapterMemory = [];
    bool _disposed;

    LanguageModel(GgufFile file, InferenceOptions options)
    {
        _file = file;
        var architecture = KnownArchitectures.Of(file);
        Config = architecture.Read(new ModelMetadata(file, architecture.Name));
        Tokenizer = Tokenizer.FromGguf(file);
        if (Tokenizer.VocabularySize > Config.VocabularySize)
        {
            throw new NoosException(
                $"The model file '{file.Path}' has {Tokenizer.VocabularySize:N0} tokens in its vocabulary but {Config.VocabularySize:N0} in its weights; export it again.");
        }

        Name = file.GetString("general.name") ?? Path.GetFileNameWithoutExtension(file.Path);
        AdvisedSampling = Sampling.AdvisedSampling.Of(file);
        _fingerprint = new Lazy<byte[]>(() => ModelFingerprint.Of(file));
        _chatFormat = new Lazy<IChatFormat>(() => ChatFormats.For(file, Tokenizer));
        _team = new ThreadTeam(options.ThreadCount(file.Tensors.Sum(tensor => tensor.ByteLength)));
        try
        {
            _weights = new DecoderWeights(file, Config, architecture, _team);
        }
        catch
        {
            _team.Dispose();
            throw;
        }

        var attention = AttentionKernel.For(options.KeyValueType);
        _pages = new KeyValuePages(Config.KeyValueHeadCount, Config.HeadLength, Config.BlockCount, attention);
        _prefixes = new PrefixTree(_pages, options.UnusedPages(_pages.PageBytes));
        _pass = new ForwardPass(Config, _weights, _pages, attention, _team, Math.Min(options.ChunkLength, Config.ContextLength));
        _runner = new BatchRunner(_pass);
    }

    public DecoderConfig Config { get; }

    public Tokenizer Tokenizer { get; }

    /// <summary>How the model reads conversations.</summary>
    /// <exception cref="NoosException">It cannot: it is a base model, or its template is broken.</exception>
    public IChatFormat ChatFormat => _chatFormat.Value;

    /// <summary>The name in the file's metadata, else the file's name.</summary>
    public string Name { get; }

    /// <summary>How the model's makers advise to draw tokens; greedy where the file says nothing.</summary>
    public SamplingOptions AdvisedSampling { get; }

    /// <summary>Opens a model; its weights are read from disk as they are first needed.</summary>
    /// <exception cref="NoosException">The file is missing, damaged, or of an architecture or storage format that the engine lacks.</exception>
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
        var architecture = KnownArchitectures.Of(file);
        return architecture.Read(new ModelMetadata(file, architecture.Name));
    }

    /// <summary>Loads a LoRA adapter for contexts of this model; it lives as long as the model.</summary>
    /// <exception cref="NoosException">The file is no adapter, one of another model, or damaged; the message says which.</exception>
    public LoraAdapter LoadAdapter(string path)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var adapter = LoraAdapter.Load(path, this, _weights.Matrices, out var memory);
        lock (_adapterMemory)
        {
            _adapterMemory.Add(memory);
        }

        return adapter;
    }

    /// <summary>
    /// The vectors of some texts, each of length one: the hidden states after the output norm, pooled. A vector depends on its text alone,
    /// bit for bit. The families here read from left to right (causally); models that read both ways, such as BERT, are not among them.
    /// </summary>
    /// <param name="texts">Tokens, at least one a text.</param>
    /// <param name="pooling">Null for what the file says, else the last token.</param>
    /// <param name="cancellationToken">Looked at between groups of texts.</param>
    /// <returns>[texts][embedding length]</returns>
    /// <exception cref="NoosException">A text has no tokens, or more than the model reads.</exception>
    public float[][] Embed(IReadOnlyList<int[]> texts, Pooling? pooling = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ObjectDisposedException.ThrowIf(_disposed, this);
        foreach (var tokens in texts)
        {
            if (tokens.Length < 1 || tokens.Length > Config.ContextLength)
            {
                throw new NoosException($"A text for a vector must have between 1 and {Config.ContextLength:N0} tokens, not {tokens.Length:N0}; split it.");
            }

            if (Array.Find(tokens, token => (uint)token >= (uint)Config.VocabularySize) is var stranger && (uint)stranger >= (uint)Config.VocabularySize)
            {
                throw new NoosException($"The token {stranger} is not in the vocabulary of '{Name}', which ends at {Config.VocabularySize - 1}.");
            }
        }

        var vectors = new List<float[]>(texts.Count);
        foreach (var group in texts.Chunk(TextsAtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            vectors.AddRange(EmbedGroup(group, pooling ?? Config.Pooling ?? Pooling.Last));
        }

        return [.. vectors];
    }

    /// <summary>Makes an empty context.</summary>
    /// <param name="capacity">Most tokens it can hold; null for the length the model was trained on.</param>
    /// <param name="adapters">Adapters to read with, loaded by <see cref="LoadAdapter"/>; null for none.</param>
    public InferenceContext CreateContext(int? capacity = null, IReadOnlyList<AdapterScale>? adapters = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var length = capacity ?? Config.ContextLength;
        if (length < 1 || length > Config.ContextLength)
        {
            throw new NoosException($"A context of '{Name}' holds between 1 and {Config.ContextLength:N0} tokens, not {length:N0}.");
        }

        return new InferenceContext(this, _runner, new KeyValueCache(_pages, _prefixes, length, AdapterSet.Of(adapters, this)));
    }

    /// <summary>Memory of keys and values, exactly.</summary>
    public KeyValueMemory KeyValueMemory => new(_pages.Type, _pages.PageBytes, _pages.TakenCount, _prefixes.UnusedCount);

    /// <summary>Tells models apart by their metadata, shapes and samples of their weights: 64 hexadecimal digits.</summary>
    public string Fingerprint => Convert.ToHexStringLower(_fingerprint.Value);

    /// <summary>
    /// Writes what conversations have read so far, up to <see cref="InferenceOptions.PrefixMemory"/>, into a file that
    /// <see cref="RestoreKeyValues"/> reads. May be called while conversations go on.
    /// </summary>
    /// <returns>Number of tokens whose keys and values are in the file.</returns>
    /// <exception cref="NoosException">The file cannot be written; what was there before is untouched.</exception>
    public int SaveKeyValues(string path)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return KeyValueFile(path).Save() * KeyValuePages.Positions;
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
        return KeyValueFile(path).Restore() * KeyValuePages.Positions;
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _team.Dispose();
            _pass.Dispose();
            _pages.Dispose();
            _weights.Dispose();
            _adapterMemory.ForEach(memory => memory.Dispose());
            _file.Dispose();
        }
    }

    KeyValueFile KeyValueFile(string path) => new(path, _fingerprint.Value, _pages, _prefixes);

    float[][] EmbedGroup(int[][] texts, Pooling pooling)
    {
        var caches = new List<KeyValueCache>();
        try
        {
            var outputs = Array.ConvertAll(texts, _ => new PooledOutput(pooling, Config.EmbeddingLength));
            var requests = new BatchRequest[texts.Length];
            for (var i = 0; i < texts.Length; i++)
            {
                var cache = new KeyValueCache(_pages, _prefixes, texts[i].Length);
                caches.Add(cache);
                cache.Reserve(0, texts[i].Length);
                requests[i] = new BatchRequest(texts[i], 0, cache, outputs[i]);
            }

            _runner.Run(requests);
            return Array.ConvertAll(outputs, output => output.Vector());
        }
        catch (OutOfMemoryException e)
        {
            throw new NoosException($"There is not enough memory for the vectors of {texts.Length} texts of '{Name}'; give shorter texts.", e);
        }
        finally
        {
            caches.ForEach(cache => cache.Dispose());
        }
    }
}
