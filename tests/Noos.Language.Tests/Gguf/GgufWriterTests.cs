using Noos.Language.Gguf;
using Noos.Testing;

namespace Noos.Language.Tests.Gguf;

public sealed class GgufWriterTests
{
    [Fact]
    public void WriteTo_gives_the_bytes_of_the_specification()
    {
        var writer = new GgufWriter();
        writer.Add("k", 258u);
        writer.AddTensor("t", GgufTensorType.F16, [2], [1, 2, 3, 4]);

        byte[] expected =
        [
            .. "GGUF"u8, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
            1, 0, 0, 0, 0, 0, 0, 0, .. "k"u8, 4, 0, 0, 0, 2, 1, 0, 0,
            1, 0, 0, 0, 0, 0, 0, 0, .. "t"u8, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        var header = (expected.Length + 31) / 32 * 32;
        Assert.Equal([.. expected, .. new byte[header - expected.Length], 1, 2, 3, 4, .. new byte[28]], Bytes(writer));
    }

    [Fact]
    public void WriteTo_a_path_keeps_the_old_file_when_a_tensor_fails()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("model.gguf");
        File.WriteAllText(path, "old");
        var writer = new GgufWriter();
        writer.AddTensor("t", GgufTensorType.F32, [1], () => throw new InvalidOperationException("no data"));

        Assert.Throws<InvalidOperationException>(() => writer.WriteTo(path));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void WriteTo_refuses_a_tensor_of_the_wrong_length()
    {
        var writer = new GgufWriter();
        writer.AddTensor("t", GgufTensorType.F32, [2], new byte[4]);

        Assert.Contains("'t' should have 8 bytes", Assert.Throws<InvalidOperationException>(() => Bytes(writer)).Message);
    }

    [Fact]
    public void Names_are_unique_and_fit_into_ggml()
    {
        var writer = new GgufWriter();
        writer.Add("k", 1u);
        writer.AddTensor("t", GgufTensorType.F32, [1], new byte[4]);

        Assert.Throws<ArgumentException>(() => writer.Add("k", 2u));
        Assert.Throws<ArgumentException>(() => writer.Add("general.alignment", 64u));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("t", GgufTensorType.F32, [1], new byte[4]));
        Assert.Throws<ArgumentException>(() => writer.AddTensor(new string('n', 64), GgufTensorType.F32, [1], new byte[4]));
    }

    [Fact]
    public void Dimensions_must_fit_the_type()
    {
        var writer = new GgufWriter();

        Assert.Throws<ArgumentException>(() => writer.AddTensor("a", GgufTensorType.Q8_0, [31], []));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("b", GgufTensorType.F32, [], []));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("c", GgufTensorType.F32, [0], []));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("d", GgufTensorType.F32, [1, 1, 1, 1, 1], new byte[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.AddTensor("e", (GgufTensorType)4, [32], []));
    }

    static byte[] Bytes(GgufWriter writer)
    {
        using var stream = new MemoryStream();
        writer.WriteTo(stream);
        return stream.ToArray();
    }
}
