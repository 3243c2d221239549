using Noos.Language.Gguf;
using Noos.Testing.RandomModels;
using Noos.Training.Adapters;
using Noos.Training.Model;

namespace Noos.Training.Tests.Adapters;

/// <summary>Small models of each family in files, and adapters that are not at their beginning.</summary>
static class SmallDecoder
{
    public static RandomModelShape Shape(string name) => RandomModelShape.Known[name] with
    {
        BlockCount = name == "tiny-gemma3" ? 6 : 2,
        EmbeddingLength = 128,
        FeedForwardLength = 160,
        HeadLength = 32,
        SlidingWindow = RandomModelShape.Known[name].SlidingWindow > 0 ? 12 : 0,
        VocabularySize = 600,
        ContextLength = 128,
    };

    public static string Write(string folder, RandomModelShape shape, GgufTensorType type = GgufTensorType.Q8_0)
    {
        var path = Path.Combine(folder, $"{shape.Architecture}-{type}.gguf");
        RandomModelFile.Write(path, shape, type);
        return path;
    }

    /// <summary>B is zero at the beginning, and so would be the gradient of A.</summary>
    public static LoraParameters Parameters(FrozenDecoder model, int seed = 3)
    {
        var parameters = new LoraParameters(model.Slots);
        parameters.Initialize(seed);
        var random = new Random(seed);
        foreach (var slot in model.Slots)
        {
            foreach (ref var value in parameters.B(slot))
            {
                value = (float)((random.NextDouble() - 0.5) * 0.2);
            }
        }

        return parameters;
    }

    public static TrainingRow Row(int length, int seed, bool isWeighted = false)
    {
        var random = new Random(seed);
        return new TrainingRow(
            [.. Enumerable.Range(0, length + 1).Select(_ => random.Next(600))],
            [.. Enumerable.Range(0, length).Select(position => position == length - 1 || random.Next(3) > 0)])
        {
            Weights = isWeighted ? [.. Enumerable.Range(0, length).Select(_ => (float)random.NextDouble() + 0.1f)] : [],
        };
    }
}
