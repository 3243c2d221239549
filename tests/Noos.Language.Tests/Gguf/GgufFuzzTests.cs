using System.Buffers.Binary;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Testing;

namespace Noos.Language.Tests.Gguf;

public sealed class GgufFuzzTests : IDisposable
{
    const int Mutations = 20_000;
    const long AllocationLimit = 2 << 20;

    static readonly long[] s_hostile = [
        0, 1, -1, 31, 32, 33, 255, 1 << 16, int.MaxValue, uint.MaxValue, 1L << 40, long.MaxValue, long.MinValue, long.MaxValue - 31];

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_of_damaged_files_refuses_clearly_or_gives_a_readable_file()
    {
        // A file of every type, and a model in two files of which either may be damaged.
        byte[][] files = [WholeFile(), Part(0), Part(1)];
        string[] paths = [
            _folder.File("damaged.gguf"), _folder.File("split-00001-of-00002.gguf"), _folder.File("split-00002-of-00002.gguf")];
        for (var i = 0; i < files.Length; i++)
        {
            File.WriteAllBytes(paths[i], files[i]);
        }

        var random = new Random(20_261);
        var readable = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var choice = random.Next(files.Length);
            var (path, opened) = (paths[choice], paths[Math.Min(choice, 1)]);
            Replace(path, Damage(files[choice], random));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var file = GgufFile.Open(opened);
                readable++;
                Touch(file);
            }
            catch (NoosException e)
            {
                Assert.Contains(_folder.File(""), e.Message);
                Assert.DoesNotContain('\n', e.Message);
            }

            if (choice > 0)
            {
                // The next damage may be to the other part.
                Replace(path, files[choice]);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocationLimit);
        }

        // Otherwise only one half of the claim was tested.
        Assert.InRange(readable, Mutations / 100, Mutations * 99 / 100);
    }

    /// <summary>A new file each time: ext4 flushes one to the disk that is emptied and written again.</summary>
    static void Replace(string path, byte[] content)
    {
        File.Delete(path);
        File.WriteAllBytes(path, content);
    }

    /// <summary>Reads every byte that the file hands out, also as numbers: an address outside the mapping would end the process.</summary>
    static void Touch(GgufFile file)
    {
        var sum = 0L;
        foreach (var tensor in file.Tensors)
        {
            foreach (var value in file.Data(tensor))
            {
                sum += value;
            }

            if (Quantization.Supports(tensor.Type))
            {
                Quantization.Dequantize(tensor.Type, file.Data(tensor), new float[tensor.Count]);
            }
        }

        Assert.True(sum >= 0);
        Assert.All(file.Metadata.Values, value => Assert.NotNull(value.Content));
    }

    static byte[] Damage(byte[] whole, Random random)
    {
        byte[] bytes = [.. whole];
        switch (random.Next(4))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                for (var flips = random.Next(1, 8); flips > 0; flips--)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                }

                return bytes;
            case 2:
                BinaryPrimitives.WriteInt64LittleEndian(
                    bytes.AsSpan(random.Next(bytes.Length - 8)), s_hostile[random.Next(s_hostile.Length)]);
                return bytes;
            default:
                // A piece of the file somewhere else: plausible lengths and offsets that belong to others.
                var length = random.Next(1, 40);
                bytes.AsSpan(random.Next(bytes.Length - length), length).CopyTo(bytes.AsSpan(random.Next(bytes.Length - length)));
                return bytes;
        }
    }

    static byte[] WholeFile()
    {
        var writer = new GgufWriter();
        writer.Add("general.architecture", "qwen3");
        writer.Add("qwen3.block_count", 2u);
        writer.Add("qwen3.rope.freq_base", 10000f);
        writer.Add("tokenizer.ggml.tokens", new[] { "a", "b", "Ġc", "dd" });
        writer.Add("tokenizer.ggml.token_type", new[] { 1, 1, 1, 3 });
        writer.Add("tokenizer.ggml.add_bos_token", true);
        writer.Add("nested", new GgufValue[] { new[] { "x" }, new[] { 1.5 }, new GgufValue[] { new byte[] { 1 } } });
        for (var i = 0; i < 4; i++)
        {
            writer.AddTensor($"blk.{i}.weight", GgufTensorType.Q8_0, [32, 2], new byte[68]);
            writer.AddTensor($"blk.{i}.norm", GgufTensorType.F32, [8], new byte[32]);
        }

        foreach (var type in Enum.GetValues<GgufTensorType>())
        {
            var layout = GgufTensorLayout.For(type);
            writer.AddTensor($"of.{type}", type, [layout.BlockLength], new byte[layout.BlockBytes]);
        }

        return Bytes(writer);
    }

    static byte[] Part(ushort number)
    {
        var writer = new GgufWriter();
        writer.Add("split.no", number);
        writer.Add("split.count", (ushort)2);
        writer.Add("split.tensors.count", 2);
        writer.AddTensor($"blk.{number}.weight", GgufTensorType.Q4_K, [256, 1], new byte[144]);
        return Bytes(writer);
    }

    static byte[] Bytes(GgufWriter writer)
    {
        using var stream = new MemoryStream();
        writer.WriteTo(stream);
        return stream.ToArray();
    }
}
