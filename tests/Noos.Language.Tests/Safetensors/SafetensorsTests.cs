using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Language.Safetensors;
using Noos.Testing;

namespace Noos.Language.Tests.Safetensors;

public sealed class SafetensorsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    string FilePath => _folder.File("model.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void File_written_reads_back_names_types_shapes_data_and_metadata()
    {
        SafetensorsWriter.Write(
            FilePath,
            [
                new SafetensorsEntry("bytes", SafetensorsType.U8, [3], new byte[] { 1, 2, 3 }),
                new SafetensorsEntry("weight", [2, 3], new float[] { 1, -2, 3.5f, float.NaN, float.PositiveInfinity, 1e-40f }),
                new SafetensorsEntry("scalar", SafetensorsType.F64, [], BitConverter.GetBytes(Math.PI)),
                new SafetensorsEntry("nothing", SafetensorsType.I32, [4, 0], ReadOnlyMemory<byte>.Empty),
                new SafetensorsEntry("Größe \"1\"\n", SafetensorsType.F16, [1], stream => stream.Write([0x00, 0x3C])),
            ],
            new Dictionary<string, string> { ["format"] = "noos", ["note"] = "ä\u0001" });

        using var file = SafetensorsFile.Open(FilePath);
        Assert.Equal(
            ["bytes", "Größe \"1\"\n", "nothing", "scalar", "weight"], file.Names.Order(StringComparer.InvariantCultureIgnoreCase));
        Assert.Equal([1, 2, 3], file.Data("bytes").ToArray());
        Assert.Equal([2L, 3L], file.Shape("weight"));
        Assert.Equal([1, -2, 3.5f, float.NaN, float.PositiveInfinity, 1e-40f], Singles(file, "weight"));
        Assert.Equal([(Half)1], MemoryMarshal.Cast<byte, Half>(file.Data("Größe \"1\"\n")).ToArray());
        Assert.Equal(Math.PI, BinaryPrimitives.ReadDoubleLittleEndian(file.Data("scalar")));
        Assert.Equal(SafetensorsType.I32, file.Dtype("nothing"));
        Assert.Empty(file.Data("nothing").ToArray());
        Assert.Equal("ä\u0001", file.Metadata["note"]);
        Assert.All(file.Tensors.Where(t => t.Type == SafetensorsType.F64), t => Assert.Equal(0, t.Offset % 8));
        Assert.All(file.Tensors.Where(t => t.Type == SafetensorsType.F32), t => Assert.Equal(0, t.Offset % 4));
    }

    [Fact]
    public void File_of_every_type_reads_back()
    {
        var types = Enum.GetValues<SafetensorsType>();
        SafetensorsWriter.Write(
            FilePath, types.Select(t => new SafetensorsEntry(t.ToString(), t, [2, 4], stream => stream.Write(new byte[SizeOfEight(t)]))));
        using var file = SafetensorsFile.Open(FilePath);
        Assert.All(types, t => Assert.Equal(SizeOfEight(t), file.Data(t.ToString()).Length));

        static int SizeOfEight(SafetensorsType type) => type.ToString() switch
        {
            "F4" => 4,
            "BOOL" => 8,
            var name when name.StartsWith("F6_", StringComparison.Ordinal) => 6,
            var name when name.StartsWith("F8_", StringComparison.Ordinal) || name is "U8" or "I8" => 8,
            var name when name.EndsWith("16", StringComparison.Ordinal) => 16,
            var name when name.EndsWith("32", StringComparison.Ordinal) => 32,
            _ => 64,
        };
    }

    [Fact]
    public void File_as_the_reference_implementation_writes_it_opens()
    {
        // The example in the documentation of the reference implementation, padded with spaces as it does.
        WriteRaw("""{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}    """, new byte[16]);
        using var file = SafetensorsFile.Open(FilePath);
        Assert.Equal([2L, 2L], file.Shape("test"));
    }

    [Fact]
    public void File_without_tensors_opens()
    {
        WriteRaw("{}", []);
        using var file = SafetensorsFile.Open(FilePath);
        Assert.Empty(file.Tensors);
    }

    [Theory]
    [InlineData("", 0, "does not begin")]
    [InlineData(" {}", 0, "does not begin")]
    [InlineData("{", 0, "not valid JSON")]
    [InlineData("{}x", 0, "not valid JSON")]
    [InlineData("""{"a":1}""", 0, "not described by an object")]
    [InlineData("""{"a":{}}""", 0, "lacks its dtype")]
    [InlineData("""{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown dtype")]
    [InlineData("""{"a":{"dtype":"964","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown dtype")]
    [InlineData("""{"a":{"dtype":"17","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown dtype")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "needs 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "whole numbers from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", 4, "whole numbers from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "span -4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "hole before")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "1 bytes follow")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3, "ends inside")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8,
        "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6,
        "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4,
        "overlaps")]
    [InlineData("""{"a":{"dtype":"U8","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,1]}}""", 1,
        "whole number of bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[9223372036854775807,9223372036854775807]}}""", 0, "beyond the end")]
    [InlineData("""{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}""", 1, "whole number of bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"shape":[1]}}""", 4, "repeated key")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "map of texts")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", 0, "twice")]
    [InlineData("""{"\ud800":{}}""", 0, "not valid JSON")]
    [InlineData("""{"a":[[[[[[[[[[]]]]]]]]]]}""", 0, "not described by an object")]
    public void Broken_header_is_refused_with_its_reason(string header, int dataLength, string reason)
    {
        WriteRaw(header, new byte[dataLength]);
        var error = Assert.Throws<NoosException>(() => SafetensorsFile.Open(FilePath));
        Assert.Equal(ErrorKind.Damaged, error.Kind);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("model.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0UL, 0)]
    [InlineData(9UL, 3)]
    [InlineData(100_000_001UL, 100)]
    [InlineData(ulong.MaxValue, 100)]
    public void Header_length_beyond_the_file_or_the_bound_is_refused(ulong claimed, int following)
    {
        var bytes = new byte[8 + following];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimed);
        File.WriteAllBytes(FilePath, bytes);
        Assert.Throws<NoosException>(() => SafetensorsFile.Open(FilePath));
        File.WriteAllBytes(FilePath, bytes[..5]);
        Assert.Throws<NoosException>(() => SafetensorsFile.Open(FilePath));
    }

    [Fact]
    public void Absent_file_and_folder_are_refused_with_a_sentence()
    {
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<NoosException>(() => SafetensorsFile.Open(FilePath)).Kind);
        Assert.Equal(ErrorKind.Refused, Assert.Throws<NoosException>(() => SafetensorsFile.Open(_folder.Path)).Kind);
    }

    [Fact]
    public void Mutated_files_open_or_are_refused_and_never_crash()
    {
        using var original = new MemoryStream();
        SafetensorsWriter.Write(
            original,
            [
                new SafetensorsEntry("token_embd.weight", [4, 2], new float[8]),
                new SafetensorsEntry("blk.0.ffn", SafetensorsType.BF16, [2, 3], new byte[12]),
                new SafetensorsEntry("step", SafetensorsType.I64, [], new byte[8]),
            ],
            new Dictionary<string, string> { ["format"] = "noos" });
        var random = new Random(20);
        var (opened, refused) = (0, 0);
        for (var i = 0; i < 10_000; i++)
        {
            File.WriteAllBytes(FilePath, Mutate(original.ToArray(), random));
            try
            {
                using var file = SafetensorsFile.Open(FilePath);
                opened++;
                foreach (var name in file.Names)
                {
                    // Reads every byte, so an unvalidated offset would fault here.
                    _ = file.Data(name).ToArray().Sum(b => b);
                }
            }
            catch (NoosException e)
            {
                refused++;
                Assert.DoesNotContain('\n', e.Message);
            }
        }

        Assert.True(opened > 100, $"{opened} opened");
        Assert.True(refused > 1000, $"{refused} refused");
    }

    [Fact]
    public void Write_that_fails_leaves_the_previous_file_and_no_temporary()
    {
        SafetensorsWriter.Write(FilePath, [new SafetensorsEntry("x", [1], new float[] { 7 })]);
        var error = Assert.Throws<NoosException>(() => SafetensorsWriter.Write(
            FilePath,
            [new SafetensorsEntry("x", SafetensorsType.U8, [1 << 20], stream => throw new IOException("Input/output error"))]));
        Assert.Contains("Input/output error", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(FilePath, [new SafetensorsEntry("x", [2], new float[1])]));
        Assert.Throws<ArgumentException>(() =>
            SafetensorsWriter.Write(
                FilePath, [new SafetensorsEntry("x", [1], new float[1]), new SafetensorsEntry("x", [1], new float[1])]));
        Assert.Throws<ArgumentException>(() =>
            SafetensorsWriter.Write(FilePath, [new SafetensorsEntry("__metadata__", [1], new float[1])]));

        Assert.Equal([FilePath], Directory.GetFiles(_folder.Path));
        using var file = SafetensorsFile.Open(FilePath);
        Assert.Equal([7f], Singles(file, "x"));
    }

    [Fact]
    public void Replacing_a_file_that_is_open_leaves_the_reader_its_old_data()
    {
        SafetensorsWriter.Write(FilePath, [new SafetensorsEntry("x", [1], new float[] { 1 })]);
        using var file = SafetensorsFile.Open(FilePath);
        SafetensorsWriter.Write(FilePath, [new SafetensorsEntry("x", [1], new float[] { 2 })]);
        Assert.Equal([1f], Singles(file, "x"));
        using var replaced = SafetensorsFile.Open(FilePath);
        Assert.Equal([2f], Singles(replaced, "x"));
    }

    [Fact]
    public void Full_disk_leaves_the_previous_file_and_says_so()
    {
        // A real small disk; only root may mount one.
        Assert.SkipUnless(OperatingSystem.IsLinux()
            && Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", _folder.Path), "Mounting is not permitted here.");
        try
        {
            SafetensorsWriter.Write(FilePath, [new SafetensorsEntry("x", [1000], Enumerable.Repeat(7f, 1000).ToArray())]);
            var error = Assert.Throws<NoosException>(() =>
                SafetensorsWriter.Write(FilePath, [new SafetensorsEntry("x", [1 << 19], new float[1 << 19])]));
            Assert.StartsWith("The disk is full", error.Message, StringComparison.Ordinal);
            Assert.Equal([FilePath], Directory.GetFiles(_folder.Path));
            using var file = SafetensorsFile.Open(FilePath);
            Assert.All(Singles(file, "x"), x => Assert.Equal(7f, x));
        }
        finally
        {
            Assert.True(Run("umount", "-l", _folder.Path));
        }
    }

    [Fact]
    public void Atomic_file_replaces_content_and_makes_the_folder()
    {
        var path = Path.Combine(_folder.Path, "a", "b.txt");
        AtomicFile.Write(path, stream => stream.Write("first"u8));
        AtomicFile.Write(path, stream => stream.Write("2"u8));
        Assert.Equal("2", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
    }

    static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }

    static byte[] Mutate(byte[] bytes, Random random)
    {
        var edits = random.Next(1, 4);
        for (var i = 0; i < edits && bytes.Length > 0; i++)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes = bytes[..at];
                    break;
                case 3:
                    bytes = [.. bytes[..at], .. bytes[random.Next(at, bytes.Length)..]];
                    break;
                case 4:
                    bytes = [.. bytes[..at], .. "0123456789,:[]{}\"F"u8[random.Next(18)..], .. bytes[at..]];
                    break;
                default:
                    // Digits for digits keep the JSON valid and change shapes and offsets.
                    for (var j = 0; j < bytes.Length; j++)
                    {
                        if (char.IsAsciiDigit((char)bytes[j]) && random.Next(8) == 0)
                        {
                            bytes[j] = (byte)('0' + random.Next(10));
                        }
                    }

                    break;
            }
        }

        return bytes;
    }

    static float[] Singles(SafetensorsFile file, string name)
    {
        Assert.Equal(SafetensorsType.F32, file.Dtype(name));
        return MemoryMarshal.Cast<byte, float>(file.Data(name)).ToArray();
    }

    void WriteRaw(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        File.WriteAllBytes(FilePath, [.. length, .. json, .. data]);
    }
}
