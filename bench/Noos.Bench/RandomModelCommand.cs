using System.Diagnostics;
using System.Globalization;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Language.Tokenization;
using Noos.Testing.RandomModels;

namespace Noos.Bench;

/// <summary>Writes a model with random weights: as fast and as large as a real one, for measurements and comparisons.</summary>
static class RandomModelCommand
{
    /// <param name="path">The file to write.</param>
    /// <param name="shape">A name of <see cref="RandomModelShape.Known"/>.</param>
    /// <param name="type">A <see cref="QuantizationMix"/> such as q4_k_m, or "pure-" and a tensor type such as pure-q4_k.</param>
    /// <param name="options">seed=1, blocks=4, vocab=FILE.gguf, ascii=true (greedy answers are printable), in any order.</param>
    public static void Run(string path, string shape, string type, string[] options)
    {
        var model = RandomModelShape.Parse(shape);
        var seed = 1;
        string? vocabulary = null;
        var isAscii = false;
        foreach (var option in options)
        {
            switch (option.Split('=', 2))
            {
                case ["seed", var value]:
                    seed = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["blocks", var value]:
                    model = model with { BlockCount = int.Parse(value, CultureInfo.InvariantCulture) };
                    break;
                case ["vocab", var value]:
                    vocabulary = value;
                    break;
                case ["ascii", var value]:
                    isAscii = bool.Parse(value);
                    break;
                default:
                    throw new NoosException($"There is no option '{option}'; give seed=1, blocks=4, vocab=FILE.gguf or ascii=true.");
            }
        }

        var watch = Stopwatch.StartNew();
        if (type.StartsWith("pure-", StringComparison.OrdinalIgnoreCase)
            && Enum.TryParse<GgufTensorType>(type[5..], ignoreCase: true, out var pure)
            && Quantization.Supports(pure))
        {
            RandomModelFile.Write(path, model, pure, seed, vocabulary);
        }
        else
        {
            RandomModelFile.Write(path, model, QuantizationMix.Parse(type), seed, vocabulary);
        }

        if (isAscii)
        {
            SilenceOtherTokens(path);
        }

        Console.WriteLine($"{path}: {new FileInfo(path).Length / 1e6:N1} MB in {watch.Elapsed.TotalSeconds:N1} s");
    }

    /// <summary>
    /// Gives all tokens that are no printable ASCII, and all marks, an embedding of zeros, so that their logits are zero and none of them
    /// is ever the likeliest: other servers refuse answers that are no text. For tied embeddings.
    /// </summary>
    static unsafe void SilenceOtherTokens(string path)
    {
        var silent = new List<int>();
        long start, row;
        using (var file = GgufFile.Open(path))
        {
            var tokenizer = Tokenizer.FromGguf(file);
            for (var token = 0; token < tokenizer.VocabularySize; token++)
            {
                if (tokenizer.IsSpecial(token) || tokenizer.BytesOf(token).ContainsAnyExceptInRange((byte)' ', (byte)'~'))
                {
                    silent.Add(token);
                }
            }

            var embeddings = file.TryGetTensor("token_embd.weight", out var found)
                ? found
                : throw new NoosException("It has no embeddings.");
            row = GgufTensorLayout.For(embeddings.Type).BytesOf(embeddings.Dimensions[0]);
            // The data of a file follow one another, so the last tensor says where they begin.
            var last = file.Tensors.MaxBy(tensor => tensor.Offset)!;
            start = file.Length - (long)(file.Pointer(last) + last.ByteLength - file.Pointer(embeddings));
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Write);
        var zeros = new byte[row];
        foreach (var token in silent)
        {
            stream.Position = start + (token * row);
            stream.Write(zeros);
        }
    }
}
