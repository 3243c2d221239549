using System.Runtime.InteropServices;
using Noos.Inference.Tests.Support;
using Noos.Language.Gguf;
using Noos.Testing.RandomModels;

namespace Noos.Inference.Tests.Weights;

public sealed class InterleavedBiasTests
{
    /// <summary>
    /// Llama turns neighbouring elements of a head, Qwen 2 those of its halves: the same model in the other order of rows, biases
    /// included, must give the same logits.
    /// </summary>
    [Fact]
    public void Llama_with_biases_is_qwen_with_its_rows_in_another_order()
    {
        var folder = Directory.CreateTempSubdirectory("noos-biases-");
        try
        {
            var shape = RandomModelShape.Known["tiny-llama-biased"] with
            {
                BlockCount = 2,
                EmbeddingLength = 64,
                HeadLength = 16,
                FeedForwardLength = 96,
                VocabularySize = 600,
                ContextLength = 64,
            };
            var llama = Path.Combine(folder.FullName, "llama.gguf");
            var qwen = Path.Combine(folder.FullName, "qwen.gguf");
            RandomModelFile.Write(llama, shape, GgufTensorType.F32);
            WriteAsQwen(llama, qwen, shape.HeadLength);
            int[] tokens = [.. Enumerable.Range(0, 30).Select(i => 40 + (i * 7))];

            Assert.Equal(Logits(qwen, tokens), Logits(llama, tokens));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static float[] Logits(string path, int[] tokens)
    {
        using var model = LanguageModel.Load(path, TestOptions.Default);
        using var context = model.CreateContext();
        return context.Append(tokens).ToArray();
    }

    static void WriteAsQwen(string llama, string qwen, int headLength)
    {
        using var file = GgufFile.Open(llama);
        var writer = new GgufWriter();
        foreach (var (key, value) in file.Metadata)
        {
            writer.Add(key.Replace("llama.", "qwen2.", StringComparison.Ordinal), key == "general.architecture" ? "qwen2" : value);
        }

        foreach (var tensor in file.Tensors)
        {
            var values = MemoryMarshal.Cast<byte, float>(file.Data(tensor)).ToArray();
            if (tensor.Name.Contains("attn_q.", StringComparison.Ordinal) || tensor.Name.Contains("attn_k.", StringComparison.Ordinal))
            {
                var rows = (int)tensor.Dimensions[^1];
                var columns = values.Length / rows;
                var moved = new float[values.Length];
                for (var row = 0; row < rows; row++)
                {
                    // Elements 0 2 4 ... 1 3 5 ... of each head.
                    var (head, element) = Math.DivRem(row, headLength);
                    var source = (head * headLength) + (element < headLength / 2 ? 2 * element : (2 * element) - headLength + 1);
                    values.AsSpan(source * columns, columns).CopyTo(moved.AsSpan(row * columns));
                }

                values = moved;
            }

            writer.AddTensor(tensor.Name, tensor.Type, tensor.Dimensions, MemoryMarshal.AsBytes(values.AsSpan()));
        }

        writer.WriteTo(qwen);
    }
}
