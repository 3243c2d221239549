using Noos.Core;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Kernels.Panels.Formats;
using Noos.Inference.Memory;
using Noos.Inference.Weights;
using Noos.Language.Gguf;

namespace Noos.Inference.Adapters;

/// <summary>
/// A LoRA adapter (Hu et al. 2021) from a GGUF file as llama.cpp's convert_lora_to_gguf.py writes it, loaded for one model beside its
/// weights. Immutable; the model owns it.
/// </summary>
public sealed unsafe class LoraAdapter
{
    const string InputSide = ".lora_a";
    const string OutputSide = ".lora_b";

    readonly Dictionary<WeightMatrix, LoraPair> _pairs = [];

    LoraAdapter(ModelId model, GgufFile file)
    {
        Model = model;
        Path = file.Path;
        Name = file.GetString("general.name") ?? System.IO.Path.GetFileNameWithoutExtension(file.Path);
        Fingerprint = ModelFingerprint.Compute(file);
    }

    /// <summary>The name in the file's metadata, else the file's name.</summary>
    public string Name { get; }

    public string Path { get; }

    /// <summary>The model that it was loaded for; no other can use it.</summary>
    public ModelId Model { get; }

    /// <summary>Identity of the file's content, 32 bytes: see <see cref="ModelFingerprint"/>.</summary>
    internal byte[] Fingerprint { get; }

    /// <summary>Number of weight matrices that it changes.</summary>
    public int MatrixCount => _pairs.Count;

    /// <summary>The low-rank pair for a weight matrix, or null.</summary>
    internal LoraPair? Find(WeightMatrix matrix) => _pairs.GetValueOrDefault(matrix);

    /// <summary>Reads a file and packs its matrices.</summary>
    /// <param name="path">A GGUF file.</param>
    /// <param name="model">The model that it is for.</param>
    /// <param name="architecture">The model's architecture, as the metadata names it.</param>
    /// <param name="matrices">The model's matrices.</param>
    /// <param name="memory">Holds the packed matrices; the caller owns it.</param>
    /// <exception cref="NoosException">
    /// There is no such file (NotFound), it is no adapter or one of another model (Invalid), it is corrupt (Damaged), or memory is short.
    /// </exception>
    internal static LoraAdapter Load(
        string path, ModelId model, string architecture, IReadOnlyList<PackedTensor> matrices, out LargeMemory memory)
    {
        using var file = GgufFile.Open(path);
        var alpha = CheckHeader(file, model, architecture);
        var adapter = new LoraAdapter(model, file);
        var pack = new List<Packing>();
        foreach (var (name, a, b) in Pairs(file))
        {
            var parts = matrices.Where(matrix => matrix.Tensor.Name == name).ToArray();
            if (parts.Length == 0 || name == Language.Models.TensorNames.TokenEmbedding)
            {
                throw Unfit(file, parts.Length > 0
                    ? $"changes the vectors of the tokens ('{name}'), which this engine does not adapt"
                    : $"changes '{name}', which '{model.Name}' does not have");
            }

            adapter.Add(file, alpha, parts, a, b, pack);
        }

        if (pack.Count == 0)
        {
            throw Unfit(file, "holds no weights", ErrorKind.Damaged);
        }

        memory = Pack(file, pack);
        return adapter;
    }

    /// <summary>Reads LoRA's alpha; 0 where the file has none.</summary>
    static double CheckHeader(GgufFile file, ModelId model, string expected)
    {
        if (file.GetString("general.type") is var type && type != "adapter")
        {
            throw new NoosException(
                $"'{file.Path}' is no adapter but {(type is null ? "says not what it is" : $"a {type}")}; give a LoRA adapter in GGUF "
                + "format.");
        }

        if (file.GetString("adapter.type") is var kind && kind != "lora")
        {
            throw Unfit(file, $"is of the kind '{kind}', and this engine knows only 'lora'");
        }

        if (file.GetString("general.architecture") is var architecture && architecture != expected)
        {
            throw Unfit(file, $"is for models of architecture '{architecture}', and '{model.Name}' is a '{expected}'");
        }

        if (file.Metadata.ContainsKey("adapter.alora.invocation_tokens"))
        {
            throw Unfit(file, "is to act from certain tokens on (aLoRA), which this engine does not do");
        }

        var alpha = file.GetFloat("adapter.lora.alpha") ?? 0;
        return double.IsFinite(alpha) && Math.Abs(alpha) <= 1e6
            ? alpha
            : throw Unfit(file, $"has {alpha} as 'adapter.lora.alpha', which is impossible", ErrorKind.Damaged);
    }

    /// <summary>The pairs by the names of the tensors that they change. Norms are left out, as in llama.cpp.</summary>
    static IEnumerable<(string Name, GgufTensor A, GgufTensor B)> Pairs(GgufFile file)
    {
        foreach (var tensor in file.Tensors)
        {
            var isInput = tensor.Name.EndsWith(InputSide, StringComparison.Ordinal);
            if (!isInput && !tensor.Name.EndsWith(OutputSide, StringComparison.Ordinal))
            {
                if (tensor.Name.EndsWith("_norm.weight", StringComparison.Ordinal))
                {
                    continue;
                }

                throw Unfit(file, $"has the tensor '{tensor.Name}', which is no part of a LoRA adapter");
            }

            var name = tensor.Name[..^InputSide.Length];
            var otherName = name + (isInput ? OutputSide : InputSide);
            if (!file.TryGetTensor(otherName, out var other))
            {
                throw Unfit(file, $"has '{tensor.Name}' without '{otherName}'", ErrorKind.Damaged);
            }

            if (isInput)
            {
                yield return (name, tensor, other);
            }
        }
    }

    static NoosException Unfit(GgufFile file, string what, ErrorKind kind = ErrorKind.Invalid) =>
        new(kind, $"The adapter '{file.Path}' {what}; give one that was made for this model.");

    static PanelKernel Kernel(GgufFile file, GgufTensor tensor) => tensor.Type switch
    {
        GgufTensorType.F16 => new FloatPanelKernel<F16Format>(tensor.Type),
        GgufTensorType.BF16 => new FloatPanelKernel<BF16Format>(tensor.Type),
        _ when Quantization.Supports(tensor.Type) => new FloatPanelKernel<F32Format>(tensor.Type),
        _ => throw Unfit(file, $"stores '{tensor.Name}' as {tensor.Type}, which this engine does not compute with"),
    };

    static long Size(GgufTensor tensor, int dimension) => dimension < tensor.Dimensions.Count ? tensor.Dimensions[dimension] : 1;

    /// <summary>One tensor may be several matrices: queries, keys and values in one, or experts.</summary>
    void Add(GgufFile file, double alpha, PackedTensor[] parts, GgufTensor a, GgufTensor b, List<Packing> pack)
    {
        var tensor = parts[0].Tensor;
        var (columns, rows, experts) = (Size(tensor, 0), Size(tensor, 1), Size(tensor, 2));
        var rank = Size(a, 1);
        if (rank < 1 || Size(a, 0) != columns
            || Size(a, 2) != experts
            || Size(a, 3) != 1
            || Size(b, 0) != rank
            || Size(b, 1) != rows
            || Size(b, 2) != experts
            || Size(b, 3) != 1)
        {
            throw Unfit(file,
                $"has the sizes {string.Join(" x ", a.Dimensions)} and {string.Join(" x ", b.Dimensions)} for '{tensor.Name}', which "
                + $"has {string.Join(" x ", tensor.Dimensions)}");
        }

        var factor = alpha == 0 ? 1 : (float)(alpha / rank);
        var inputs = new Dictionary<long, WeightMatrix>();
        foreach (var part in parts)
        {
            var expert = part.Order.First / rows;
            if (!inputs.TryGetValue(expert, out var input))
            {
                inputs.Add(expert, input = new WeightMatrix(Kernel(file, a), (int)rank, (int)columns));
                pack.Add(new Packing(input, a, new RowOrder((int)(expert * rank))));
            }

            var output = new WeightMatrix(Kernel(file, b), part.Matrix.Rows, (int)rank);
            pack.Add(new Packing(output, b, part.Order));
            _pairs.Add(part.Matrix, new LoraPair(input, output, factor));
        }
    }

    static LargeMemory Pack(GgufFile file, List<Packing> pack)
    {
        var total = pack.Sum(packing => packing.Matrix.ByteCount);
        LargeMemory memory;
        try
        {
            memory = new LargeMemory(total);
        }
        catch (OutOfMemoryException e)
        {
            throw new NoosException(
                ErrorKind.OutOfMemory, $"The adapter '{file.Path}' takes {total >> 20:N0} MB, which this machine does not have free.", e);
        }

        var place = memory.Start;
        foreach (var (matrix, tensor, order) in pack)
        {
            matrix.Place(place);
            place += matrix.ByteCount;
            var rowBytes = GgufTensorLayout.For(tensor.Type).BytesOf(matrix.Columns);
            for (var panel = 0; panel < matrix.PanelCount; panel++)
            {
                matrix.Pack(file.Pointer(tensor), rowBytes, order, panel);
            }
        }

        return memory;
    }

    readonly record struct Packing(WeightMatrix Matrix, GgufTensor Tensor, RowOrder Order);
}
