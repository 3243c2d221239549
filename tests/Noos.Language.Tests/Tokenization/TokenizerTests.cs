using System.Text;
using CsCheck;
using Noos.Core;
using Noos.Language.Tokenization;
using Noos.Language.Tokenization.Splitting;
using Noos.Testing;

namespace Noos.Language.Tests.Tokenization;

public sealed class TokenizerTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Vocabulary_holds_reserved_tokens_then_bytes_then_merges()
    {
        var tokenizer = SampleTokenizer.Instance;
        Assert.Equal(360, tokenizer.VocabularySize);
        Assert.Equal(0, tokenizer.EndOfText);
        Assert.Equal(2, tokenizer.EndOfTurn);
        Assert.Equal("<tool_call>"u8.ToArray(), tokenizer.BytesOf(3).ToArray());
        Assert.True(tokenizer.IsSpecial(31));
        Assert.False(tokenizer.IsSpecial(32));
        Assert.Equal([(byte)'A'], tokenizer.BytesOf(32 + 'A').ToArray());
        Assert.True(tokenizer.BytesOf(288).Length == 2);
        Assert.True(tokenizer.TryGetSpecial("</tool_call>", out var token));
        Assert.Equal(4, token);
    }

    [Fact]
    public void First_merge_is_the_most_frequent_pair_and_ties_go_to_the_lowest_ids()
    {
        // ab occurs 4 times; then (ab)(ab) and cd twice each, and cd has the lower ids.
        var tokenizer = BpeTrainer.Train([new ReadOnlyMemory<byte>("abab cdcd abab"u8.ToArray())], 290);
        Assert.Equal("ab", Encoding.UTF8.GetString(tokenizer.BytesOf(288)));
        Assert.Equal("cd", Encoding.UTF8.GetString(tokenizer.BytesOf(289)));
    }

    [Fact]
    public void Training_is_the_same_whatever_the_order_of_documents()
    {
        var documents = SampleTokenizer.Text.Split('\n').Select(line => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(line))).ToArray();
        var forwards = BpeTrainer.Train(documents, 350);
        var backwards = BpeTrainer.Train(documents.Reverse(), 350);
        Assert.Equal(forwards.Fingerprint, backwards.Fingerprint);
        Assert.NotEqual(forwards.Fingerprint, BpeTrainer.Train(documents, 349).Fingerprint);
    }

    [Fact]
    public void Training_equals_a_naive_recount_after_every_merge()
    {
        var tokenizer = SampleTokenizer.Instance;
        var words = Pieces(SampleTokenizer.Text).Select(piece => piece.Select(value => 32 + value).ToList()).ToList();
        for (var joined = 288; joined < 360; joined++)
        {
            var counts = new Dictionary<(int, int), int>();
            foreach (var word in words)
            {
                for (var index = 0; index + 1 < word.Count; index++)
                {
                    counts[(word[index], word[index + 1])] = counts.GetValueOrDefault((word[index], word[index + 1])) + 1;
                }
            }

            var expected = counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).First().Key;
            Assert.Equal(expected, tokenizer.MergeAt(joined - 288));
            foreach (var word in words)
            {
                for (var index = 0; index + 1 < word.Count; index++)
                {
                    if ((word[index], word[index + 1]) == expected)
                    {
                        word[index] = joined;
                        word.RemoveAt(index + 1);
                    }
                }
            }
        }

        Assert.Equal(words.SelectMany(word => word), tokenizer.Encode(SampleTokenizer.Text));
    }

    [Fact]
    public void Too_little_text_says_what_to_ask_for()
    {
        var exception = Assert.Throws<NoosException>(() => BpeTrainer.Train(["abab"u8.ToArray()], 4096));
        Assert.Contains("at most", exception.Message, StringComparison.Ordinal);
        Assert.Throws<NoosException>(() => BpeTrainer.Train([], 100));
    }

    [Fact]
    public void Any_bytes_decode_to_themselves() =>
        Gen.Byte.Array[0, 300].Sample(bytes =>
        {
            var tokens = new List<int>();
            SampleTokenizer.Instance.Encode(bytes, tokens);
            Assert.Equal(bytes, SampleTokenizer.Instance.Decode([.. tokens]));
        });

    [Fact]
    public void Any_text_decodes_to_itself() =>
        Gen.String.Where(text => text == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)))
            .Sample(text => Assert.Equal(text, SampleTokenizer.Instance.DecodeText(SampleTokenizer.Instance.Encode(text))));

    [Fact]
    public void Long_piece_gets_the_tokens_of_the_short_method()
    {
        // One piece of letters; above a length the encoder changes from a scan to a heap, whose result the naive merges decide.
        var random = new Random(1);
        for (var round = 0; round < 50; round++)
        {
            var text = string.Concat(Enumerable.Range(0, 300).Select(_ => "theliwods"[random.Next(9)]));
            Assert.Equal(NaiveMerges(text), SampleTokenizer.Instance.Encode(text));
        }
    }

    [Fact]
    public void Megabyte_without_a_space_is_encoded_exactly()
    {
        var text = new string('e', 1 << 20);
        Assert.Equal(text, SampleTokenizer.Instance.DecodeText(SampleTokenizer.Instance.Encode(text)));
    }

    [Fact]
    public void Encoding_again_from_the_cache_gives_the_same_tokens()
    {
        var tokenizer = SampleTokenizer.Train(360);
        var first = tokenizer.Encode(SampleTokenizer.Text);
        Assert.Equal(first, tokenizer.Encode(SampleTokenizer.Text));
        Assert.Equal(first, Enumerable.Range(0, 8).AsParallel().Select(_ => tokenizer.Encode(SampleTokenizer.Text)).Last());
    }

    [Fact]
    public void Special_names_are_text_unless_asked_for()
    {
        var tokenizer = SampleTokenizer.Instance;
        const string text = "a<|im_end|>b<tool_call><x";
        Assert.DoesNotContain(tokenizer.Encode(text), tokenizer.IsSpecial);
        var parsed = tokenizer.Encode(text, parseSpecial: true);
        Assert.Equal(2, parsed.Count(tokenizer.IsSpecial));
        Assert.Equal(2, parsed[1]);
        Assert.Equal(text, tokenizer.DecodeText(parsed));
        Assert.Equal(text, tokenizer.DecodeText(tokenizer.Encode(text)));
    }

    [Fact]
    public void Saved_tokenizer_loads_with_equal_ids()
    {
        var path = _folder.File("tokenizer.json");
        SampleTokenizer.Instance.Save(path);
        var loaded = Tokenizer.Load(path);
        Assert.Equal(SampleTokenizer.Instance.Fingerprint, loaded.Fingerprint);
        Assert.Equal(SampleTokenizer.Instance.Encode(SampleTokenizer.Text), loaded.Encode(SampleTokenizer.Text));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Missing_file_names_the_path()
    {
        var exception = Assert.Throws<NoosException>(() => Tokenizer.Load(_folder.File("absent.json")));
        Assert.Equal(ErrorKind.NotFound, exception.Kind);
        Assert.Contains("absent.json", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_are_refused_with_a_message_and_nothing_else()
    {
        var path = _folder.File("tokenizer.json");
        SampleTokenizer.Train(300).Save(path);
        var original = File.ReadAllBytes(path);
        var random = new Random(5);
        var refused = 0;
        for (var round = 0; round < 10_000; round++)
        {
            var bytes = Mutate(original, random);
            try
            {
                var tokenizer = Tokenizer.Parse(bytes, "The tokenizer file 'x'");
                Assert.Equal("Hello", tokenizer.DecodeText(tokenizer.Encode("Hello")));
            }
            catch (NoosException exception)
            {
                Assert.NotEmpty(exception.Message);
                refused++;
            }
        }

        Assert.InRange(refused, 2_000, 10_000);
    }

    [Fact]
    public void Streaming_text_never_ends_inside_a_character()
    {
        const string text = "größer “日本語” 👩‍🚀 end";
        var tokenizer = SampleTokenizer.Instance;
        var decoder = new StreamingTextDecoder(tokenizer);
        var parts = tokenizer.Encode(text).Select(decoder.Push).ToList();
        Assert.DoesNotContain(parts, part =>
            part.Contains('\uFFFD', StringComparison.Ordinal) || (part.Length > 0 && char.IsHighSurrogate(part[^1])));
        Assert.Equal(text, string.Concat(parts));
        Assert.Equal("", decoder.Flush());
        Assert.Equal("", decoder.Push(32 + 0xF0));
        Assert.Equal("\uFFFD", decoder.Flush());
        Assert.Equal("A", decoder.Push(32 + 'A'));
    }

    static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveRange(at, Math.Min(random.Next(1, 200), bytes.Count - at)); break;
                case 2: bytes.Insert(at, (byte)"\"{}[],:0123456789"[random.Next(17)]); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 100), bytes.Count - at))); break;
                default: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            }
        }

        return [.. bytes];
    }

    static List<int> NaiveMerges(string text)
    {
        var tokenizer = SampleTokenizer.Instance;
        var tokens = text.Select(character => 32 + character).ToList();
        for (var rank = 0; rank < tokenizer.MergeCount; rank++)
        {
            for (var index = 0; index + 1 < tokens.Count; index++)
            {
                if ((tokens[index], tokens[index + 1]) == tokenizer.MergeAt(rank))
                {
                    tokens[index] = 288 + rank;
                    tokens.RemoveAt(index + 1);
                }
            }
        }

        return tokens;
    }

    static IEnumerable<byte[]> Pieces(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var position = 0; position < bytes.Length;)
        {
            var end = Qwen2PreTokenizer.End(bytes, position);
            yield return bytes[position..end];
            position = end;
        }
    }
}
