using Noos.Training.Torch;
using static TorchSharp.torch;

namespace Noos.Training.Tests.Torch;

/// <summary>Each operator reached through the dispatcher, against the same written out.</summary>
public sealed class AtenTests
{
    public AtenTests()
    {
        TorchRuntime.Initialize();
        manual_seed(3);
    }

    [Fact]
    public void RmsNorm_equals_its_formula_forward_and_backward()
    {
        using var scope = NewDisposeScope();
        var x = randn(5, 16, requires_grad: true);
        var weight = randn(16, requires_grad: true);

        var (value, gradients) = Differentiate(Aten.RmsNorm(x, weight, 1e-6), x, weight);
        var (expected, expectedGradients) = Differentiate(x * (x.pow(2).mean([-1], keepdim: true) + 1e-6).rsqrt() * weight, x, weight);

        AssertClose(expected, value);
        Assert.All(expectedGradients.Zip(gradients), pair => AssertClose(pair.First, pair.Second));
    }

    [Fact]
    public void CausalAttention_equals_masked_softmax_with_repeated_key_value_heads()
    {
        using var scope = NewDisposeScope();
        var query = randn(1, 4, 7, 8, requires_grad: true);
        var key = randn(1, 2, 7, 8, requires_grad: true);
        var value = randn(1, 2, 7, 8, requires_grad: true);

        var (mixed, gradients) = Differentiate(Aten.CausalAttention(query, key, value), query, key, value);
        var future = ones(7, 7, dtype: ScalarType.Bool).triu(1);
        var scores = (query.matmul(key.repeat_interleave(2, 1).transpose(-2, -1)) / Math.Sqrt(8))
            .masked_fill(future, double.NegativeInfinity);
        var (expected, expectedGradients) = Differentiate(scores.softmax(-1).matmul(value.repeat_interleave(2, 1)), query, key, value);

        AssertClose(expected, mixed);
        Assert.All(expectedGradients.Zip(gradients), pair => AssertClose(pair.First, pair.Second));
    }

    [Fact]
    public void FusedAdamW_equals_the_paper_over_three_steps()
    {
        using var scope = NewDisposeScope();
        const double rate = 0.1, beta1 = 0.9, beta2 = 0.99, decay = 0.2, epsilon = 1e-8;
        var values = randn(20);
        var expected = values.data<float>().Select(value => (double)value).ToArray();
        var (first, second, step) = (zeros(20), zeros(20), zeros([]));
        var (m, v) = (new double[20], new double[20]);
        for (var t = 1; t <= 3; t++)
        {
            var gradient = randn(20);
            var g = gradient.data<float>().ToArray();
            step.fill_(t);
            Aten.FusedAdamW([values], [gradient], [first], [second], [step], rate, beta1, beta2, decay, epsilon);
            for (var i = 0; i < 20; i++)
            {
                m[i] = (beta1 * m[i]) + ((1 - beta1) * g[i]);
                v[i] = (beta2 * v[i]) + ((1 - beta2) * g[i] * g[i]);
                expected[i] -= rate * decay * expected[i];
                expected[i] -= rate * (m[i] / (1 - Math.Pow(beta1, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(beta2, t))) + epsilon);
            }
        }

        Assert.All(values.data<float>().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
    }

    static (Tensor Value, Tensor[] Gradients) Differentiate(Tensor value, params Tensor[] inputs) =>
        (value, [.. autograd.grad([(value * arange(value.numel(), dtype: ScalarType.Float32).view(value.shape)).sum()], inputs)]);

    static void AssertClose(Tensor expected, Tensor actual)
    {
        var scale = expected.abs().max().item<float>();
        Assert.InRange((expected - actual).abs().max().item<float>(), 0, 1e-5f * Math.Max(1, scale));
    }
}
