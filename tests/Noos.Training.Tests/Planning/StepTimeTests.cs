using Noos.Core;
using Noos.Training.Planning.Machines;
using Noos.Training.Planning.Models;
using Noos.Training.Planning.Published;

namespace Noos.Training.Tests.Planning;

public sealed class StepTimeTests
{
    /// <summary>Table 1 of arXiv 2104.04473: heads, width, layers, tensor, pipeline, GPUs, batch, TFLOP/s a GPU.</summary>
    static readonly (int Heads, int Hidden, int Layers, int Tensor, int Pipeline, int Gpus, int Batch, double Rate)[] s_megatron =
    [
        (24, 2304, 24, 1, 1, 32, 512, 137),
        (32, 3072, 30, 2, 1, 64, 512, 138),
        (32, 4096, 36, 4, 1, 128, 512, 142),
        (48, 6144, 40, 8, 1, 256, 1024, 135),
        (64, 8192, 48, 8, 2, 512, 1536, 138),
        (80, 10_240, 60, 8, 4, 1024, 1792, 140),
        (96, 12_288, 80, 8, 8, 1536, 2304, 148),
        (128, 16_384, 96, 8, 16, 1920, 2160, 155),
        (128, 20_480, 105, 8, 35, 2520, 2520, 163),
        (160, 25_600, 128, 8, 64, 3072, 3072, 163),
    ];

    [Fact]
    public void Step_time_meets_the_table_that_its_efficiency_was_fitted_on()
    {
        var ratios = s_megatron.Select(row =>
        {
            var model = Gpt(row.Heads, row.Hidden, row.Layers, 51_200);
            var layout = new ParallelLayout
            {
                Tensor = row.Tensor,
                Pipeline = row.Pipeline,
                Interleave = row.Pipeline is 1 or 35 ? 1 : 2,
                Data = row.Gpus / row.Tensor / row.Pipeline,
                MicroBatch = row.Pipeline switch { 1 => 8, 2 or 4 => 4, _ => 1 },
                Recomputation = Recomputation.Full,
                SequenceParallel = false,
                Zero = 0,
            };
            var seconds = StepTime.Of(model, Accelerators.Get("a100"), layout, row.Batch).Total;
            return PublishedRuns.MegatronFlops(model, row.Batch) / seconds / row.Gpus / 1e12 / row.Rate;
        }).ToArray();

        Assert.All(ratios, ratio => Assert.InRange(ratio, 0.9, 1.1));
        Assert.InRange(ratios.Average(), 0.98, 1.02);
    }

    [Fact]
    public void Step_time_of_one_server_meets_the_benchmark_that_gave_its_efficiency()
    {
        var model = Gpt(32, 4096, 32, 50_368);
        var layout = new ParallelLayout { Data = 8, MicroBatch = 6, Zero = 3 };
        var gpu = Accelerators.Get("h100");
        var seconds = StepTime.Of(model, gpu with { NetworkBandwidth = gpu.NodeBandwidth }, layout, batch: 48).Total;

        // The benchmark counts both halves of attention.
        var flops = (6 * 6_658_859_008.0) + (12.0 * model.Layers * model.Hidden * model.Sequence);
        Assert.InRange(flops * 48 * model.Sequence / seconds / 8 / gpu.PeakFlops, 0.4644 * 0.98, 0.4644 * 1.02);
    }

    [Fact]
    public void Layout_of_a_large_model_fits_its_gpus_and_uses_them()
    {
        var model = ModelShapes.Get("llama-3-405b");
        var gpu = Accelerators.Get("h100");
        var choices = LayoutSearch.Find(model, gpu, 16_384, 2048);

        Assert.All(choices, choice => Assert.InRange(choice.Memory.Total, 0, gpu.Memory));
        Assert.All(choices, choice => Assert.InRange(choice.Layout.Gpus, 1, 16_384));
        Assert.All(choices, choice => Assert.True(choice.Layout.Interleave == 1 || choice.MicroBatches >= choice.Layout.Pipeline));
        Assert.Equal(choices.OrderByDescending(choice => choice.Throughput), choices);
        Assert.InRange(model.FlopsPerToken * choices[0].Throughput / gpu.PeakFlops, 0.3, 0.55);

        // What the authors chose, and nobody told the planner (arXiv 2407.21783, table 4).
        Assert.Equal((8, 16, 128), (choices[0].Layout.Tensor, choices[0].Layout.Pipeline, choices[0].Layout.Data));
    }

    [Fact]
    public void Model_that_is_too_large_for_its_gpus_is_refused_in_one_sentence()
    {
        var error = Assert.Throws<NoosException>(
            () => LayoutSearch.Find(ModelShapes.Get("llama-3-405b"), Accelerators.Get("h100"), 16, 2048));

        Assert.Contains("give more GPUs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Longer_pipelines_wait_longer_and_interleaving_shortens_it()
    {
        var model = ModelShapes.Get("mt-nlg-530b");
        var gpu = Accelerators.Get("a100");
        var layout = new ParallelLayout { Tensor = 8, Pipeline = 35, Data = 8 };

        // (stages − 1) / micro-batches of the rest.
        var step = StepTime.Of(model, gpu, layout, 1920);
        var rest = step.Products + step.Attention + step.Memory + step.TensorLinks + step.PipelineLinks;
        Assert.Equal(34.0 / 240 * rest, step.Bubble, 1e-6 * rest);
        Assert.True(StepTime.Of(model, gpu, layout with { Interleave = 3 }, 1920).Bubble < step.Bubble / 2);
    }

    [Theory]
    [InlineData("llama-3-8b", 8.03e9)]
    [InlineData("llama-3-70b", 70.6e9)]
    [InlineData("llama-3-405b", 405.9e9)]
    [InlineData("opt-175b", 175e9)]
    [InlineData("bloom-176b", 176.2e9)]
    [InlineData("mt-nlg-530b", 530e9)]
    [InlineData("gpt-4-rumoured", 1.8e12)]
    public void Shape_has_as_many_weights_as_its_model(string name, double weights) =>
        Assert.InRange(ModelShapes.Get(name).ParameterCount, weights * 0.98, weights * 1.03);

    [Theory]
    [InlineData(125e6)]
    [InlineData(7e9)]
    [InlineData(70e9)]
    [InlineData(1e12)]
    public void Shape_is_found_for_any_number_of_weights(double weights) =>
        Assert.InRange(ModelShape.FromParameterCount(weights).Validate().ParameterCount, weights * 0.95, weights * 1.05);

    [Fact]
    public void Loss_law_prefers_about_twenty_tokens_a_weight_at_the_budget_of_chinchilla()
    {
        // 70 billion weights on 1.4 trillion tokens.
        var (parameters, tokens) = LossLaw.Besiroglu.Optimum(5.76e23);

        Assert.InRange(tokens / parameters, 15, 25);
        var best = LossLaw.Besiroglu.Predict(parameters, tokens);
        Assert.All([0.5, 0.9, 1.1, 2.0], factor =>
            Assert.True(LossLaw.Besiroglu.Predict(parameters * factor, tokens / factor) > best));
        Assert.Equal(1.69 + 0.0834 + 0.1634, LossLaw.Hoffmann.Predict(70e9, 1.4e12), 0.01);
    }

    [Theory]
    [InlineData("15.6T", 15.6e12)]
    [InlineData("405b", 405e9)]
    [InlineData(" 16K ", 16_000)]
    [InlineData("1e9", 1e9)]
    [InlineData("16,384", 16_384)]
    public void Number_with_a_suffix_is_read(string text, double value)
    {
        Assert.True(SuffixedNumber.TryParse(text, out var read));
        Assert.Equal(value, read, value * 1e-12);
    }

    [Theory]
    [InlineData("")]
    [InlineData("T")]
    [InlineData("many")]
    [InlineData("1e999")]
    [InlineData("-5")]
    public void Other_text_is_no_number(string text) => Assert.False(SuffixedNumber.TryParse(text, out _));

    static ModelShape Gpt(int heads, int hidden, int layers, int vocabulary) => new()
    {
        Name = "gpt",
        Layers = layers,
        Hidden = hidden,
        Heads = heads,
        KeyValueHeads = heads,
        FeedForward = 4 * hidden,
        Vocabulary = vocabulary,
        Sequence = 2048,
        IsGated = false,
        TiedEmbeddings = true,
    };
}
