using System.Buffers.Binary;
using System.Security.Cryptography;
using Noos.Core;
using Noos.Inference.Adapters;
using Noos.Inference.KeyValues;
using Noos.Inference.Tests.Support;
using Noos.Language.Gguf;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Inference.Tests.PrefixCache;

/// <summary>Sequences that are suspended and resumed: the same bits, exact accounts, and nothing taken from a damaged stream.</summary>
public sealed class SuspendedSequenceTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KeyValueType.F32)]
    [InlineData(KeyValueType.F16)]
    [InlineData(KeyValueType.Q8)]
    public async Task Sequence_of_any_length_goes_on_to_the_bit(KeyValueType type)
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        var options = TestOptions.Default with { Threads = 1, PromptChunk = 32, KeyValueType = type, PrefixMemory = 0 };
        using var model = LanguageModel.Load(file.Path, options);
        // Another process, so to say, and one that finds the same pages in its prefix cache.
        using var restarted = LanguageModel.Load(file.Path, options);
        using var sharing = LanguageModel.Load(file.Path, options with { PrefixMemory = null });
        var tokens = Tokens(96, 3, file.Config.VocabularySize);
        using var undisturbed = model.CreateContext();
        undisturbed.AppendAll(tokens);
        var random = new Random(5);
        for (var round = 0; round < 50; round++)
        {
            var length = random.Next(1, 96);
            var end = random.Next(length + 1, 97);
            using var stream = new MemoryStream();
            using (var context = model.CreateContext())
            {
                context.Append(tokens.AsSpan(0, length));
                await context.SuspendAsync(stream, Token);
                Assert.Equal(0, context.Length);
                // Those of the undisturbed one.
                Assert.Equal(3, model.KeyValueMemory.Pages);
            }

            foreach (var target in (LanguageModel[])[restarted, sharing])
            {
                stream.Position = 0;
                using var resumed = await target.ResumeContextAsync(stream, cancellationToken: Token);
                Assert.Equal(stream.Length, stream.Position);
                Assert.True(resumed.Tokens.SequenceEqual(tokens.AsSpan(0, length)));
                Assert.Equal(96, resumed.Capacity);
                Assert.True(resumed.Append(tokens.AsSpan(length, end - length)).SequenceEqual(undisturbed.LogitsAfter(end - 1)));
            }

            Assert.Equal(0, restarted.KeyValueMemory.Pages);
            Assert.Equal(sharing.KeyValueMemory.Pages, sharing.KeyValueMemory.KeptPages);
        }
    }

    [Fact]
    public async Task Suspended_context_is_empty_and_can_be_used_again()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        using var model = LanguageModel.Load(file.Path, TestOptions.Default with { Threads = 1, PrefixMemory = 0 });
        var one = Tokens(70, 1, file.Config.VocabularySize);
        var two = Tokens(20, 2, file.Config.VocabularySize);
        using var context = model.CreateContext(80);
        var expected = context.Append(one).ToArray();
        context.Truncate(69);
        using var stream = new MemoryStream();
        await context.SuspendAsync(stream, Token);
        Assert.Equal(0, model.KeyValueMemory.Pages);

        // A second sequence in the same stream, and an empty one.
        context.Append(two);
        await context.SuspendAsync(stream, Token);
        await context.SuspendAsync(stream, Token);
        Assert.Equal(0, model.KeyValueMemory.Pages);

        stream.Position = 0;
        using var first = await model.ResumeContextAsync(stream, cancellationToken: Token);
        using var second = await model.ResumeContextAsync(stream, cancellationToken: Token);
        using var third = await model.ResumeContextAsync(stream, cancellationToken: Token);
        Assert.Equal((69, 20, 0), (first.Length, second.Length, third.Length));
        Assert.Equal((80, 80, 80), (first.Capacity, second.Capacity, third.Capacity));
        Assert.True(first.Append(one.AsSpan(69)).SequenceEqual(expected));
        Assert.Equal(4, model.KeyValueMemory.Pages);
    }

    [Theory]
    [InlineData(KeyValueType.F32)]
    [InlineData(KeyValueType.F16)]
    [InlineData(KeyValueType.Q8)]
    public async Task Bytes_depend_on_the_sequence_alone_and_hold_nothing_of_others(KeyValueType type)
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        using var model = file.Load(keyValues: type);
        using var fresh = file.Load(keyValues: type);
        var tokens = Tokens(96, 1, file.Config.VocabularySize);
        using (var other = model.CreateContext())
        {
            other.Append(tokens);
        }

        // Its last page is a copy of one of the other, which goes on with 26 more tokens.
        using var context = model.CreateContext();
        context.Append(tokens.AsSpan(0, 70));
        using var alone = fresh.CreateContext();
        alone.Append(tokens.AsSpan(0, 70));
        using var one = new MemoryStream();
        using var two = new MemoryStream();
        await context.SuspendAsync(one, Token);
        await alone.SuspendAsync(two, Token);

        Assert.Equal(two.ToArray(), one.ToArray());
    }

    [Fact]
    public async Task Context_stays_as_it_is_when_the_stream_fails_or_the_wait_is_cancelled()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        using var model = LanguageModel.Load(file.Path, TestOptions.Default with { Threads = 1, PrefixMemory = 0 });
        var tokens = Tokens(71, 1, file.Config.VocabularySize);
        using var context = model.CreateContext();
        context.Append(tokens.AsSpan(0, 70));
        using var small = new MemoryStream(new byte[10_000]);
        using var stream = new MemoryStream();

        await Assert.ThrowsAsync<NotSupportedException>(() => context.SuspendAsync(small, Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => context.SuspendAsync(stream, new CancellationToken(canceled: true)));

        Assert.Equal((70, 3), (context.Length, model.KeyValueMemory.Pages));
        await context.SuspendAsync(stream, Token);
        stream.Position = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => model.ResumeContextAsync(stream, cancellationToken: new CancellationToken(canceled: true)));
        Assert.Equal(0, model.KeyValueMemory.Pages);
    }

    [Fact]
    public async Task Stream_of_something_else_is_refused_with_a_sentence()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        using var other = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0, seed: 2);
        using var folder = new TemporaryFolder();
        byte[] sequence;
        using (var model = file.Load())
        {
            using var context = model.CreateContext();
            context.Append(Tokens(70, 1, file.Config.VocabularySize));
            model.SaveKeyValues(folder.File("tree"));
            using var stream = new MemoryStream();
            await context.SuspendAsync(stream, Token);
            sequence = stream.ToArray();
        }

        await AssertRefusedAsync(other, KeyValueType.F16, sequence, "another model");
        await AssertRefusedAsync(file, KeyValueType.Q8, sequence, "kept as F16");
        await AssertRefusedAsync(file, KeyValueType.F16, File.ReadAllBytes(folder.File("tree")), "nothing that this version");
        await AssertRefusedAsync(file, KeyValueType.F16, File.ReadAllBytes(file.Path), "nothing that this version");
        await AssertRefusedAsync(file, KeyValueType.F16, [], "damaged");
        File.WriteAllBytes(folder.File("sequence"), sequence);
        using var again = file.Load();
        Assert.Throws<NoosException>(() => again.RestoreKeyValues(folder.File("sequence")));
    }

    [Fact]
    public async Task Sequence_with_adapters_goes_on_with_the_same_ones_only()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        using var folder = new TemporaryFolder();
        RandomAdapterFile.Write(folder.File("one.gguf"), file.Path, rank: 4, alpha: 32);
        RandomAdapterFile.Write(folder.File("two.gguf"), file.Path, rank: 4, alpha: 16);
        var tokens = Tokens(71, 1, file.Config.VocabularySize);
        using var stream = new MemoryStream();
        float[] expected;
        using (var model = file.Load())
        {
            AdapterScale[] adapters = [new(model.LoadAdapter(folder.File("one.gguf")), 0.5f)];
            using var undisturbed = model.CreateContext(adapters: adapters);
            expected = undisturbed.Append(tokens).ToArray();
            using var context = model.CreateContext(adapters: adapters);
            context.Append(tokens.AsSpan(0, 70));
            await context.SuspendAsync(stream, Token);
        }

        using var restarted = file.Load();
        var one = restarted.LoadAdapter(folder.File("one.gguf"));
        var two = restarted.LoadAdapter(folder.File("two.gguf"));
        foreach (AdapterScale[] wrong in (AdapterScale[][])[[], [new(one, 0.25f)], [new(two, 0.5f)], [new(one, 0.5f), new(two, 0.5f)]])
        {
            stream.Position = 0;
            var refusal = await Assert.ThrowsAsync<NoosException>(() => restarted.ResumeContextAsync(stream, wrong, Token));
            Assert.Contains("other adapters", refusal.Message, StringComparison.Ordinal);
        }

        stream.Position = 0;
        using var resumed = await restarted.ResumeContextAsync(stream, [new(one, 0.5f)], Token);
        Assert.True(resumed.Append(tokens.AsSpan(70)).SequenceEqual(expected));
    }

    [Fact]
    public async Task Stream_that_is_cut_or_changed_anywhere_is_refused_and_no_page_is_kept()
    {
        using var file = new RandomModel(RandomModel.OddShape, GgufTensorType.Q8_0);
        using var model = LanguageModel.Load(file.Path, TestOptions.Default with { Threads = 1, PrefixMemory = 0 });
        using var context = model.CreateContext();
        context.Append(Tokens(70, 1, file.Config.VocabularySize));
        using var stream = new MemoryStream();
        await context.SuspendAsync(stream, Token);
        var whole = stream.ToArray();
        var random = new Random(5);
        var accepted = 0;
        for (var round = 0; round < 5_000; round++)
        {
            byte[] bytes = round % 10 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            if (round % 10 != 0)
            {
                // The header more often than its length deserves.
                bytes[random.Next(round % 2 == 0 ? 400 : bytes.Length)] ^= (byte)random.Next(1, 256);
            }

            if (round % 3 == 0 && bytes.Length > SHA256.HashSizeInBytes)
            {
                // With a right checksum, as only somebody with intent would write it.
                SHA256.HashData(bytes.AsSpan(..^SHA256.HashSizeInBytes), bytes.AsSpan(^SHA256.HashSizeInBytes));
            }

            try
            {
                using var resumed = await model.ResumeContextAsync(new MemoryStream(bytes), cancellationToken: Token);
                Assert.Equal(0, round % 3);
                accepted++;
                if (resumed.Length < resumed.Capacity)
                {
                    resumed.Append([1]);
                }
            }
            catch (NoosException refusal)
            {
                Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
            }

            Assert.Equal(0, model.KeyValueMemory.Pages);
        }

        Assert.InRange(accepted, 1, 5_000);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(1 << 20)]
    public async Task Number_that_cannot_be_takes_no_memory(int number)
    {
        using var file = new RandomModel(RandomModel.OddShape, GgufTensorType.Q8_0);
        using var model = LanguageModel.Load(file.Path, TestOptions.Default with { Threads = 1, PrefixMemory = 0 });
        using var context = model.CreateContext();
        context.Append(Tokens(70, 1, file.Config.VocabularySize));
        using var stream = new MemoryStream();
        await context.SuspendAsync(stream, Token);

        // The header's last two numbers: pages and capacity.
        foreach (var place in (int[])[92, 96])
        {
            var bytes = stream.ToArray();
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(place), number);
            var refusal = await Assert.ThrowsAsync<NoosException>(
                () => model.ResumeContextAsync(new MemoryStream(bytes), cancellationToken: Token));
            Assert.Contains("damaged", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(0, model.KeyValueMemory.Pages);
        }
    }

    static async Task AssertRefusedAsync(RandomModel file, KeyValueType type, byte[] bytes, string sentence)
    {
        using var model = file.Load(keyValues: type);
        var refusal = await Assert.ThrowsAsync<NoosException>(
            () => model.ResumeContextAsync(new MemoryStream(bytes), cancellationToken: Token));
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, model.KeyValueMemory.Pages);
    }

    static int[] Tokens(int count, int seed, int vocabularySize)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabularySize))];
    }
}
