using Noos.Inference;
using Noos.Inference.Estimates;
using Noos.Inference.KeyValues;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Testing.RandomModels;

namespace Noos.Cli.Tests;

/// <summary>The limits that are told of a machine whose speed is given.</summary>
public sealed class MachineFitTests(Terminal terminal) : IClassFixture<Terminal>
{
    static readonly MachineSpeed s_speed = new(BytesPerSecond: 1e10, OperationsPerSecond: 1e9, ProductsPerSecond: 4e9);

    [Fact]
    public void Prompt_that_fills_the_context_is_bound_by_attention_too()
    {
        var (inspection, fit) = Estimate(GgufTensorType.Q8_0, context: 2000);

        var attention = 4.0 * 4 * 256 * (2001 / 2.0);
        Assert.Equal(1 / fit.PromptTokensPerSecondAtContext, (1 / fit.PromptTokensPerSecond) + (attention / 1e9), 1e-9);
        Assert.True(fit.DecodeTokensPerSecondAtContext <= 1 / ((1 / fit.PromptTokensPerSecond) + (1.99 * attention / 1e9)));
        // Only the norms are floats.
        Assert.Equal(inspection.ActiveParameterCount / 4e9, 1 / fit.PromptTokensPerSecond, inspection.ActiveParameterCount / 4e9 * 0.02);
    }

    [Fact]
    public void Weights_that_are_floats_are_bound_by_operations_of_floats()
    {
        var (inspection, fit) = Estimate(GgufTensorType.F16, context: 1);

        Assert.Equal(2 * inspection.ActiveParameterCount / 1e9, 1 / fit.PromptTokensPerSecond, 1e-9);
    }

    [Fact]
    public void Machine_without_integer_products_computes_floats()
    {
        var speed = s_speed with { ProductsPerSecond = 0 };

        Assert.Equal(2 * 100 / 1e9, speed.SecondsFor(products: 100, floatShare: 0, operations: 0), 1e-15);
    }

    (ModelInspection Inspection, MachineFit Fit) Estimate(GgufTensorType type, int context)
    {
        var path = terminal.Home.File($"fit-{type}.gguf");
        // Four blocks of four heads of 64.
        RandomModelFile.Write(path, RandomModelShape.Parse("tiny-llama") with { VocabularySize = 300 }, type);
        using var file = GgufFile.Open(path);
        var inspection = ModelInspection.Read(file);
        return (inspection, MachineFit.Estimate(inspection, LanguageModel.ReadConfig(file), context, KeyValueType.F16, s_speed));
    }
}
