using Noos.Cpus.Local;
using Noos.Inference.Sampling;
using Noos.Kernel.Cpu;

namespace Noos.Cpus.Tests.Local;

public sealed class SamplingMappingTests
{
    static readonly SamplingOptions s_advised = new() { Temperature = 0.7f, TopP = 0.9f };

    [Fact]
    public void Spans_are_greedy_where_the_temperature_is_the_advised_one()
    {
        Assert.True(new GenerationOptions().ApplyTo(s_advised).GreedySpans);
        Assert.True(new GenerationOptions { TopP = 0.5f }.ApplyTo(s_advised).GreedySpans);
        Assert.False(new GenerationOptions { Temperature = 0.7f }.ApplyTo(s_advised).GreedySpans);
        Assert.True(new GenerationOptions { Temperature = 0.7f, GreedySpans = true }.ApplyTo(s_advised).GreedySpans);
        Assert.False(new GenerationOptions { GreedySpans = false }.ApplyTo(s_advised).GreedySpans);
    }
}
