using Noos.Inference.Adapters;
using Noos.Inference.KeyValues;
using Noos.Inference.PrefixCache;
using Noos.Inference.Tests.Support;
using Noos.Language.Gguf;

namespace Noos.Inference.Tests.PrefixCache;

/// <summary>Contexts that share what they have read: exact results and exact accounts.</summary>
public sealed class SharedPrefixTests
{
    // Six heads of three blocks, and one more so that their number is odd.
    [Theory]
    [InlineData(KeyValueType.F32, 7 * 2 * 32 * 32 * 4)]
    [InlineData(KeyValueType.F16, 7 * 2 * 32 * 32 * 2)]
    [InlineData(KeyValueType.Q8, 7 * 2 * 32 * (32 + 2))]
    public void Memory_is_accounted_for_to_the_byte(KeyValueType type, long pageBytes)
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        using var model = LanguageModel.Load(
            file.Path, TestOptions.Default with { Threads = 1, KeyValueType = type, PrefixMemory = (10 * pageBytes) + 5 });
        using var context = model.CreateContext();
        context.Append(Tokens(70, 3, file.Config.VocabularySize));

        // The page that is still written counts as full.
        Assert.Equal(
            new KeyValueMemory(type, pageBytes, 3, 0) { MaxBytes = 10 * pageBytes, Tokens = 96 }, model.KeyValueMemory);
        Assert.Equal(3 * pageBytes, model.KeyValueMemory.Bytes);

        context.ReleaseToCache();
        Assert.Equal(0, context.Length);
        Assert.Equal(
            new KeyValueMemory(type, pageBytes, 3, 3) { MaxBytes = 10 * pageBytes, Tokens = 70, KeptTokens = 70 }, model.KeyValueMemory);
    }

    [Fact]
    public async Task Sequences_are_measured_and_one_is_evicted_as_far_back_as_no_other_needs_it()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        using var model = file.Load();
        var one = Tokens(90, 3, file.Config.VocabularySize);
        int[] two = [.. one.AsSpan(0, 40), .. Tokens(30, 4, file.Config.VocabularySize)];
        float[] expected = [];
        foreach (var tokens in (int[][])[two, one])
        {
            using var context = model.CreateContext();
            expected = context.Append(tokens).ToArray();
        }

        (ReadOnlyMemory<int>, IReadOnlyList<AdapterScale>?)[] both = [(one, null), (two, null)];
        Assert.Equal([new SequenceMemory(90, 3, 1), new SequenceMemory(70, 3, 1)], model.MeasureSequences(both));
        var before = model.KeyValueMemory;

        // What a context holds stays.
        using (var held = model.CreateContext())
        {
            held.Adopt(one);
            Assert.Equal(0, model.EvictSequence(one));
        }

        using var stream = new MemoryStream();
        using (var context = model.CreateContext())
        {
            context.Adopt(one);
            await context.SuspendAsync(stream, TestContext.Current.CancellationToken);
        }

        Assert.Equal(2 * before.PageBytes, model.EvictSequence(one));
        Assert.Equal([new SequenceMemory(32, 1, 1), new SequenceMemory(70, 3, 1)], model.MeasureSequences(both));
        Assert.Equal(0, model.EvictSequence(one));

        stream.Position = 0;
        using (var back = await model.ResumeContextAsync(stream, cancellationToken: TestContext.Current.CancellationToken))
        {
            back.ReleaseToCache();
        }

        using var again = model.CreateContext();
        Assert.True(again.Append(one).SequenceEqual(expected));
        Assert.Equal(89, again.AdoptedTokens);
    }

    [Fact]
    public void Allowance_is_a_share_of_the_free_memory_where_none_is_given()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        using var model = file.Load();

        var memory = model.KeyValueMemory;

        Assert.InRange(memory.MaxBytes, memory.PageBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);
        Assert.Throws<ArgumentException>(() => LanguageModel.Load(file.Path, TestOptions.Default with { PrefixMemory = -1 }));
    }

    [Fact]
    public void Context_that_begins_like_another_takes_its_pages_and_gives_the_same_bits()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        var tokens = Tokens(90, 3, file.Config.VocabularySize);
        float[] expected;
        using (var model = file.Load())
        using (var alone = model.CreateContext())
        {
            expected = alone.Append(tokens).ToArray();
            Assert.Equal(0, alone.AdoptedTokens);
        }

        using var shared = file.Load();
        using var first = shared.CreateContext();
        first.Append(tokens.AsSpan(0, 70));
        Assert.Equal(3, shared.KeyValueMemory.Pages);
        using var second = shared.CreateContext();

        var logits = second.Append(tokens);

        Assert.True(logits.SequenceEqual(expected));
        Assert.Equal(64, second.AdoptedTokens);
        // Two pages in common, and one of its own for each.
        Assert.Equal(4, shared.KeyValueMemory.Pages);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(75)]
    [InlineData(95)]
    public void Beginning_of_a_page_is_taken_over_too(int common)
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        var first = Tokens(96, 3, file.Config.VocabularySize);
        int[] second = [.. first[..common], first[common] ^ 1, .. Tokens(95 - common, 4, file.Config.VocabularySize)];
        float[] expected;
        using (var model = file.Load())
        using (var alone = model.CreateContext())
        {
            expected = alone.Append(second).ToArray();
        }

        using var shared = file.Load();
        using var context = shared.CreateContext();
        var before = context.Append(first).ToArray();
        using var other = shared.CreateContext();

        Assert.True(other.Append(second).SequenceEqual(expected));
        Assert.Equal(common, other.AdoptedTokens);
        context.Truncate(95);
        Assert.True(context.Append(first.AsSpan(95)).SequenceEqual(before));
    }

    [Fact]
    public void Shared_page_that_is_written_again_is_copied()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        using var model = file.Load();
        var tokens = Tokens(70, 3, file.Config.VocabularySize);
        var other = Tokens(30, 4, file.Config.VocabularySize);
        using var first = model.CreateContext();
        var expected = first.Append(tokens).ToArray();
        using var second = model.CreateContext();
        second.Append(tokens);

        second.Truncate(40);
        var changed = second.Append(other).ToArray();

        first.Truncate(69);
        Assert.True(first.Append(tokens.AsSpan(69)).SequenceEqual(expected));
        using var third = model.CreateContext();
        third.Append(tokens.AsSpan(0, 1));
        third.Truncate(0);
        Assert.True(third.Append([.. tokens[..40], .. other]).SequenceEqual(changed));
    }

    [Fact]
    public void Pages_that_nobody_holds_are_kept_up_to_the_limit_and_found_again()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        var pageBytes = 0L;
        using (var measured = file.Load())
        {
            pageBytes = measured.KeyValueMemory.PageBytes;
        }

        using var model = LanguageModel.Load(file.Path, TestOptions.Default with { Threads = 1, PrefixMemory = 3 * pageBytes });
        Assert.Equal(3 * pageBytes, model.KeyValueMemory.MaxBytes);
        var one = Tokens(65, 1, file.Config.VocabularySize);
        var two = Tokens(65, 2, file.Config.VocabularySize);
        foreach (var tokens in new[] { one, two })
        {
            using var context = model.CreateContext();
            context.Append(tokens);
        }

        Assert.Equal(3, model.KeyValueMemory.KeptPages);
        Assert.Equal(3, model.KeyValueMemory.Pages);
        using (var context = model.CreateContext())
        {
            context.Append(two);
            Assert.Equal(64, context.AdoptedTokens);
        }

        using (var context = model.CreateContext())
        {
            context.Append(one);
            // The longest unused conversation went as a whole.
            Assert.Equal(0, context.AdoptedTokens);
        }
    }

    [Fact]
    public void Sequence_that_goes_on_reads_nothing_again_not_even_its_last_partial_page()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        var tokens = Tokens(90, 3, file.Config.VocabularySize);
        float[] expected;
        using (var model = file.Load())
        using (var alone = model.CreateContext())
        {
            expected = alone.Append(tokens).ToArray();
        }

        using var shared = file.Load();
        foreach (var length in (int[])[10, 45, 70])
        {
            using var context = shared.CreateContext();
            context.Append(tokens.AsSpan(0, length));
        }

        // One page for each 32 tokens: what a longer text continues takes no page of its own.
        Assert.Equal(3, shared.KeyValueMemory.Pages);
        Assert.Equal(70, shared.KeyValueMemory.Tokens);
        using var last = shared.CreateContext();
        Assert.True(last.Append(tokens).SequenceEqual(expected));
        Assert.Equal(70, last.AdoptedTokens);
        Assert.Equal(3, shared.KeyValueMemory.Pages);
    }

    [Fact]
    public void Least_recently_used_conversations_go_first_and_whole()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        long pageBytes;
        using (var measured = file.Load())
        {
            pageBytes = measured.KeyValueMemory.PageBytes;
        }

        // A common page, and two of their own for each conversation: three of them fit.
        using var model = LanguageModel.Load(file.Path, TestOptions.Default with { Threads = 1, PrefixMemory = 8 * pageBytes });
        var common = Tokens(32, 9, file.Config.VocabularySize);
        var conversations = Enumerable.Range(0, 5).Select(i => (int[])[.. common, .. Tokens(40, i, file.Config.VocabularySize)]).ToArray();
        Read(0);
        Read(1);
        Read(2);
        Read(0);
        Assert.Equal(7, model.KeyValueMemory.Pages);

        Read(3);
        Assert.Equal([71, 32, 71, 71, 32], Known());
        Read(4);
        Assert.Equal([32, 32, 71, 71, 71], Known());
        Assert.Equal((7, 7), (model.KeyValueMemory.Pages, model.KeyValueMemory.KeptPages));

        void Read(int index)
        {
            using var context = model.CreateContext();
            context.Append(conversations[index]);
            Assert.InRange(model.KeyValueMemory.Bytes, 1, model.KeyValueMemory.MaxBytes);
        }

        int[] Known() => Array.ConvertAll(conversations, tokens =>
        {
            using var context = model.CreateContext();
            return context.Adopt(tokens);
        });
    }

    [Fact]
    public void Context_at_work_may_hold_more_than_the_allowance()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        using var model = LanguageModel.Load(file.Path, TestOptions.Default with { Threads = 1, PrefixMemory = 0 });
        using var other = file.Load();
        using var context = model.CreateContext();
        using var expected = other.CreateContext();
        var tokens = Tokens(70, 3, file.Config.VocabularySize);

        Assert.True(context.Append(tokens).SequenceEqual(expected.Append(tokens)));
        Assert.Equal(3, model.KeyValueMemory.Pages);
        context.ReleaseToCache();
        Assert.Equal(0, model.KeyValueMemory.Pages);
    }

    [Fact]
    public unsafe void Conversations_make_room_when_the_machine_has_little_memory_left()
    {
        using var pages = new KeyValuePages(KeyValueType.F16, blocks: 1, heads: 1, headBytes: 64);
        var free = long.MaxValue;
        var tree = new PrefixTree(pages, 1_000, () => free);
        for (var i = 0; i < 16; i++)
        {
            tree.Release(tree.Publish(null, [i], tree.Take()));
        }

        // Two slabs of eight pages are full; nothing more is asked of the machine.
        free = 0;
        var page = tree.Take();
        Assert.Equal((16, 15), (pages.TakenCount, tree.Measure().KeptPages));
        Assert.Equal((0, 1), (tree.FindLongest(null, [0]).Common, tree.FindLongest(null, [1]).Common));

        free = long.MaxValue;
        tree.Take();
        Assert.Equal((17, 14), (pages.TakenCount, tree.Measure().KeptPages));
        pages.Give(page);
    }

    [Fact]
    public unsafe void Child_with_the_longest_prefix_is_found_among_many()
    {
        var random = new Random(7);
        var parent = new PrefixNode(null, [], null);
        var known = new List<int[]>();
        for (var i = 0; i < 2_000; i++)
        {
            var tokens = Draw();
            var (found, common) = parent.FindLongest(tokens);
            var expected = known.Select(other => other.AsSpan().CommonPrefixLength(tokens)).DefaultIfEmpty().Max();
            Assert.Equal(expected, common);
            Assert.Equal(expected, found is null ? 0 : found.Tokens.CommonPrefixLength(tokens));
            if (common < tokens.Length)
            {
                parent.Add(new PrefixNode(parent, tokens, null));
                known.Add(tokens);
            }
            else if (found!.Tokens.Length == tokens.Length && random.Next(2) == 0)
            {
                parent.Remove(found);
                known.RemoveAll(other => other.AsSpan().SequenceEqual(tokens));
            }
        }

        Assert.Equal(known.Count, parent.Children.Count);

        // Few different tokens, so that many begin alike.
        int[] Draw() => [.. Enumerable.Range(0, random.Next(1, 33)).Select(_ => random.Next(3))];
    }

    [Fact]
    public async Task Random_appends_truncations_and_contexts_at_once_never_change_a_bit()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        var common = Tokens(50, 9, file.Config.VocabularySize);
        var conversations = Enumerable.Range(0, 6).Select(i => (int[])[.. common, .. Tokens(40, i, file.Config.VocabularySize)]).ToArray();
        var expected = new float[conversations.Length][];
        using (var model = file.Load())
        {
            for (var i = 0; i < conversations.Length; i++)
            {
                using var context = model.CreateContext();
                expected[i] = context.Append(conversations[i]).ToArray();
            }
        }

        using var together = LanguageModel.Load(
            file.Path, TestOptions.Default with { Threads = 2, PromptChunk = 13, PrefixMemory = 1 << 16 });
        await Task.WhenAll(conversations.Select((tokens, i) => Task.Run(
            () =>
            {
                var random = new Random(i);
                for (var round = 0; round < 5; round++)
                {
                    using var context = together.CreateContext();
                    var logits = new float[file.Config.VocabularySize];
                    while (context.Length < tokens.Length)
                    {
                        if (context.Length > 0 && random.Next(4) == 0)
                        {
                            context.Truncate(random.Next(context.Length));
                        }
                        else if (random.Next(4) == 0)
                        {
                            context.ReleaseToCache();
                        }

                        var count = random.Next(1, tokens.Length - context.Length + 1);
                        context.Append(tokens.AsSpan(context.Length, count)).CopyTo(logits);
                    }

                    Assert.Equal(expected[i], logits);
                }
            },
            TestContext.Current.CancellationToken)));
        var memory = together.KeyValueMemory;
        Assert.Equal((memory.Pages, memory.Tokens), (memory.KeptPages, memory.KeptTokens));
        Assert.InRange(memory.Bytes, 1, memory.MaxBytes);
    }

    static int[] Tokens(int count, int seed, int vocabularySize)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabularySize))];
    }
}
