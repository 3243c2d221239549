using System.Diagnostics;
using System.Globalization;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Testing.RandomModels;

namespace Noos.Bench;

/// <summary>Writes a model with random weights: as fast and as large as a real one, for measurements and comparisons.</summary>
static class RandomModelCommand
{
    /// <param name="path">The file to write.</param>
    /// <param name="shape">A name of <see cref="RandomModelShape.Known"/>.</param>
    /// <param name="type">A <see cref="QuantizationMix"/> such as q4_k_m, or "pure-" and a tensor type such as pure-q4_k.</param>
    /// <param name="options">seed=1, blocks=4, vocab=FILE.gguf, in any order.</param>
    public static void Run(string path, string shape, string type, string[] options)
    {
        var model = RandomModelShape.Parse(shape);
        var seed = 1;
        string? vocabulary = null;
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
                default:
                    throw new NoosException($"There is no option '{option}'; give seed=1, blocks=4 or vocab=FILE.gguf.");
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

        Console.WriteLine($"{path}: {new FileInfo(path).Length / 1e6:N1} MB in {watch.Elapsed.TotalSeconds:N1} s");
    }
}
