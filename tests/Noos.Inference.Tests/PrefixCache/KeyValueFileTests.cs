using Noos.Core;
using Noos.Inference.KeyValues;
using Noos.Inference.Tests.Support;
using Noos.Language.Gguf;

namespace Noos.Inference.Tests.PrefixCache;

/// <summary>Keys and values on disk: exact after a restart, and never taken from a file that is not whole or of something else.</summary>
public sealed class KeyValueFileTests : IDisposable
{
    readonly string _path = Path.Combine(Path.GetTempPath(), $"noos-{Guid.NewGuid():N}.kv");

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(KeyValueType.F32)]
    [InlineData(KeyValueType.F16)]
    [InlineData(KeyValueType.Q8)]
    public void Conversation_goes_on_after_a_restart_to_the_bit_without_being_read_again(KeyValueType type)
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        var one = Tokens(90, 1, file.Config.VocabularySize);
        int[] two = [.. one[..40], .. Tokens(40, 2, file.Config.VocabularySize)];
        float[] logitsOfOne;
        float[] logitsOfTwo;
        using (var model = file.Load(keyValues: type))
        {
            using var held = model.CreateContext();
            logitsOfOne = held.Append(one).ToArray();
            using (var given = model.CreateContext())
            {
                logitsOfTwo = given.Append(two).ToArray();
            }

            // Pages of 32 tokens: two of the one, which is still at work on its third; one more of the other, and its last 16 tokens.
            Assert.Equal((3 * 32) + 16, model.SaveKeyValues(_path));
        }

        using var restarted = file.Load(keyValues: type);
        Assert.Equal((3 * 32) + 16, restarted.RestoreKeyValues(_path));
        Assert.Equal((4, 4), (restarted.KeyValueMemory.Pages, restarted.KeyValueMemory.KeptPages));
        foreach (var (tokens, logits, known) in new[] { (one, logitsOfOne, 64), (two, logitsOfTwo, 79) })
        {
            using var context = restarted.CreateContext();
            Assert.True(context.Append(tokens).SequenceEqual(logits));
            Assert.Equal(known, context.AdoptedTokens);
        }

        // Once more: everything is known already, now with the end of the one.
        Assert.Equal((3 * 32) + 16, restarted.RestoreKeyValues(_path));
        Assert.Equal(5, restarted.KeyValueMemory.Pages);
    }

    [Fact]
    public void Restoring_keeps_to_the_limit_and_to_what_was_used_last()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        var old = Tokens(70, 1, file.Config.VocabularySize);
        var late = Tokens(70, 2, file.Config.VocabularySize);
        long pageBytes;
        using (var model = file.Load())
        {
            pageBytes = model.KeyValueMemory.PageBytes;
            foreach (var tokens in new[] { old, late })
            {
                using var context = model.CreateContext();
                context.Append(tokens);
            }

            Assert.Equal(2 * 70, model.SaveKeyValues(_path));
            Assert.Equal(2 * 70, model.SaveKeyValues(_path));
        }

        using var small = LanguageModel.Load(file.Path, TestOptions.Default with { Threads = 1, PrefixMemory = 3 * pageBytes });
        Assert.Equal(70, small.RestoreKeyValues(_path));
        Assert.Equal(3, small.KeyValueMemory.Pages);
        foreach (var (tokens, adopted) in new[] { (late, 69), (old, 0) })
        {
            using var context = small.CreateContext();
            context.Append(tokens);
            Assert.Equal(adopted, context.AdoptedTokens);
        }
    }

    [Fact]
    public void File_is_no_larger_than_it_may_be_and_has_what_was_used_last()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        var old = Tokens(70, 1, file.Config.VocabularySize);
        var late = Tokens(70, 2, file.Config.VocabularySize);
        using (var model = file.Load())
        {
            foreach (var tokens in new[] { old, late })
            {
                using var context = model.CreateContext();
                context.Append(tokens);
            }

            Assert.Equal(70, model.SaveKeyValues(_path, 3 * model.KeyValueMemory.PageBytes));
        }

        using var restarted = file.Load();
        restarted.RestoreKeyValues(_path);
        using var again = restarted.CreateContext();
        Assert.Equal(69, again.Adopt(late));
    }

    [Fact]
    public void Other_model_other_type_and_missing_file_are_refused_with_a_sentence()
    {
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0);
        using var other = new RandomModel(RandomModel.TinyShape, GgufTensorType.Q8_0, seed: 2);
        using var model = file.Load();
        using var context = model.CreateContext();
        context.Append(Tokens(70, 1, file.Config.VocabularySize));
        model.SaveKeyValues(_path);

        AssertRefused(other, KeyValueType.F16, _path, "another model");
        AssertRefused(file, KeyValueType.Q8, _path, "kept as F16");
        AssertRefused(file, KeyValueType.F16, _path + ".missing", "no file");
        AssertRefused(file, KeyValueType.F16, file.Path, "delete it");
    }

    [Fact]
    public void File_that_is_cut_or_changed_anywhere_is_refused_and_nothing_is_taken()
    {
        using var file = new RandomModel(RandomModel.OddShape, GgufTensorType.Q8_0);
        using var model = file.Load();
        using var context = model.CreateContext();
        var tokens = Tokens(70, 1, file.Config.VocabularySize);
        var logits = context.Append(tokens).ToArray();
        model.SaveKeyValues(_path);
        var whole = File.ReadAllBytes(_path);
        using var restarted = file.Load();
        var random = new Random(5);
        for (var round = 0; round < 10_000; round++)
        {
            var bytes = whole;
            if (round % 10 == 0)
            {
                bytes = whole[..random.Next(whole.Length)];
            }
            else
            {
                // The header more often than its length deserves.
                bytes = [.. whole];
                bytes[random.Next(round % 2 == 0 ? 400 : bytes.Length)] ^= (byte)random.Next(1, 256);
            }

            File.WriteAllBytes(_path, bytes);
            Assert.EndsWith(".", Assert.Throws<NoosException>(() => restarted.RestoreKeyValues(_path)).Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, restarted.KeyValueMemory.Pages);
        File.WriteAllBytes(_path, whole);
        Assert.Equal(64, restarted.RestoreKeyValues(_path));
        using var again = restarted.CreateContext();
        Assert.True(again.Append(tokens).SequenceEqual(logits));
    }

    static void AssertRefused(RandomModel file, KeyValueType type, string path, string sentence)
    {
        using var model = file.Load(keyValues: type);
        Assert.Contains(sentence, Assert.Throws<NoosException>(() => model.RestoreKeyValues(path)).Message, StringComparison.Ordinal);
        Assert.Equal(0, model.KeyValueMemory.Pages);
    }

    static int[] Tokens(int count, int seed, int vocabularySize)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabularySize))];
    }
}
