using CsCheck;
using Noos.Core;
using Noos.Inference.Graphs.Tensors;
using Noos.Inference.Graphs;
using Noos.Language.Onnx;

namespace Noos.Inference.Tests.Graphs;

/// <summary>Operators beside their definitions, and graphs that lie.</summary>
public sealed class GraphModelTests
{
    [Theory]
    [InlineData(1, 1, 1, 1, 1, 0, 0)]
    [InlineData(5, 3, 7, 2, 1, 4, 3)]
    [InlineData(9, 4, 3, 12, 1, 12, 12)]
    [InlineData(6, 6, 3, 1, 2, 1, 1)]
    [InlineData(4, 70, 5, 1, 1, 2, 2)]
    public void Convolution_is_the_sum_that_defines_it(
        int outputs, int inputs, int taps, int dilation, int stride, int before, int after)
    {
        var random = new Random(outputs * taps);
        const int Length = 150;
        var (x, w, b) = (Values(random, inputs * Length), Values(random, outputs * inputs * taps), Values(random, outputs));
        var node = new OnnxNode("Conv", ["x", "w", "b"], ["y"])
        {
            Attributes =
            [
                new("dilations") { Integers = [dilation] }, new("strides") { Integers = [stride] },
                new("pads") { Integers = [before, after] },
            ],
        };

        var y = Run(
            [node], [OnnxTensor.From("w", [outputs, inputs, taps], w), OnnxTensor.From("b", [outputs], b)],
            Tensor.From(x, 1, inputs, Length));

        var times = ((Length + before + after - ((taps - 1) * dilation) - 1) / stride) + 1;
        Assert.Equal([1, outputs, times], y.Shape);
        for (var output = 0; output < outputs; output++)
        {
            for (var time = 0; time < times; time++)
            {
                double sum = b[output];
                for (var input = 0; input < inputs; input++)
                {
                    for (var tap = 0; tap < taps; tap++)
                    {
                        var at = (time * stride) + (tap * dilation) - before;
                        var weight = w[(((output * inputs) + input) * taps) + tap];
                        sum += at >= 0 && at < Length ? weight * (double)x[(input * Length) + at] : 0;
                    }
                }

                Assert.Equal(sum, y.Singles[(output * times) + time], 1e-4);
            }
        }
    }

    [Theory]
    [InlineData(3, 2, 16, 8, 4)]
    [InlineData(2, 5, 7, 3, 0)]
    [InlineData(1, 1, 2, 4, 0)]
    public void Transposed_convolution_is_the_sum_that_defines_it(int inputs, int outputs, int taps, int stride, int padding)
    {
        var random = new Random(taps);
        const int Length = 70;
        var (x, w, b) = (Values(random, inputs * Length), Values(random, inputs * outputs * taps), Values(random, outputs));
        var node = new OnnxNode("ConvTranspose", ["x", "w", "b"], ["y"])
        {
            Attributes = [new("strides") { Integers = [stride] }, new("pads") { Integers = [padding, padding] }],
        };

        var y = Run(
            [node], [OnnxTensor.From("w", [inputs, outputs, taps], w), OnnxTensor.From("b", [outputs], b)],
            Tensor.From(x, 1, inputs, Length));

        var times = ((Length - 1) * stride) + taps - (2 * padding);
        Assert.Equal([1, outputs, times], y.Shape);
        var expected = Enumerable.Range(0, outputs * times).Select(i => (double)b[i / times]).ToArray();
        for (var input = 0; input < inputs; input++)
        {
            for (var at = 0; at < Length; at++)
            {
                for (var output = 0; output < outputs; output++)
                {
                    for (var tap = 0; tap < taps; tap++)
                    {
                        var time = (at * stride) + tap - padding;
                        if (time >= 0 && time < times)
                        {
                            var weight = w[(((input * outputs) + output) * taps) + tap];
                            expected[(output * times) + time] += x[(input * Length) + at] * (double)weight;
                        }
                    }
                }
            }
        }

        Assert.All(expected.Select((value, i) => (value, i)), pair => Assert.Equal(pair.value, y.Singles[pair.i], 1e-4));
    }

    [Fact]
    public void Rectifier_before_a_convolution_is_applied_once()
    {
        OnnxNode[] nodes =
        [
            new("LeakyRelu", ["x"], ["r"]) { Attributes = [new("alpha") { FloatValue = 0.5f }] },
            new("Conv", ["r", "w"], ["y"]),
        ];

        var y = Run(nodes, [OnnxTensor.From("w", [1, 1, 1], [2f])], Tensor.From([-4f, 3], 1, 1, 2));

        Assert.Equal([-4f, 6], y.Singles.ToArray());
    }

    [Fact]
    public void Value_that_is_read_twice_is_not_written_over()
    {
        OnnxNode[] nodes =
        [
            new("Neg", ["x"], ["a"]), new("Reshape", ["a", "s"], ["b"]), new("Exp", ["b"], ["c"]), new("Mul", ["a", "c"], ["y"]),
        ];

        var y = Run(nodes, [OnnxTensor.From("s", [1], [2L])], Tensor.From([1f, -1], 2));

        Assert.Equal([-Math.Exp(-1), Math.E], y.Singles.ToArray().Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Shapes_are_stretched_sliced_padded_and_gathered_as_the_standard_says()
    {
        var x = Tensor.From([1f, 2, 3, 4, 5, 6], 2, 3);

        Assert.Equal([11f, 12, 13, 24, 25, 26], Run("Add", x, OnnxTensor.From("b", [2, 1], [10f, 20])));
        Assert.Equal([3f, 2, 1, 6, 5, 4], Run(
            "Slice", x, OnnxTensor.From("s", [1], [-1L]), OnnxTensor.From("e", [1], [-9L]), OnnxTensor.From("a", [1], [1L]),
            OnnxTensor.From("p", [1], [-1L])));
        Assert.Equal([0f, 1, 2, 0, 4, 5], Run("Pad", x, OnnxTensor.From("p", [4], [0L, 1, 0, -1])));
        Assert.Equal([4f, 5, 6, 1, 2, 3], Run("Gather", x, OnnxTensor.From("i", [2], [-1L, 0])));
        Assert.Equal([6f, 1], Run("GatherND", x, OnnxTensor.From("i", [2, 2], [1L, 2, 0, 0])));
        Assert.Equal([1f, 3, 6, 4, 9, 15], Run("CumSum", x, OnnxTensor.From("a", [], [1L])));
        Assert.Equal([1f, 4, 2, 5, 3, 6], Run("Transpose", x));
        Assert.Equal([9f, 2, 3, 4, 5, 8], Run(
            "ScatterND", x, OnnxTensor.From("i", [2, 2], [0L, 0, 1, 2]), OnnxTensor.From("u", [2], [9f, 8])));
        Assert.Equal([14f, 32], Run("MatMul", x, OnnxTensor.From("b", [3, 1], [1f, 2, 3])));
        Assert.Equal(0.8427008f, Run("Erf", Tensor.From([1f], 1)).Single(), 1e-6f);
    }

    [Fact]
    public void Unknown_operators_are_named()
    {
        var model = Model([new OnnxNode("Einsum", ["x"], ["y"])], []);

        var refusal = Assert.Throws<NoosException>(() => GraphModel.Create(model, "odd"));

        Assert.Contains("Einsum", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Graph_that_wants_all_memory_is_refused()
    {
        var model = Model([new OnnxNode("Expand", ["x", "s"], ["y"])], [OnnxTensor.From("s", [2], [30_000L, 30_000])]);
        using var graph = GraphModel.Create(model, "large", new GraphOptions { MaxRunBytes = 1 << 20, Threads = 1 });

        var refusal = Assert.Throws<NoosException>(() => graph.Run(
            Inputs(Tensor.From([1f], 1, 1)), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(ErrorKind.OutOfMemory, refusal.Kind);
    }

    [Fact]
    public void Mutated_graphs_fail_with_a_sentence_or_compute_something()
    {
        var whole = OnnxWriter.Write(Model(
            [
                new("Conv", ["x", "w"], ["a"]) { Attributes = [new("pads") { Integers = [1, 1] }] },
                new("LeakyRelu", ["a"], ["b"]),
                new("ConvTranspose", ["b", "t"], ["c"]) { Attributes = [new("strides") { Integers = [2] }] },
                new("Slice", ["c", "s", "e"], ["d"]), new("Transpose", ["d"], ["f"]), new("Softmax", ["f"], ["y"]),
            ],
            [
                OnnxTensor.From("w", [2, 1, 3], [1f, 2, 3, 4, 5, 6]), OnnxTensor.From("t", [2, 1, 4], [1f, 2, 3, 4, 5, 6, 7, 8]),
                OnnxTensor.From("s", [1], [0L]), OnnxTensor.From("e", [1], [9L]),
            ]));
        var inputs = Inputs(Tensor.From([1f, 2, 3, 4], 1, 1, 4));
        Gen.Select(Gen.Int[0, whole.Length - 1].Array[1, 4], Gen.Byte.Array[4]).Sample((places, values) =>
        {
            var damaged = (byte[])whole.Clone();
            for (var i = 0; i < places.Length; i++)
            {
                damaged[places[i]] = values[i];
            }

            try
            {
                using var graph = GraphModel.Create(
                    OnnxModel.Parse(damaged, "mutated"), "mutated", new GraphOptions { MaxRunBytes = 1 << 22, Threads = 1 });
                graph.Run(inputs, cancellationToken: TestContext.Current.CancellationToken);
            }
            catch (NoosException)
            {
                // One sentence, whatever it was.
            }
        }, iter: 5000);
    }

    static float[] Run(string name, Tensor x, params OnnxTensor[] constants) =>
        Run([new OnnxNode(name, ["x", .. constants.Select(constant => constant.Name)], ["y"])
        {
            Attributes = name == "Gather" ? [new("axis") { IntegerValue = 0 }] : [],
        }], constants, x).Singles.ToArray();

    static Tensor Run(OnnxNode[] nodes, OnnxTensor[] constants, Tensor x)
    {
        using var graph = GraphModel.Create(Model(nodes, constants), "test", new GraphOptions { Threads = 2 });
        return graph.Run(Inputs(x), cancellationToken: TestContext.Current.CancellationToken)["y"];
    }

    static Dictionary<string, Tensor> Inputs(Tensor x) => new(StringComparer.Ordinal) { ["x"] = x };

    static OnnxModel Model(OnnxNode[] nodes, OnnxTensor[] constants) =>
        new(new OnnxGraph { Inputs = ["x"], Outputs = ["y"], Nodes = nodes, Constants = constants }, 15);

    static float[] Values(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
}
