using CsCheck;
using Noos.Core;
using Noos.Language.Onnx;

namespace Noos.Language.Tests.Onnx;

/// <summary>ONNX files come back as they were written, and damaged ones are refused with a sentence.</summary>
public sealed class OnnxModelTests
{
    [Fact]
    public void Model_comes_back_as_it_was_written()
    {
        var read = OnnxModel.Parse(OnnxWriter.Write(Sample()), "sample");

        Assert.Equal(15, read.OpsetVersion);
        Assert.Equal(["x"], read.Graph.Inputs);
        Assert.Equal(["y"], read.Graph.Outputs);
        var node = Assert.Single(read.Graph.Nodes);
        Assert.Equal(("Conv", "first"), (node.Operator, node.Name));
        Assert.Equal(["x", "w", ""], node.Inputs);
        Assert.Equal([2, -1L], node.Attributes[0].Integers);
        Assert.Equal((0.5f, "same", -7L), (node.Attributes[1].FloatValue, node.Attributes[2].Text, node.Attributes[3].IntegerValue));
        Assert.Equal([1f, 2, 3, 4], read.Graph.Constants[0].ToSingles());
        Assert.Equal([2, 2], read.Graph.Constants[0].Shape);
        Assert.Equal([5L, -6], read.Graph.Constants[1].ToIntegers());
        Assert.Equal([8f], node.Attributes[4].Tensor!.ToSingles());
    }

    [Fact]
    public void Damaged_files_are_refused_and_nothing_else_happens()
    {
        var whole = OnnxWriter.Write(Sample());
        Gen.Select(Gen.Int[0, whole.Length - 1].Array[1, 6], Gen.Byte.Array[6], Gen.Int[0, whole.Length]).Sample((places, values, length) =>
        {
            var damaged = (byte[])whole.Clone();
            for (var i = 0; i < places.Length; i++)
            {
                damaged[places[i]] = values[i];
            }

            try
            {
                OnnxModel.Parse(damaged.AsMemory(0, length), "damaged");
            }
            catch (NoosException e)
            {
                Assert.Equal(ErrorKind.Damaged, e.Kind);
            }
        }, iter: 20_000);
    }

    [Fact]
    public void Any_bytes_are_refused_or_read() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        try
        {
            OnnxModel.Parse(bytes, "any");
        }
        catch (NoosException e)
        {
            Assert.Equal(ErrorKind.Damaged, e.Kind);
        }
    }, iter: 20_000);

    [Fact]
    public void Absent_file_is_not_found() =>
        Assert.Throws<NoosException>(() => OnnxModel.Open(Path.Combine(Path.GetTempPath(), "absent.onnx")));

    static OnnxModel Sample() => new(
        new OnnxGraph
        {
            Inputs = ["x"],
            Outputs = ["y"],
            Constants = [OnnxTensor.From("w", [2, 2], [1f, 2, 3, 4]), OnnxTensor.From("n", [2], [5L, -6])],
            Nodes =
            [
                new OnnxNode("Conv", ["x", "w", ""], ["y"])
                {
                    Name = "first",
                    Attributes =
                    [
                        new("pads") { Integers = [2, -1] }, new("alpha") { FloatValue = 0.5f }, new("mode") { Text = "same" },
                        new("axis") { IntegerValue = -7 }, new("value") { Tensor = OnnxTensor.From("", [1], [8f]) },
                    ],
                },
            ],
        },
        15);
}
