using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Language.Tests.Models;

public sealed class ModelInspectionTests
{
    [Theory]
    [InlineData("tiny-qwen3")]
    [InlineData("tiny-gemma3")]
    [InlineData("tiny-qwen3moe")]
    public void A_model_says_what_running_it_takes(string name)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("model.gguf");
        var shape = RandomModelShape.Parse(name) with { VocabularySize = 300 };
        RandomModelFile.Write(path, shape, GgufTensorType.Q8_0);
        using var file = GgufFile.Open(path);

        var inspection = ModelInspection.Read(file);

        Assert.Equal((shape.Architecture, "q8_0"), (inspection.Architecture, inspection.Quantization));
        Assert.Equal(
            (shape.BlockCount, shape.EmbeddingLength, shape.ContextLength),
            (inspection.BlockCount, inspection.EmbeddingLength, inspection.ContextLength));
        Assert.Equal((shape.HeadCount, shape.KeyValueHeadCount), (inspection.HeadCount, inspection.KeyValueHeadCount));
        Assert.Equal(shape.BlockCount * shape.KeyValueHeadCount * shape.HeadLength * 2L, inspection.CacheValuesPerToken);
        Assert.Equal(file.Tensors.Sum(tensor => tensor.Count), inspection.ParameterCount);
        var unused = file.Tensors.Where(tensor => tensor.Name.Contains("_exps.", StringComparison.Ordinal))
            .Sum(tensor => tensor.Count * (shape.ExpertCount - shape.ExpertUsedCount) / Math.Max(1, shape.ExpertCount));
        var embedding = shape.TiedEmbeddings ? 0 : shape.EmbeddingLength * 300L;
        Assert.Equal(inspection.ParameterCount - unused - embedding, inspection.ActiveParameterCount);
    }
}
