using System.IO.Hashing;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Language.Architectures;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Training.Model.Fused;

namespace Noos.Training.Adapters;

/// <summary>
/// A model file as the frozen base of an adapter: llama, qwen2, qwen3 and gemma3, of any type that <see cref="Quantization.Supports"/>.
/// The file is mapped and only read; what is made of it are its vectors. Thread-safe; holds the file open.
/// </summary>
public sealed unsafe class FrozenDecoder : IDisposable
{
    // Columns of a tile of the kernels.
    const int TileWidth = 16;
    const string FrequencyDivisors = "rope_freqs.weight";

    static readonly string[] s_families = ["llama", "qwen2", "qwen3", "gemma3"];

    readonly GgufFile _file;
    readonly Workspace _workspace = new();
    readonly HashSet<string> _read = new(StringComparer.Ordinal);
    readonly HashSet<string> _targets;
    readonly List<LoraSlot> _slots = [];
    readonly int _rank;
    long _length;

    FrozenDecoder(GgufFile file, LoraOptions options)
    {
        _file = file;
        _targets = [.. options.Targets];
        _rank = options.Rank;
        Options = options;
        Config = ReadConfig(file);
        Frequencies = Config.Rotary.Frequencies(Divisors()).Frequencies;
        LocalFrequencies = Config.LocalRotary?.Frequencies([]).Frequencies ?? [];
        var width = Config.EmbeddingLength;
        TokenEmbedding = Matrix(TensorNames.TokenEmbedding, Config.VocabularySize, width);
        Blocks = [.. Enumerable.Range(0, Config.BlockCount).Select(Block)];
        OutputNorm = Vector(TensorNames.OutputNorm, width);
        Output = file.TryGetTensor(TensorNames.Output, out _)
            ? Matrix(TensorNames.Output, Config.VocabularySize, width)
            : TokenEmbedding;
        if (file.Tensors.FirstOrDefault(tensor => !_read.Contains(tensor.Name)) is { } unknown)
        {
            throw Unfit($"has the tensor '{unknown.Name}', which the trainer of adapters does not compute with");
        }
    }

    /// <summary>The form of the adapter beside it.</summary>
    public LoraOptions Options { get; }

    /// <summary>As <c>general.architecture</c> names the family.</summary>
    public string Architecture => Config.Architecture;

    /// <summary>What the file says of itself.</summary>
    public string Name => _file.GetString("general.name") ?? Path.GetFileNameWithoutExtension(_file.Path);

    /// <summary>Longest sequence that the model was made for.</summary>
    public int ContextLength => Config.ContextLength;

    public int VocabularySize => Config.VocabularySize;

    /// <summary>The mapped file, for its vocabulary and chat template.</summary>
    public GgufFile File => _file;

    /// <summary>The low-rank pairs beside its matrices.</summary>
    public IReadOnlyList<LoraSlot> Slots => _slots;

    internal DecoderConfig Config { get; }

    /// <summary>Radians per position for each rotated pair.</summary>
    internal double[] Frequencies { get; }

    /// <summary>The same for blocks with a sliding window; empty where there are none.</summary>
    internal double[] LocalFrequencies { get; }

    internal FrozenMatrix TokenEmbedding { get; }

    internal FrozenBlock[] Blocks { get; }

    internal float* OutputNorm { get; }

    /// <summary>The head, which may be the matrix of the tokens' vectors.</summary>
    internal FrozenMatrix Output { get; }

    /// <param name="path">A GGUF model.</param>
    /// <param name="options">Which matrices are to be adapted, and how.</param>
    /// <exception cref="NoosException">There is no such file, it is damaged, or the trainer does not compute with such a model.</exception>
    public static FrozenDecoder Open(string path, LoraOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        RegularFile.Require(path);
        var file = GgufFile.Open(path);
        try
        {
            return new FrozenDecoder(file, options);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Names the file by its whole content: another base is another training.</summary>
    public string Fingerprint()
    {
        using var stream = System.IO.File.OpenRead(_file.Path);
        var hash = new XxHash3();
        hash.Append(stream);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    public void Dispose()
    {
        _workspace.Dispose();
        _file.Dispose();
    }

    FrozenBlock Block(int block)
    {
        var prefix = $"blk.{block}.";
        var (width, hidden) = (Config.EmbeddingLength, Config.FeedForwardLength);
        var (query, key) = (Config.QueryLength, Config.KeyValueLength);
        return new FrozenBlock
        {
            AttentionNorm = Vector(prefix + "attn_norm.weight", width),
            Query = Adapted(prefix, "attn_q", query, width),
            Key = Adapted(prefix, "attn_k", key, width),
            Value = Adapted(prefix, "attn_v", key, width),
            QueryNorm = OptionalVector(prefix + "attn_q_norm.weight", Config.HeadLength),
            KeyNorm = OptionalVector(prefix + "attn_k_norm.weight", Config.HeadLength),
            AttentionOutput = Adapted(prefix, "attn_output", width, query),
            PostAttentionNorm = Config.HasPostNorms ? Vector(prefix + "post_attention_norm.weight", width) : null,
            FeedForwardNorm = Vector(prefix + "ffn_norm.weight", width),
            Gate = Adapted(prefix, "ffn_gate", hidden, width),
            Up = Adapted(prefix, "ffn_up", hidden, width),
            Down = Adapted(prefix, "ffn_down", width, hidden),
            PostFeedForwardNorm = Config.HasPostNorms ? Vector(prefix + "post_ffw_norm.weight", width) : null,
        };
    }

    FrozenMatrix Adapted(string prefix, string target, int rows, int columns)
    {
        var name = $"{prefix}{target}.weight";
        LoraSlot? slot = null;
        if (_targets.Contains(target))
        {
            _slots.Add(slot = new LoraSlot(_slots.Count, name, rows, columns, _rank, _length, _length + ((long)_rank * columns)));
            _length += slot.LengthOfA + slot.LengthOfB;
        }

        return Matrix(name, rows, columns, slot, OptionalVector($"{prefix}{target}.bias", rows));
    }

    FrozenMatrix Matrix(string name, int rows, int columns, LoraSlot? slot = null, float* bias = null)
    {
        var tensor = Find(name, columns, rows);
        return new FrozenMatrix(name, tensor.Type, _file.Pointer(tensor), rows, columns, slot, bias);
    }

    float* OptionalVector(string name, int length) => _file.TryGetTensor(name, out _) ? Vector(name, length) : null;

    float* Vector(string name, int length)
    {
        var tensor = Find(name, length);
        var values = _workspace.Take(length);
        Quantization.Dequantize(tensor.Type, _file.Data(tensor), new Span<float>(values, length));
        return values;
    }

    GgufTensor Find(string name, params long[] dimensions)
    {
        _read.Add(name);
        if (!_file.TryGetTensor(name, out var tensor))
        {
            throw Unfit($"has no tensor '{name}'", ErrorKind.Damaged);
        }

        if (!tensor.Dimensions.SequenceEqual(dimensions))
        {
            throw Unfit(
                $"has the size {string.Join(" x ", tensor.Dimensions)} for '{name}', not {string.Join(" x ", dimensions)}",
                ErrorKind.Damaged);
        }

        return Quantization.Supports(tensor.Type)
            ? tensor
            : throw Unfit($"stores '{name}' as {tensor.Type}, which cannot be read");
    }

    /// <summary>Whatever else the engine computes with, adapters are trained for these families, without experts and YaRN.</summary>
    DecoderConfig ReadConfig(GgufFile file)
    {
        var metadata = new DecoderMetadata(file);
        Require(
            s_families.Contains(metadata.Architecture),
            $"is of architecture '{metadata.Architecture ?? "none"}', and adapters are trained for {string.Join(", ", s_families)}");
        Require((metadata.GetFloat("final_logit_softcapping") ?? 0) == 0, "caps its logits");
        var config = DecoderConfig.Read(file);
        Require(config.ExpertCount == 0, "is a mixture of experts");
        Require(config.Rotary is { IsYarn: false, Magnitude: 1 }, "has a context that is stretched by YaRN");
        Require(
            config.EmbeddingLength % TileWidth == 0 && config.FeedForwardLength % TileWidth == 0,
            $"has widths that are no multiples of {TileWidth}");
        return config;

        void Require(bool condition, string otherwise)
        {
            if (!condition)
            {
                throw Unfit($"{otherwise}, which the trainer of adapters does not compute with");
            }
        }
    }

    /// <summary>Of the frequencies, as Llama 3.1 stretches them; none in most files.</summary>
    float[] Divisors() => _file.TryGetTensor(FrequencyDivisors, out _)
        ? new ReadOnlySpan<float>(Vector(FrequencyDivisors, Config.Rotary.Length / 2), Config.Rotary.Length / 2).ToArray()
        : [];

    NoosException Unfit(string what, ErrorKind kind = ErrorKind.Invalid) =>
        new(kind, $"The model '{_file.Path}' {what}; choose another model or download it again.");
}
