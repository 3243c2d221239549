using System.Buffers.Binary;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Testing;

namespace Noos.Language.Tests.Gguf;

public sealed class GgufFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Metadata_of_every_type_comes_back_as_written()
    {
        GgufValue[] values =
        [
            (byte)200, (sbyte)-100, (ushort)60000, (short)-30000, 4_000_000_000u, -2_000_000_000, ulong.MaxValue, long.MinValue,
            1.5f, -2.5e300, true, false, "", "text with ünïcödé and \0 zero",
            new byte[] { 1, 255 }, new sbyte[] { -1, 127 }, new ushort[] { 65535 }, new short[] { -32768 }, new[] { uint.MaxValue },
                new[] { int.MinValue, 7 },
            new[] { ulong.MaxValue }, new[] { long.MinValue }, new[] { float.Epsilon }, new[] { double.MaxValue }, new[] { true, false },
                new[] { "a", "", "Ġb" },
            Array.Empty<int>(), Array.Empty<string>(),
        ];
        var writer = new GgufWriter();
        for (var i = 0; i < values.Length; i++)
        {
            writer.Add($"key.{i}", values[i]);
        }

        using var file = Write(writer);

        Assert.Equal(values.Length, file.Metadata.Count);
        for (var i = 0; i < values.Length; i++)
        {
            var read = file.Metadata[$"key.{i}"];
            Assert.Equal(values[i].Type, read.Type);
            Assert.Equal(values[i].ElementType, read.ElementType);
            Assert.Equal(values[i].Content, read.Content);
        }
    }

    [Fact]
    public void Nested_arrays_come_back_as_written()
    {
        var writer = new GgufWriter();
        writer.Add("nested", new GgufValue[] { new[] { 1, 2 }, new[] { "x" }, new GgufValue[] { new[] { 0.5f } } });

        using var file = Write(writer);

        var outer = Assert.IsType<GgufValue[]>(file.Metadata["nested"].Content);
        Assert.Equal(new[] { 1, 2 }, outer[0].Content);
        Assert.Equal(new[] { "x" }, outer[1].Content);
        Assert.Equal(new[] { 0.5f }, Assert.IsType<GgufValue[]>(outer[2].Content)[0].Content);
    }

    [Fact]
    public void Typed_getters_convert_what_fits_and_return_null_for_missing_keys()
    {
        var writer = new GgufWriter();
        writer.Add("u32", 7u);
        writer.Add("f32", 0.25f);
        writer.Add("text", "hello");
        writer.Add("flag", true);
        writer.Add("texts", new[] { "a", "b" });
        writer.Add("types", new uint[] { 1, 3 });
        writer.Add("scores", new[] { 0.5f });

        using var file = Write(writer);

        Assert.Equal(7, file.GetInteger("u32"));
        Assert.Equal(7.0, file.GetFloat("u32"));
        Assert.Equal(0.25, file.GetFloat("f32"));
        Assert.Equal("hello", file.GetString("text"));
        Assert.True(file.GetBool("flag"));
        Assert.Equal(["a", "b"], file.GetStrings("texts"));
        Assert.Equal([1, 3], file.GetIntegers("types"));
        Assert.Equal([0.5f], file.GetFloats("scores"));
        Assert.Null(file.GetString("missing"));
        Assert.Null(file.GetInteger("missing"));
        Assert.Null(file.GetFloat("missing"));
        Assert.Null(file.GetBool("missing"));
        Assert.Null(file.GetStrings("missing"));
        Assert.Null(file.GetIntegers("missing"));
    }

    [Fact]
    public void Typed_getters_refuse_other_types_with_the_name_of_the_key()
    {
        var writer = new GgufWriter();
        writer.Add("text", "hello");
        writer.Add("huge", ulong.MaxValue);
        writer.Add("hugeList", new[] { uint.MaxValue });
        using var file = Write(writer);

        Assert.Contains("'text'", Assert.Throws<NoosException>(() => file.GetInteger("text")).Message);
        Assert.Contains("'text'", Assert.Throws<NoosException>(() => file.GetFloat("text")).Message);
        Assert.Contains("'text'", Assert.Throws<NoosException>(() => file.GetBool("text")).Message);
        Assert.Contains("'text'", Assert.Throws<NoosException>(() => file.GetStrings("text")).Message);
        Assert.Contains("'huge'", Assert.Throws<NoosException>(() => file.GetString("huge")).Message);
        Assert.Contains("'huge'", Assert.Throws<NoosException>(() => file.GetInteger("huge")).Message);
        Assert.Contains("'hugeList'", Assert.Throws<NoosException>(() => file.GetIntegers("hugeList")).Message);
    }

    [Fact]
    public unsafe void Tensors_come_back_with_their_bytes_at_aligned_places()
    {
        byte[] odd = [.. Enumerable.Range(0, 34 * 3).Select(i => (byte)i)];
        var writer = new GgufWriter();
        writer.AddTensor("first", GgufTensorType.F32, [3], new byte[12]);
        writer.AddTensor("second", GgufTensorType.Q8_0, [32, 3], odd);
        writer.AddTensor("third", GgufTensorType.F16, [2, 1, 1, 1], () => new byte[] { 1, 2, 3, 4 });

        using var file = Write(writer);

        Assert.Equal(["first", "second", "third"], file.Tensors.Select(tensor => tensor.Name));
        Assert.All(file.Tensors, tensor => Assert.Equal(0, (long)file.Pointer(tensor) % 32));
        Assert.True(file.TryGetTensor("second", out var second));
        Assert.Equal([32, 3], second.Dimensions);
        Assert.Equal(96, second.Count);
        Assert.Equal(odd, file.Data(second).ToArray());
        Assert.Equal([1, 2, 3, 4], file.Data(file.Tensors[2]).ToArray());
        Assert.False(file.TryGetTensor("fourth", out _));
    }

    [Fact]
    public void Data_of_a_foreign_tensor_or_a_closed_file_is_refused()
    {
        var writer = new GgufWriter();
        writer.AddTensor("x", GgufTensorType.F32, [1], new byte[4]);
        var file = Write(writer);
        var own = file.Tensors[0];

        Assert.Throws<ArgumentException>(() => file.Data(own with { ByteLength = 1 << 20 }).Length);
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Data(own).Length);
    }

    [Fact]
    public void Open_accepts_version_2_and_refuses_others()
    {
        var bytes = Bytes(new GgufWriter());
        bytes[4] = 2;
        using (var file = Open(bytes))
        {
            Assert.Equal(2, file.Version);
        }

        bytes[4] = 1;
        Assert.Contains("version is 1", Refusal(bytes));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), 3);
        Assert.Contains("big-endian", Refusal(bytes));
    }

    [Fact]
    public void Open_refuses_what_is_missing_empty_or_no_model()
    {
        var missing = Assert.Throws<NoosException>(() => GgufFile.Open(_folder.File("none.gguf")));
        Assert.Contains("no model file", missing.Message);
        Assert.Equal(ErrorKind.NotFound, missing.Kind);
        Assert.Contains(
            "cannot be read", Assert.Throws<NoosException>(() => GgufFile.Open(Path.GetDirectoryName(_folder.File("x"))!)).Message);
        Assert.Contains("too short", Refusal([]));
        Assert.Contains("does not begin with 'GGUF'", Refusal(new byte[100]));
    }

    [Theory]
    [InlineData(8, "tensors")]
    [InlineData(16, "metadata values")]
    public void Open_refuses_counts_that_cannot_fit(int position, string things)
    {
        var bytes = Bytes(new GgufWriter());
        foreach (var count in new[] { 100ul, 1ul << 40, ulong.MaxValue })
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(position), count);
            Assert.Contains(things, Refusal(bytes));
        }
    }

    [Fact]
    public void Open_refuses_tensors_that_overlap_reach_out_or_are_not_aligned()
    {
        var writer = new GgufWriter();
        writer.AddTensor("a", GgufTensorType.F32, [16], new byte[64]);
        writer.AddTensor("b", GgufTensorType.F32, [16], new byte[64]);
        var bytes = Bytes(writer);

        // A tensor is 8 + 1 (name) + 4 + 8 (one dimension) + 4 (type) + 8 (offset) bytes after the 24 of the header.
        var secondDimension = 24 + 33 + 13;
        var secondType = secondDimension + 8;
        var secondOffset = secondType + 4;
        Assert.Contains("overlaps", RefusalWith(bytes, secondOffset, 32));
        Assert.Contains("not aligned", RefusalWith(bytes, secondOffset, 65));
        Assert.Contains("beyond its end", RefusalWith(bytes, secondOffset, 1 << 20));
        Assert.Contains("beyond its end", RefusalWith(bytes, secondOffset, long.MaxValue - 31));
        Assert.Contains("not aligned", RefusalWith(bytes, secondOffset, -32));
        Assert.Contains("beyond its end", RefusalWith(bytes, secondDimension, 17));
        Assert.Contains("impossible size", RefusalWith(bytes, secondDimension, 0));
        Assert.Contains("impossible size", RefusalWith(bytes, secondDimension, -1));
        Assert.Contains("rows of", RefusalWith(bytes, secondDimension, long.MaxValue));

        bytes[secondType] = 4;
        Assert.Contains("unknown type 4", Refusal(bytes));
    }

    [Fact]
    public void Open_refuses_repeated_names()
    {
        var writer = new GgufWriter();
        writer.Add("aa", 1u);
        writer.Add("ab", 2u);
        writer.AddTensor("xx", GgufTensorType.F32, [1], new byte[4]);
        writer.AddTensor("xy", GgufTensorType.F32, [1], new byte[4]);
        var bytes = Bytes(writer);

        Assert.Contains("'aa' is there twice", Refusal(Replaced(bytes, "ab"u8, "aa"u8)));
        Assert.Contains("'xx' is there twice", Refusal(Replaced(bytes, "xy"u8, "xx"u8)));
    }

    [Fact]
    public void Open_refuses_a_truth_value_of_two_and_an_odd_alignment()
    {
        var writer = new GgufWriter();
        writer.Add("general.alignmenT", 24u);
        writer.Add("flag", true);
        var bytes = Bytes(writer);

        Assert.Contains("alignment is not a power of two", Refusal(Replaced(bytes, "alignmenT"u8, "alignment"u8)));
        bytes[bytes.AsSpan().IndexOf("flag"u8) + 8] = 2;
        Assert.Contains("neither 0 nor 1", Refusal(bytes));
    }

    [Fact]
    public void A_model_in_parts_opens_by_its_first_with_the_tensors_of_all()
    {
        var first = WriteParts("model");

        using var file = GgufFile.Open(first);

        Assert.Equal(3, file.PartCount);
        Assert.Equal("qwen3", file.GetString("general.architecture"));
        Assert.Equal(["blk.0", "blk.1", "blk.2"], file.Tensors.Select(tensor => tensor.Name));
        Assert.All(file.Tensors, tensor => Assert.Equal((byte)tensor.Name[^1], file.Data(tensor)[0]));
        Assert.Equal(Directory.GetFiles(Path.GetDirectoryName(first)!).Sum(path => new FileInfo(path).Length), file.Length);
    }

    [Fact]
    public void A_missing_part_is_named()
    {
        var first = WriteParts("model");
        var second = _folder.File("model-00002-of-00003.gguf");
        File.Delete(second);

        var missing = Assert.Throws<NoosException>(() => GgufFile.Open(first));
        Assert.Contains($"'{second}' is missing", missing.Message);
        Assert.Equal(ErrorKind.NotFound, missing.Kind);
    }

    [Fact]
    public void A_foreign_part_is_named()
    {
        var first = WriteParts("model");
        var second = _folder.File("model-00002-of-00003.gguf");

        File.Copy(first, second, overwrite: true);
        Assert.Contains($"'{second}' is not part 2 of 3", Assert.Throws<NoosException>(() => GgufFile.Open(first)).Message);

        WritePart(second, 1, "blk.0");
        Assert.Contains("two of its parts have the tensor 'blk.0'", Assert.Throws<NoosException>(() => GgufFile.Open(first)).Message);

        WritePart(second, 1, "blk.1", "blk.3");
        Assert.Contains("4 tensors together instead of 3", Assert.Throws<NoosException>(() => GgufFile.Open(first)).Message);

        File.WriteAllText(second, "nonsense");
        Assert.Contains($"'{second}' is not a whole GGUF model", Assert.Throws<NoosException>(() => GgufFile.Open(first)).Message);
    }

    [Fact]
    public void Another_part_than_the_first_leads_to_the_first()
    {
        var first = WriteParts("model");
        var renamed = _folder.File("other.gguf");
        File.Copy(first, renamed);

        Assert.Contains($"'{first}'", Assert.Throws<NoosException>(() => GgufFile.Open(_folder.File("model-00003-of-00003.gguf"))).Message);
        Assert.Contains("'-00001-of-00003.gguf'", Assert.Throws<NoosException>(() => GgufFile.Open(renamed)).Message);
    }

    string WriteParts(string name)
    {
        var paths = Enumerable.Range(0, 3).Select(number => _folder.File($"{name}-{number + 1:D5}-of-00003.gguf")).ToArray();
        for (var number = 0; number < paths.Length; number++)
        {
            WritePart(paths[number], number, $"blk.{number}");
        }

        return paths[0];
    }

    /// <summary>Each tensor is filled with the last letter of its name.</summary>
    static void WritePart(string path, int number, params string[] tensors)
    {
        var writer = new GgufWriter();
        if (number == 0)
        {
            writer.Add("general.architecture", "qwen3");
        }

        writer.Add("split.no", (ushort)number);
        writer.Add("split.count", (ushort)3);
        writer.Add("split.tensors.count", 3);
        foreach (var tensor in tensors)
        {
            writer.AddTensor(tensor, GgufTensorType.I8, [4], Enumerable.Repeat((byte)tensor[^1], 4).ToArray());
        }

        writer.WriteTo(path);
    }

    GgufFile Write(GgufWriter writer)
    {
        var path = _folder.File("model.gguf");
        writer.WriteTo(path);
        return GgufFile.Open(path);
    }

    GgufFile Open(byte[] bytes)
    {
        var path = _folder.File("model.gguf");
        File.WriteAllBytes(path, bytes);
        return GgufFile.Open(path);
    }

    string Refusal(byte[] bytes)
    {
        var exception = Assert.Throws<NoosException>(() => Open(bytes));
        Assert.Equal(ErrorKind.Damaged, exception.Kind);
        return exception.Message;
    }

    string RefusalWith(byte[] bytes, int position, long value)
    {
        byte[] changed = [.. bytes];
        BinaryPrimitives.WriteInt64LittleEndian(changed.AsSpan(position), value);
        return Refusal(changed);
    }

    static byte[] Bytes(GgufWriter writer)
    {
        using var stream = new MemoryStream();
        writer.WriteTo(stream);
        return stream.ToArray();
    }

    static byte[] Replaced(byte[] bytes, ReadOnlySpan<byte> old, ReadOnlySpan<byte> replacement)
    {
        byte[] changed = [.. bytes];
        replacement.CopyTo(changed.AsSpan(bytes.AsSpan().IndexOf(old)));
        return changed;
    }
}
