using Noos.Inference.Kernels;
using Noos.Language;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Inference.Transformer;

/// <summary>
/// All weights of a decoder; nothing is copied out of the mapped file. <see cref="ModelFile.ReadConfig"/> has checked that every tensor
/// is there with the sizes of the shape.
/// </summary>
sealed unsafe class TransformerWeights
{
    readonly GgufFile _file;
    readonly Dictionary<GgufTensorType, MatrixKernel> _kernels = [];

    public TransformerWeights(GgufFile file, TransformerConfig config)
    {
        _file = file;
        var width = config.EmbeddingLength;
        TokenEmbedding = Matrix(TensorNames.TokenEmbedding, config.VocabularySize, width);
        OutputNorm = Vector(TensorNames.OutputNorm);
        Output = config.TiedEmbeddings ? TokenEmbedding : Matrix(TensorNames.Output, config.VocabularySize, width);
        Blocks = new BlockWeights[config.BlockCount];
        for (var block = 0; block < Blocks.Length; block++)
        {
            Blocks[block] = new BlockWeights
            {
                AttentionNorm = Vector(TensorNames.AttentionNorm(block)),
                Query = Matrix(TensorNames.Query(block), config.QueryLength, width),
                Key = Matrix(TensorNames.Key(block), config.KeyValueLength, width),
                Value = Matrix(TensorNames.Value(block), config.KeyValueLength, width),
                QueryNorm = Vector(TensorNames.QueryNorm(block)),
                KeyNorm = Vector(TensorNames.KeyNorm(block)),
                AttentionOutput = Matrix(TensorNames.AttentionOutput(block), width, config.QueryLength),
                FeedForwardNorm = Vector(TensorNames.FeedForwardNorm(block)),
                Gate = Matrix(TensorNames.Gate(block), config.FeedForwardLength, width),
                Up = Matrix(TensorNames.Up(block), config.FeedForwardLength, width),
                Down = Matrix(TensorNames.Down(block), width, config.FeedForwardLength),
            };
        }
    }

    public WeightMatrix TokenEmbedding { get; }

    public float* OutputNorm { get; }

    public WeightMatrix Output { get; }

    public BlockWeights[] Blocks { get; }

    WeightMatrix Matrix(string name, int rows, int columns)
    {
        var tensor = Require(name);
        if (!_kernels.TryGetValue(tensor.Type, out var kernel))
        {
            kernel = MatrixKernels.Best(tensor.Type) ?? throw new NoosException(
                $"The tensor '{name}' of '{_file.Path}' is stored as {tensor.Type}, which this engine does not compute with; use a Q8_0, F16 or F32 model.");
            _kernels.Add(tensor.Type, kernel);
        }

        return new WeightMatrix(kernel, _file.Pointer(tensor), rows, columns);
    }

    float* Vector(string name)
    {
        var tensor = Require(name);
        return tensor.Type == GgufTensorType.F32
            ? (float*)_file.Pointer(tensor)
            : throw new NoosException($"The tensor '{name}' of '{_file.Path}' is stored as {tensor.Type}, but norms must be F32; export the model again.");
    }

    GgufTensor Require(string name) => _file.TryGetTensor(name, out var tensor)
        ? tensor
        : throw new NoosException($"The model file '{_file.Path}' lacks the tensor '{name}'; export or download it again.");
}
