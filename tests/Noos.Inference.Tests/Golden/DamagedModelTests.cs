using System.Buffers.Binary;
using Noos.Core;
using Noos.Inference.Tests.Support;
using Noos.Language.Gguf;

namespace Noos.Inference.Tests.Golden;

public sealed class DamagedModelTests
{
    const int Mutations = 2_000;
    const long AllocationLimit = 4 << 20;

    static readonly long[] s_hostile = [0, 1, -1, 2, 31, 255, 1 << 20, int.MaxValue, uint.MaxValue, 1L << 40, long.MaxValue, long.MinValue];

    [Fact]
    public void Load_of_damaged_models_refuses_clearly_or_gives_a_model_that_runs()
    {
        var whole = File.ReadAllBytes(GoldenFiles.Find("random-q8_0.gguf"));
        var headerLength = HeaderLength(whole);
        var random = new Random(20_262);
        var folder = Directory.CreateTempSubdirectory("noos-damaged-");
        try
        {
            var path = Path.Combine(folder.FullName, "damaged.gguf");
            var loaded = 0;
            for (var i = 0; i < Mutations; i++)
            {
                File.WriteAllBytes(path, Damage(whole, headerLength, random));
                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    using var model = LanguageModel.Load(path, TestOptions.Default with { Threads = 1 });
                    using var context = model.CreateContext(4);
                    Assert.Equal(model.Config.VocabularySize, context.Append([0, 1, 2]).Length);
                    loaded++;
                }
                catch (NoosException e)
                {
                    Assert.Contains(path, e.Message);
                }

                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocationLimit);
            }

            // Otherwise only one half of the claim was tested.
            Assert.InRange(loaded, Mutations / 100, Mutations * 99 / 100);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static int HeaderLength(byte[] whole)
    {
        using var file = GgufFile.Open(GoldenFiles.Find("random-q8_0.gguf"));
        return whole.Length - (int)file.Tensors.Max(tensor => tensor.Offset + tensor.ByteLength);
    }

    static byte[] Damage(byte[] whole, int headerLength, Random random)
    {
        byte[] bytes = [.. whole];
        switch (random.Next(4))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                for (var flips = random.Next(1, 8); flips > 0; flips--)
                {
                    bytes[random.Next(headerLength)] ^= (byte)(1 << random.Next(8));
                }

                return bytes;
            case 2:
                BinaryPrimitives.WriteInt64LittleEndian(
                    bytes.AsSpan(random.Next(headerLength - 8)), s_hostile[random.Next(s_hostile.Length)]);
                return bytes;
            default:
                var length = random.Next(1, 40);
                bytes.AsSpan(random.Next(headerLength), length).CopyTo(bytes.AsSpan(random.Next(headerLength)));
                return bytes;
        }
    }
}
