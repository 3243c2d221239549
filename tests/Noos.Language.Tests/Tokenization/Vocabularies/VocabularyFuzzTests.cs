using System.Text;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Tokenization;
using Noos.Testing;

namespace Noos.Language.Tests.Tokenization.Vocabularies;

public sealed class VocabularyFuzzTests : IDisposable
{
    const int Mutations = 2_500;
    const string Text = "Hello  wörld, it's <s>12345</s>\n\n    end 日本語 <|endoftext|>";

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Damaged_byte_level_vocabularies_are_refused_or_usable() =>
        Fuzz(VocabularyFile.ByteLevel("llama-bpe", "l l", "h e", "Ġ e", "Ġe n", "1 2")
            .Token("    ", VocabularyFile.UserDefined)
            .With("tokenizer.ggml.bos_token_id", 1u));

    [Fact]
    public void Damaged_scored_vocabularies_are_refused_or_usable() =>
        Fuzz(VocabularyFile.SentencePiece("▁H", "el", "ll", "▁e", "nd", "▁▁", "wö", "▁", "H", "e", "l", "o", "本")
            .Token("    ", VocabularyFile.UserDefined)
            .With("tokenizer.ggml.bos_token_id", 1u));

    void Fuzz(VocabularyFile vocabulary)
    {
        var path = _folder.File("vocabulary.gguf");
        vocabulary.WriteTo(path);
        var whole = File.ReadAllBytes(path);
        var random = new Random(11);
        var readable = 0;
        for (var round = 0; round < Mutations; round++)
        {
            File.WriteAllBytes(path, Damage(whole, random));
            try
            {
                using var file = GgufFile.Open(path);
                var tokenizer = Tokenizer.FromGguf(file);
                // The caches of an encoder take longer to make than all else.
                if (readable++ % 8 == 0)
                {
                    Use(tokenizer);
                }
            }
            catch (NoosException exception)
            {
                Assert.NotEmpty(exception.Message);
            }
        }

        // Otherwise only one half of the claim was tested.
        Assert.InRange(readable, Mutations / 100, Mutations * 99 / 100);
    }

    static void Use(Tokenizer tokenizer)
    {
        foreach (var parseSpecial in (bool[])[false, true])
        {
            var tokens = tokenizer.EncodeDocument(Text, parseSpecial);
            Assert.All(tokens, token => Assert.InRange(token, 0, tokenizer.VocabularySize - 1));
            tokenizer.DecodeText(tokens);
        }

        var continued = new List<int>();
        tokenizer.Encode(Encoding.UTF8.GetBytes(Text + "\xFF"), continued);
        Assert.All(continued, token => Assert.NotNull(tokenizer.NameOf(token)));
        Assert.NotEmpty(tokenizer.EndTokens);
    }

    static byte[] Damage(byte[] whole, Random random)
    {
        byte[] bytes = [.. whole];
        for (var change = random.Next(1, 6); change > 0; change--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes[at] = (byte)random.Next(8); break;
                default:
                    var length = Math.Min(random.Next(1, 30), bytes.Length - at);
                    var from = random.Next(bytes.Length - length);
                    bytes.AsSpan(from, length).ToArray().CopyTo(bytes, at);
                    break;
            }
        }

        return bytes;
    }
}
