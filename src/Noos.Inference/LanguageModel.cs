using Noos.Inference.Transformer;
using Noos.Language;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Language.Tokenization;

namespace Noos.Inference;

/// <summary>
/// A decoder of architecture <c>qwen3</c> whose weights lie in a memory-mapped GGUF file. Immutable; contexts of one model may be used
/// from several threads, their passes then run one after another. Dispose the contexts before the model.
/// </summary>
public sealed class LanguageModel : IDisposable
{
    readonly GgufFile _file;
    readonly TransformerWeights _weights;
    readonly ThreadTeam _team;
    readonly int _chunkLength;
    readonly Lazy<IChatFormat> _chatFormat;
    bool _disposed;

    LanguageModel(GgufFile file, InferenceOptions options)
    {
        _file = file;
        Config = ModelFile.ReadConfig(file);
        Tokenizer = Tokenizer.FromGguf(file);
        if (Tokenizer.VocabularySize != Config.VocabularySize)
        {
            throw new NoosException(
                $"The model file '{file.Path}' has {Tokenizer.VocabularySize:N0} tokens in its vocabulary but {Config.VocabularySize:N0} in its weights; export it again.");
        }

        _weights = new TransformerWeights(file, Config);
        Name = file.GetString("general.name") ?? Path.GetFileNameWithoutExtension(file.Path);
        _chunkLength = options.ChunkLength;
        _chatFormat = new Lazy<IChatFormat>(() => ChatFormats.Of(file, Tokenizer));
        _team = new ThreadTeam(options.ThreadCount(file.Tensors.Sum(tensor => tensor.ByteLength)));
    }

    public TransformerConfig Config { get; }

    public Tokenizer Tokenizer { get; }

    /// <summary>How the model reads conversations.</summary>
    /// <exception cref="NoosException">It cannot: it is a base model, or its template is broken.</exception>
    public IChatFormat ChatFormat => _chatFormat.Value;

    /// <summary>The name in the file's metadata, else the file's name.</summary>
    public string Name { get; }

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

    /// <summary>Makes an empty context.</summary>
    /// <param name="capacity">Most tokens it can hold; null for the length the model was trained on.</param>
    public InferenceContext CreateContext(int? capacity = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var length = capacity ?? Config.ContextLength;
        if (length < 1 || length > Config.ContextLength)
        {
            throw new NoosException($"A context of '{Name}' holds between 1 and {Config.ContextLength:N0} tokens, not {length:N0}.");
        }

        var chunkLength = Math.Min(_chunkLength, length);
        try
        {
            return new InferenceContext(this, new ForwardPass(Config, _weights, _team, length, chunkLength), length, chunkLength);
        }
        catch (OutOfMemoryException e)
        {
            throw new NoosException($"There is not enough memory for a context of {length:N0} tokens of '{Name}'; ask for a smaller one.", e);
        }
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _team.Dispose();
            _file.Dispose();
        }
    }
}
