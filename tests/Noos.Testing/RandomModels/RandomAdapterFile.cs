using System.Runtime.InteropServices;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Testing.RandomModels;

/// <summary>Writes LoRA adapters with seeded random weights that llama.cpp loads, as its convert_lora_to_gguf.py writes them.</summary>
public static class RandomAdapterFile
{
    /// <param name="path">Where to.</param>
    /// <param name="model">A model file; every matrix of it gets a pair, but for the vectors of the tokens.</param>
    /// <param name="rank">Rows of A.</param>
    /// <param name="alpha">0 for none.</param>
    /// <param name="type">F32 or F16.</param>
    /// <param name="seed">Another one gives other weights.</param>
    /// <param name="changes">Which tensors; null for all.</param>
    public static void Write(
        string path, string model, int rank, float alpha = 16, GgufTensorType type = GgufTensorType.F32, int seed = 1,
        Predicate<string>? changes = null)
    {
        using var file = GgufFile.Open(model);
        var writer = new GgufWriter();
        writer.Add("general.architecture", file.GetString("general.architecture")!);
        writer.Add("general.type", "adapter");
        writer.Add("adapter.type", "lora");
        writer.Add("adapter.lora.alpha", alpha);
        foreach (var tensor in file.Tensors.Where(tensor =>
            tensor.Dimensions.Count > 1 && tensor.Name != TensorNames.TokenEmbedding
            && !tensor.Name.EndsWith("shortconv.conv.weight", StringComparison.Ordinal) && changes?.Invoke(tensor.Name) != false))
        {
            var (columns, rows) = (tensor.Dimensions[0], tensor.Dimensions[1]);
            var experts = tensor.Dimensions.Skip(2);
            Add(writer, tensor.Name + ".lora_a", [columns, rank, .. experts], 1 / Math.Sqrt(columns), type, seed);
            Add(writer, tensor.Name + ".lora_b", [rank, rows, .. experts], 0.5 / Math.Sqrt(rank), type, seed);
        }

        writer.WriteTo(path);
    }

    static void Add(GgufWriter writer, string name, long[] dimensions, double scale, GgufTensorType type, int seed)
    {
        foreach (var letter in name)
        {
            seed = unchecked((seed * 31) + letter);
        }

        var random = new Random(seed);
        var values = new float[dimensions.Aggregate(1L, (product, dimension) => product * dimension)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(((random.NextDouble() * 2) - 1) * 1.7 * scale);
        }

        writer.AddTensor(name, type, dimensions, type == GgufTensorType.F32
            ? MemoryMarshal.AsBytes(values.AsSpan())
            : MemoryMarshal.AsBytes(Array.ConvertAll(values, value => (Half)value).AsSpan()));
    }
}
