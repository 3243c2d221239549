using System.Text.Json;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Safetensors;

namespace Noos.Language.HuggingFace;

/// <summary>The safetensors files of a model, one or several with an index. Safe for concurrent readers.</summary>
sealed unsafe class HuggingFaceWeights : IDisposable
{
    const string Single = "model.safetensors";
    const string Index = "model.safetensors.index.json";

    readonly List<SafetensorsFile> _files = [];
    readonly Dictionary<string, SafetensorsFile> _byTensor = new(StringComparer.Ordinal);

    /// <exception cref="NoosException">A file is missing or damaged.</exception>
    public HuggingFaceWeights(string folder)
    {
        try
        {
            foreach (var name in FileNames(folder))
            {
                var file = SafetensorsFile.Open(Path.Combine(folder, name));
                _files.Add(file);
                foreach (var tensor in file.Names)
                {
                    _byTensor.TryAdd(tensor, file);
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public bool Contains(string name) => _byTensor.ContainsKey(name);

    /// <summary>Opens a tensor for reading row by row.</summary>
    /// <param name="tensor">What it should be.</param>
    /// <exception cref="NoosException">It is missing, or of other sizes or a type without floats.</exception>
    public RowQuantizer.RowSource Rows(HuggingFaceTensor tensor, out GgufTensorType type)
    {
        if (!_byTensor.TryGetValue(tensor.Source, out var file))
        {
            throw new NoosException(
                ErrorKind.Damaged, $"The model has no tensor '{tensor.Source}', which its config.json promises; download it again.");
        }

        var shape = file.Shape(tensor.Source);
        // Convolutions have a dimension of one value more, which changes nothing.
        if (!shape.Reverse().Where(size => size != 1).SequenceEqual(tensor.Dimensions.Where(size => size != 1)))
        {
            throw new NoosException(ErrorKind.Damaged,
                $"The tensor '{tensor.Source}' is of size {string.Join(" x ", shape)} and should be "
                + $"{string.Join(" x ", tensor.Dimensions.Reverse())}; download the model again.");
        }

        type = file.Dtype(tensor.Source) switch
        {
            SafetensorsType.F32 => GgufTensorType.F32,
            SafetensorsType.F16 => GgufTensorType.F16,
            SafetensorsType.BF16 => GgufTensorType.BF16,
            var other => throw new NoosException(
                $"The tensor '{tensor.Source}' holds {other}, and only F32, F16 and BF16 can be converted; download the original of "
                + "the model."),
        };
        var (stored, columns) = (type, (int)tensor.Dimensions[0]);
        var rowBytes = (int)GgufTensorLayout.For(type).BytesOf(columns);
        var start = (nint)file.AddressOf(tensor.Source);
        if (tensor.RotatedHeads == 0)
        {
            return (row, values) => Read(row, values);
        }

        if (tensor.Dimensions.Count == 1)
        {
            // A vector is one row, and its values change places.
            return (_, values) =>
            {
                var whole = new float[values.Length];
                Read(0, whole);
                for (var index = 0; index < values.Length; index++)
                {
                    values[index] = whole[Interleaved(index, values.Length / tensor.RotatedHeads)];
                }
            };
        }

        var headLength = tensor.Dimensions[1] / tensor.RotatedHeads;
        return (row, values) => Read(Interleaved(row, headLength), values);

        void Read(long row, Span<float> values) =>
            Quantization.Dequantize(stored, new ReadOnlySpan<byte>((byte*)start + (row * rowBytes), rowBytes), values);
    }

    public void Dispose() => _files.ForEach(file => file.Dispose());

    /// <summary>
    /// Maps a row of a head in interleaved RoPE order (pairs 2i, 2i + 1, as GGUF has Llama's queries and keys) to its row in half-split
    /// order (i, i + d/2, as Hugging Face has them): <c>LlamaModel.permute</c> of llama.cpp's converter, one row at a time.
    /// </summary>
    static long Interleaved(long place, long headLength)
    {
        var (head, inHead) = Math.DivRem(place, headLength);
        return (head * headLength) + (inHead % 2 * (headLength / 2)) + (inHead / 2);
    }

    static SortedSet<string> FileNames(string folder)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        if (JsonFile.ReadIfThere(Path.Combine(folder, Index)) is not { } index)
        {
            names.Add(Single);
            return names;
        }

        if (index.Find("weight_map", JsonValueKind.Object) is not { } map)
        {
            throw index.Lacks("weight_map");
        }

        foreach (var entry in map.EnumerateObject())
        {
            // Only files of the folder itself: an index must not lead elsewhere.
            names.Add(JsonFile.TextOf(entry.Value, Index) is { Length: > 0 } name && Path.GetFileName(name) == name
                ? name
                : throw new NoosException(ErrorKind.Damaged,
                    $"The file '{Path.Combine(folder, Index)}' names a file of weights that is no file of the folder; download the "
                    + "model again."));
        }

        return names;
    }
}
