using System.Runtime.InteropServices;
using Noos.Training.Kernels;

namespace Noos.Training.Tests.Kernels;

/// <summary>Every kernel of this machine, in every form and at every kind of edge, beside sums in double precision.</summary>
public sealed unsafe class GemmTests
{
    // Rows, columns, sum: single ones, whole tiles, one more and one less, several blocks of rows, several parts of the sum.
    static readonly (int Rows, int Columns, int Sum)[] s_shapes =
    [
        (1, 1, 1), (1, 33, 2), (14, 32, 16), (13, 31, 15), (15, 33, 17), (6, 16, 32), (29, 70, 300), (141, 64, 531), (7, 5, 40),
        (160, 100, 65), (83, 48, 1030),
    ];

    public static TheoryData<string, bool, bool, bool> Variants()
    {
        var data = new TheoryData<string, bool, bool, bool>();
        foreach (var kernel in KernelsOfThisMachine.All)
        {
            foreach (var transposedLeft in new[] { false, true })
            {
                foreach (var transposedRight in new[] { false, true })
                {
                    data.Add(KernelsOfThisMachine.NameOf(kernel), transposedLeft, transposedRight, false);
                    data.Add(KernelsOfThisMachine.NameOf(kernel), transposedLeft, transposedRight, true);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Product_equals_sums_in_double_precision(string kernelName, bool transposedLeft, bool transposedRight, bool accumulate)
    {
        var kernel = KernelsOfThisMachine.Find(kernelName);
        using var gemm = new Gemm(kernel);
        using var packer = new PanelPacker(kernel);
        using var buffer = new CellBuffer();
        foreach (var (rows, columns, sum) in s_shapes)
        {
            var random = new Random(rows + columns + sum);
            var left = RandomValues(random, rows * sum);
            var right = RandomValues(random, columns * sum);
            var start = RandomValues(random, rows * columns);
            var result = start.ToArray();
            fixed (float* a = left, b = right, c = result)
            {
                var panels = Panels.At(buffer.Require(Panels.Length(kernel, sum, columns)), kernel, sum);
                if (transposedRight)
                {
                    packer.PackTransposed(b, sum, columns, sum, panels);
                }
                else
                {
                    packer.Pack(b, columns, columns, sum, panels);
                }

                gemm.Multiply(
                    transposedLeft ? TileLayout.ByColumn : TileLayout.ByRow, a, transposedLeft ? rows : sum, panels, 0, rows, columns,
                    sum, c, columns, accumulate);
            }

            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < columns; column++)
                {
                    double expected = accumulate ? start[(row * columns) + column] : 0;
                    var magnitude = Math.Abs(expected);
                    for (var i = 0; i < sum; i++)
                    {
                        var product = (double)Read(kernel, left[transposedLeft ? (i * rows) + row : (row * sum) + i])
                            * Read(kernel, right[transposedRight ? (column * sum) + i : (i * columns) + column]);
                        expected += product;
                        magnitude += Math.Abs(product);
                    }

                    Assert.Equal(expected, result[(row * columns) + column], tolerance: 1e-6 * magnitude);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(KernelsOfThisMachine.Names), MemberType = typeof(KernelsOfThisMachine))]
    public void Product_uses_a_part_of_longer_panels_and_wider_outputs(string kernelName)
    {
        const int Rows = 20;
        const int Columns = 64;
        const int Used = 32;
        const int Sum = 96;
        const int Skipped = 32;
        const int Stride = 80;
        var kernel = KernelsOfThisMachine.Find(kernelName);
        using var gemm = new Gemm(kernel);
        using var packer = new PanelPacker(kernel);
        using var buffer = new CellBuffer();
        var random = new Random(1);
        var left = RandomValues(random, Rows * Sum);
        var right = RandomValues(random, Sum * Columns);
        var result = new float[Rows * Stride];
        fixed (float* a = left, b = right, c = result)
        {
            var panels = Panels.At(buffer.Require(Panels.Length(kernel, Sum, Columns)), kernel, Sum);
            packer.Pack(b, Columns, Columns, Sum, panels);
            gemm.Multiply(
                TileLayout.ByRow, a + Skipped, Sum, panels, Skipped, Rows, Used, Sum - Skipped, c, Stride, accumulate: false);
        }

        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Stride; column++)
            {
                double expected = 0;
                for (var i = Skipped; i < Sum && column < Used; i++)
                {
                    expected += (double)Read(kernel, left[(row * Sum) + i]) * Read(kernel, right[(i * Columns) + column]);
                }

                Assert.Equal(expected, result[(row * Stride) + column], tolerance: 1e-5);
            }
        }
    }

    [Fact]
    public void Bfloat16_is_rounded_to_nearest_even()
    {
        // Halfway cases go to the even neighbour; infinity and NaN stay.
        float[] values = [1f, 1.00390625f, 1.01171875f, -1.00390626f, 3.4e38f, float.PositiveInfinity, float.NaN, 0f, 1e-30f, -7.5f];
        var cells = new uint[TileKernel.ChunkLength];
        fixed (float* source = values)
        {
            fixed (uint* target = cells)
            {
                CellRows.Copy(Precision.Bf16, source, target, values.Length, cells.Length);
            }
        }

        var halves = MemoryMarshal.Cast<uint, ushort>(cells);
        for (var i = 0; i < values.Length; i++)
        {
            var expected = ToBFloat16(values[i]);
            var actual = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
            Assert.Equal(expected, actual);
        }

        Assert.All(halves[values.Length..].ToArray(), half => Assert.Equal(0, half));
    }

    static float[] RandomValues(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];

    static float Read(TileKernel kernel, float value) => kernel.Precision == Precision.Bf16 ? ToBFloat16(value) : value;

    // By comparison of the two neighbours, not by bits: another way than the kernels'.
    static float ToBFloat16(float value)
    {
        if (!float.IsFinite(value))
        {
            return value;
        }

        var below = BitConverter.SingleToUInt32Bits(value) & 0xFFFF_0000u;
        var (low, high) = (BitConverter.UInt32BitsToSingle(below), BitConverter.UInt32BitsToSingle(below + 0x10000));
        var middle = BitConverter.UInt32BitsToSingle(below + 0x8000);
        return value == middle ? (below & 0x10000) == 0 ? low : high : Math.Abs(value) < Math.Abs(middle) ? low : high;
    }
}
