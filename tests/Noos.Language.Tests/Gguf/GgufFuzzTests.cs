using System.Buffers.Binary;
using Noos.Language.Gguf;

namespace Noos.Language.Tests.Gguf;

public sealed class GgufFuzzTests : IDisposable
{
    const int Mutations = 10_000;
    const long AllocationLimit = 2 << 20;

    static readonly long[] s_hostile = [0, 1, -1, 31, 32, 33, 255, 1 << 16, int.MaxValue, uint.MaxValue, 1L << 40, long.MaxValue, long.MinValue, long.MaxValue - 31];

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_of_damaged_files_refuses_clearly_or_gives_a_readable_file()
    {
        var whole = WholeFile();
        var random = new Random(20_261);
        var path = _folder.File("damaged.gguf");
        var readable = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var damaged = Damage(whole, random);
            File.WriteAllBytes(path, damaged);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var file = GgufFile.Open(path);
                readable++;
                Touch(file);
            }
            catch (NoosException e)
            {
                Assert.Contains(path, e.Message);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocationLimit);
        }

        // Otherwise only one half of the claim was tested.
        Assert.InRange(readable, Mutations / 100, Mutations * 99 / 100);
    }

    /// <summary>Reads every byte that the file hands out: an address outside the mapping would end the process.</summary>
    static void Touch(GgufFile file)
    {
        var sum = 0L;
        foreach (var tensor in file.Tensors)
        {
            foreach (var value in file.Data(tensor))
            {
                sum += value;
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
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(random.Next(bytes.Length - 8)), s_hostile[random.Next(s_hostile.Length)]);
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

        using var stream = new MemoryStream();
        writer.WriteTo(stream);
        return stream.ToArray();
    }
}
