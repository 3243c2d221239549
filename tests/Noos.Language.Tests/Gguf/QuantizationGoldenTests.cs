using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Noos.Language.Gguf;

namespace Noos.Language.Tests.Gguf;

/// <summary>
/// The blocks that ggml makes of 14 kinds of values: normal ones of all sizes, zeros, ties, one sign only, flat sub-blocks, numbers near
/// the limits of 16-bit floats; and a hash of what ggml reads back from them.
/// </summary>
public sealed class QuantizationGoldenTests
{
    public static TheoryData<GgufTensorType> Types =>
        [.. Enum.GetValues<GgufTensorType>().Where(type => Quantization.Supports(type) && type != GgufTensorType.F32)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Blocks_are_those_of_ggml(GgufTensorType type)
    {
        using var golden = Golden();
        Assert.True(golden.TryGetTensor("values", out var values));
        Assert.True(golden.TryGetTensor(type.ToString(), out var expected));
        var bytes = new byte[expected.ByteLength];

        Quantization.Quantize(type, MemoryMarshal.Cast<byte, float>(golden.Data(values)), bytes);

        Assert.Equal(golden.Data(expected).ToArray(), bytes);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Values_are_those_of_ggml(GgufTensorType type)
    {
        using var golden = Golden();
        Assert.True(golden.TryGetTensor(type.ToString(), out var blocks));
        var values = new float[blocks.Count];

        Quantization.Dequantize(type, golden.Data(blocks), values);

        Assert.Equal(golden.GetString($"sha256.{type}"), Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<float>(values))));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Any_bytes_are_some_values(GgufTensorType type)
    {
        var layout = GgufTensorLayout.For(type);
        var bytes = new byte[layout.BlockBytes * 64];
        new Random(1).NextBytes(bytes);
        var values = Enumerable.Repeat(float.NaN, layout.BlockLength * 64).ToArray();
        if (layout.BlockLength == 1)
        {
            bytes.AsSpan().Fill(0x3C);
        }

        Quantization.Dequantize(type, bytes, values);

        Assert.Contains(values, value => float.IsFinite(value) && value != 0);
    }

    [Theory]
    [InlineData(GgufTensorType.Q8_0, 0.01)]
    [InlineData(GgufTensorType.Q6_K, 0.03)]
    [InlineData(GgufTensorType.Q5_K, 0.05)]
    [InlineData(GgufTensorType.Q5_0, 0.06)]
    [InlineData(GgufTensorType.Q5_1, 0.06)]
    [InlineData(GgufTensorType.Q4_K, 0.10)]
    [InlineData(GgufTensorType.IQ4_NL, 0.10)]
    [InlineData(GgufTensorType.IQ4_XS, 0.10)]
    [InlineData(GgufTensorType.Q4_0, 0.11)]
    [InlineData(GgufTensorType.Q4_1, 0.11)]
    [InlineData(GgufTensorType.MXFP4, 0.16)]
    [InlineData(GgufTensorType.Q3_K, 0.20)]
    [InlineData(GgufTensorType.Q2_K, 0.36)]
    public void Error_of_normal_values_is_small(GgufTensorType type, double most)
    {
        var random = new Random(5);
        var values = new float[256 * 32];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        var bytes = new byte[GgufTensorLayout.For(type).BytesOf(values.Length)];
        var back = new float[values.Length];
        Quantization.Quantize(type, values, bytes);
        Quantization.Dequantize(type, bytes, back);

        Assert.InRange(Math.Sqrt(values.Zip(back, (value, other) => Math.Pow(value - other, 2)).Average()), 0, most);
    }

    static GgufFile Golden()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Noos.slnx")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests run outside of the repository.");
        }

        return GgufFile.Open(Path.Combine(folder.FullName, "tests", "Noos.Language.Tests", "Gguf", "Golden", "quantized.gguf"));
    }
}
