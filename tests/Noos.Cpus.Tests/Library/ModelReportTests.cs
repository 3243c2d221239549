using Noos.Cpus.Hub;
using Noos.Cpus.Library;
using Noos.Inference.Estimates;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Cpus.Tests.Library;

/// <summary>What is said of models before and after they are here.</summary>
public sealed class ModelReportTests
{
    static readonly MachineSpeed s_speed = new(BytesPerSecond: 1e10, OperationsPerSecond: 1e11, ProductsPerSecond: 4e11);

    [Fact]
    public void Model_that_is_not_here_yet_is_said_to_take_what_its_file_takes()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("model.gguf");
        RandomModelFile.Write(path, RandomModelShape.Parse("tiny-llama") with { VocabularySize = 300 }, GgufTensorType.Q8_0);
        using var file = GgufFile.Open(path);
        var model = ModelInspection.Read(file);
        var heads = (int)(model.KeyValueHeadCount ?? model.HeadCount)!.Value;
        var offer = new CatalogModel("Model", "owner/model:Q8_0", "MIT", model.ParameterCount, model.WeightBytes, "For a test.")
        {
            ContextLength = (int)model.ContextLength!,
            BlockCount = (int)model.BlockCount!,
            EmbeddingLength = (int)model.EmbeddingLength!,
            KeyValueHeadCount = heads,
            HeadLength = (int)(model.CacheValuesPerToken / (2 * model.BlockCount.Value * heads)),
        };

        var (estimate, report) = (ModelReport.Estimate(offer, s_speed), ModelReport.Read(path, s_speed));

        Assert.Equal(report.MemoryBytes, estimate.MemoryBytes);
        // The embedding table is not read for a token unless it is the output, too; the offer does not know.
        Assert.InRange(estimate.TokensPerSecond, 0.5 * report.TokensPerSecond, report.TokensPerSecond * 1.01);
        Assert.True(report.Fits);
        Assert.Null(report.Obstacle);
    }

    [Fact]
    public void Encoder_takes_its_weights_and_writes_nothing()
    {
        using var folder = new BertFolder();
        folder.Convert(folder.Output, "f32", TestContext.Current.CancellationToken);
        using var file = GgufFile.Open(folder.Output);

        var report = ModelReport.Read(folder.Output, s_speed);

        Assert.Equal(
            (ModelInspection.Read(file).WeightBytes, 0, null), (report.MemoryBytes, report.TokensPerSecond, report.Obstacle));
    }

    [Fact]
    public void Offers_are_small_first_and_name_models_of_the_hub()
    {
        Assert.Equal(ModelCatalog.Models.OrderBy(model => model.Bytes), ModelCatalog.Models);
        Assert.All(ModelCatalog.Models, model =>
        {
            Assert.NotNull(ModelReference.Parse(model.Reference, new Uri("https://huggingface.co")).Wanted);
            // From four to nine bits a value, with what else is in a file.
            Assert.InRange(8.0 * model.Bytes / model.Parameters, 4, 9);
            Assert.InRange(ModelReport.Estimate(model, s_speed).TokensPerSecond, 1, 100);
        });
    }

    /// <summary>The numbers that the original models' config.json has and the list has not.</summary>
    [Theory]
    [InlineData("Qwen3 0.6B", 151_936, 3072, 16, true, false, 8.5, 8.6)]
    [InlineData("SmolLM2 1.7B", 49_152, 8192, 32, true, true, 4.8, 5.0)]
    [InlineData("Qwen3 1.7B", 151_936, 6144, 16, true, false, 8.5, 8.6)]
    [InlineData("Qwen3 4B", 151_936, 9728, 32, true, false, 4.8, 5.0)]
    [InlineData("Qwen3 8B", 151_936, 12_288, 32, false, false, 4.8, 5.0)]
    [InlineData("Qwen3 30B A3B", 151_936, 768, 32, false, false, 4.8, 5.0, 128, 8)]
    public void Parameters_and_bytes_of_an_offer_are_those_of_its_shape_and_quantization(
        string name, int vocabulary, int feedForward, int heads, bool isTied, bool isLlama, double minBits, double maxBits, int experts = 1,
        int activeExperts = 1)
    {
        var model = Assert.Single(ModelCatalog.Models, offer => offer.Name == name);
        var (width, head) = ((long)model.EmbeddingLength, (long)model.HeadLength);
        var attention = (2 * width * heads * head) + (2 * width * model.KeyValueHeadCount * head) + (isLlama ? 0 : 2 * head);
        var router = experts > 1 ? width * experts : 0;

        long Count(int used) => (model.BlockCount * (attention + (used * 3 * width * feedForward) + router + (2 * width))) + width
            + (width * vocabulary * (isTied ? 1 : 2));

        Assert.Equal((Count(experts), Count(activeExperts)), (model.Parameters, model.ActiveParameters));
        Assert.InRange(8.0 * model.Bytes / model.Parameters, minBits, maxBits);
    }
}
