using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core;
using Noos.Inference.Diagnostics;
using Noos.Inference.Embeddings;
using Noos.Inference.Threading;
using Noos.Inference.Weights;
using Noos.Language.Architectures;
using Noos.Language.Gguf;
using Noos.Language.Tokenization;

namespace Noos.Inference.Encoders;

/// <summary>
/// An encoder from a GGUF file, whose tokens see those before and behind them (BERT): for vectors of texts. Each worker of the team takes
/// groups of texts and computes them alone, so that no worker waits for another. Thread-safe; calls wait for each other.
/// </summary>
public sealed class EncoderModel : IEmbeddingModel
{
    // Short texts are read together up to so many tokens: enough for a product at full speed, few enough for the cache.
    const int TokensPerGroup = 256;

    readonly GgufFile _file;
    readonly ThreadTeam _team;
    readonly EncoderWeights _weights;
    readonly EncoderPass _pass;
    readonly EncoderWorkspace?[] _spaces;
    readonly ModelId _id;
    readonly SemaphoreSlim _free = new(1);
    int _capacity;
    bool _disposed;

    EncoderModel(GgufFile file, InferenceOptions options)
    {
        var start = Stopwatch.GetTimestamp();
        var logger = options.LoggerFactory?.CreateLogger(Telemetry.Name) ?? (ILogger)NullLogger.Instance;
        _file = file;
        Config = KnownEncoders.Read(file);
        _id = new ModelId(ModelId.NameOf(file.Path), file);
        Tokenizer = Tokenizer.FromGguf(file);
        ModelMetadata.RequireVocabulary(file, Tokenizer, Config.VocabularySize);
        var bytes = file.Tensors.Sum(tensor => tensor.ByteLength);
        _team = new ThreadTeam(options.ThreadCount(bytes));
        try
        {
            _weights = new EncoderWeights(file, Config, options.MaxKernelTier, _team);
        }
        catch
        {
            _team.Dispose();
            throw;
        }

        _pass = new EncoderPass(Config, _weights);
        _spaces = new EncoderWorkspace?[_team.Size];
        if (logger.IsEnabled(LogLevel.Information))
        {
            var parameters = file.Tensors.Sum(tensor => tensor.Dimensions.Aggregate(1L, (product, dimension) => product * dimension));
            var kernels = KernelChoice.NameInUse(options.MaxKernelTier);
            var elapsed = Stopwatch.GetElapsedTime(start);
            Log.ModelLoaded(logger, Name, Config.Architecture, parameters, bytes, _team.Size, kernels, elapsed);
        }
    }

    public EncoderConfig Config { get; }

    public Tokenizer Tokenizer { get; }

    public string Name => _id.Name;

    public int EmbeddingLength => Config.EmbeddingLength;

    public int ContextLength => Config.ContextLength;

    /// <summary>It scores pairs of texts instead of making vectors.</summary>
    public bool IsReranker => Config.LabelCount > 0;

    /// <summary>Its file.</summary>
    public string Path => _file.Path;

    /// <summary>What its makers called it in the file's metadata; null where there is none.</summary>
    public string? Title => _file.GetString("general.name");

    /// <summary>The file is of an encoder that this class computes with.</summary>
    public static bool IsEncoder(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return IsEncoder(file.GetString("general.architecture"));
    }

    /// <summary>Models of this architecture are encoders that this class computes with.</summary>
    public static bool IsEncoder(string? architecture) => KnownEncoders.Contains(architecture);

    /// <summary>Opens a model.</summary>
    /// <exception cref="NoosException">
    /// The file is missing (NotFound), corrupt (Damaged), too large for the machine (OutOfMemory), or of an architecture or storage format
    /// that this class lacks (Invalid).
    /// </exception>
    public static EncoderModel Load(string ggufPath, InferenceOptions? options = null) => Load(GgufFile.Open(ggufPath), options);

    /// <summary>The same of a file that is open already.</summary>
    /// <param name="file">Owned from now on, also where this fails.</param>
    /// <param name="options">How it is computed.</param>
    /// <inheritdoc cref="Load(string, InferenceOptions?)"/>
    public static EncoderModel Load(GgufFile file, InferenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        try
        {
            return new EncoderModel(file, options ?? new InferenceOptions());
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public Task<float[][]> EmbedAsync(
        IReadOnlyList<int[]> texts, Pooling? pooling = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (IsReranker)
        {
            throw new NoosException(
                $"The model '{Name}' ranks texts by a question (POST /v1/rerank, 'noos rerank') and makes no vectors; choose another "
                + "model.");
        }

        return ComputeAsync(
            [.. texts.Select(text => new EncoderText(text, text.Length))],
            (first, count, space) => Pool(first, count, pooling ?? Config.Pooling, space), cancellationToken);
    }

    /// <summary>Scores pairs of texts. A score depends on its pair alone, bit for bit.</summary>
    /// <param name="pairs">The tokens of each.</param>
    /// <param name="cancellationToken">Checked between groups of pairs.</param>
    /// <returns>[pairs][labels], as the head of the model gives them.</returns>
    /// <exception cref="NoosException">The model has no head, or a pair has no tokens, or more than the model reads.</exception>
    public Task<float[][]> ScoreAsync(IReadOnlyList<EncoderText> pairs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return IsReranker
            ? ComputeAsync(pairs, _pass.Score, cancellationToken)
            : throw new NoosException($"The model '{Name}' makes vectors and does not rank; choose a reranker.");
    }

    async Task<float[][]> ComputeAsync(
        IReadOnlyList<EncoderText> texts, Func<int, int, EncoderWorkspace, float[]> read, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        foreach (var text in texts)
        {
            EmbeddedText.Check(text.Tokens, Name, Config.ContextLength, Config.VocabularySize);
        }

        var vectors = new float[texts.Count][];
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var groups = Groups(texts);
            Reserve(groups.Count == 0 ? 0 : groups.Max(group => group.Sum(text => texts[text].Tokens.Length)));
            await Task.Run(() => _team.Run(member =>
            {
                while (_team.TryTake(member, groups.Count, out var group))
                {
                    if (!cancellationToken.IsCancellationRequested)
                    {
                        Compute(texts, groups[group], read, vectors, _spaces[member]!);
                    }
                }
            }), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }

        cancellationToken.ThrowIfCancellationRequested();
        return vectors;
    }

    public void Dispose()
    {
        _free.Wait();
        if (!_disposed)
        {
            _disposed = true;
            _team.Dispose();
            Array.ForEach(_spaces, space => space?.Dispose());
            _weights.Dispose();
            _file.Dispose();
        }

        _free.Release();
    }

    void Compute(
        IReadOnlyList<EncoderText> texts, int[] group, Func<int, int, EncoderWorkspace, float[]> read, float[][] vectors,
        EncoderWorkspace space)
    {
        _pass.Execute(Array.ConvertAll(group, text => texts[text]), space);
        var first = 0;
        foreach (var text in group)
        {
            vectors[text] = read(first, texts[text].Tokens.Length, space);
            first += texts[text].Tokens.Length;
        }
    }

    float[] Pool(int first, int count, Pooling pooling, EncoderWorkspace space)
    {
        var output = new PooledOutput(pooling, Config.EmbeddingLength);
        for (var token = 0; token < count; token++)
        {
            if (output.Select(token, count) == Transformer.TokenOutput.HiddenState)
            {
                output.Add(StateOf(space, first + token));
            }
        }

        return output.ToVector();
    }

    unsafe ReadOnlySpan<float> StateOf(EncoderWorkspace space, int token) => new(space.Residual.Row(token), Config.EmbeddingLength);

    /// <summary>Texts of similar length together, the longest first, so that the workers finish together.</summary>
    static List<int[]> Groups(IReadOnlyList<EncoderText> texts)
    {
        var groups = new List<int[]>();
        var group = new List<int>();
        var tokens = 0;
        foreach (var text in Enumerable.Range(0, texts.Count).OrderByDescending(text => texts[text].Tokens.Length))
        {
            if (group.Count > 0 && tokens + texts[text].Tokens.Length > TokensPerGroup)
            {
                groups.Add([.. group]);
                group.Clear();
                tokens = 0;
            }

            group.Add(text);
            tokens += texts[text].Tokens.Length;
        }

        if (group.Count > 0)
        {
            groups.Add([.. group]);
        }

        return groups;
    }

    void Reserve(int tokens)
    {
        if (tokens <= _capacity)
        {
            return;
        }

        _capacity = Math.Max(tokens, Math.Min(TokensPerGroup, Config.ContextLength));
        for (var member = 0; member < _spaces.Length; member++)
        {
            _spaces[member]?.Dispose();
            _spaces[member] = null;
            _spaces[member] = new EncoderWorkspace(Config, _capacity);
        }
    }
}
