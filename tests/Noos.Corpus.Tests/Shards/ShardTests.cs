using System.Text;
using Noos.Core;
using Noos.Corpus.Documents;
using Noos.Corpus.Documents.Readers;
using Noos.Corpus.Shards;
using Noos.Language.Tokenization;
using Noos.Testing;

namespace Noos.Corpus.Tests.Shards;

public sealed class ShardTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Written_documents_are_read_back_with_their_separators()
    {
        var path = _folder.File("a.shard");
        string[] texts = ["the cat", "", "größer", new string('x', 50_000)];
        Write(path, texts);
        using var shard = ShardFile.Open(path);
        shard.RequireVocabulary(SampleTokenizer.Instance);
        Assert.Equal(texts.Length, shard.DocumentCount);
        Assert.Equal(texts.Sum(Encoding.UTF8.GetByteCount), shard.Utf8Bytes);
        for (var index = 0; index < texts.Length; index++)
        {
            var tokens = Tokens(shard, index);
            Assert.Equal(SampleTokenizer.Instance.EndOfText, tokens[0]);
            Assert.Equal(texts[index], SampleTokenizer.Instance.DecodeText(tokens.AsSpan(1)));
        }
    }

    [Fact]
    public void Abandoned_writing_leaves_nothing()
    {
        var path = _folder.File("a.shard");
        using (var writer = new ShardWriter(path, SampleTokenizer.Instance))
        {
            writer.Add("the cat"u8);
        }

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Empty_shard_can_be_opened()
    {
        var path = _folder.File("a.shard");
        Write(path, []);
        using var shard = ShardFile.Open(path);
        Assert.Equal(0, shard.TokenCount);
    }

    [Fact]
    public void Another_vocabulary_is_refused()
    {
        var path = _folder.File("a.shard");
        Write(path, ["the cat"]);
        using var shard = ShardFile.Open(path);
        var other = BpeTrainer.Train(["other other"u8.ToArray()], 289);
        Assert.Contains(
            "another tokenizer", Assert.Throws<NoosException>(() => shard.RequireVocabulary(other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_changed_byte_is_noticed()
    {
        var path = _folder.File("a.shard");
        Write(path, ["the cat sat", "the dog"]);
        var original = File.ReadAllBytes(path);
        for (var index = 0; index < original.Length; index++)
        {
            var bytes = original.ToArray();
            bytes[index] ^= 0x10;
            File.WriteAllBytes(path, bytes);
            Assert.Throws<NoosException>(() => ShardFile.Open(path));
        }
    }

    [Fact]
    public void Damaged_shards_are_refused_with_a_message_and_nothing_else()
    {
        var path = _folder.File("a.shard");
        Write(path, ["the cat sat", "the dog", "the mat and the cat"]);
        var original = File.ReadAllBytes(path);
        var random = new Random(3);
        for (var round = 0; round < 10_000; round++)
        {
            var bytes = original.ToList();
            for (var change = random.Next(1, 4); change > 0 && bytes.Count > 0; change--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0: bytes[at] = (byte)(bytes[at] + 1 + random.Next(255)); break;
                    case 1: bytes.RemoveRange(at, Math.Min(random.Next(1, 64), bytes.Count - at)); break;
                    case 2: bytes.Insert(at, (byte)random.Next(256)); break;
                    default: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                }
            }

            if (bytes.SequenceEqual(original))
            {
                continue;
            }

            Assert.NotEmpty(Assert.Throws<NoosException>(() => Validate([.. bytes])).Message);
            // The same through a file: slower, and only the mapping is new.
            if (round % 50 == 0)
            {
                File.WriteAllBytes(path, [.. bytes]);
                Assert.NotEmpty(Assert.Throws<NoosException>(() => ShardFile.Open(path)).Message);
            }
        }
    }

    [Fact]
    public void Well_signed_nonsense_is_refused()
    {
        // Correct checksums around impossible counts and offsets: only the checks of meaning can refuse these.
        foreach (var (tokens, documents, offsets) in ((long, long, long[])[])[
            (long.MaxValue, 1, [0, 4]), (4, long.MaxValue, [0, 4]), (-1, 1, [0, 4]), (4, 1, [0, 5]), (4, 1, [1, 4]), (4, 2, [0, 4, 4]),
            (4, 2, [0, -7, 4])])
        {
            var path = _folder.File("a.shard");
            var body = new byte[8 + (8 * offsets.Length)];
            Buffer.BlockCopy(offsets, 0, body, 8, 8 * offsets.Length);
            var header = new byte[64];
            new ShardHeader(1, 300, tokens, documents, 10).Write(header, System.IO.Hashing.XxHash3.HashToUInt64(body));
            File.WriteAllBytes(path, [.. header, .. body]);
            Assert.Throws<NoosException>(() => ShardFile.Open(path));
        }
    }

    [Fact]
    public async Task Source_becomes_two_disjoint_shards_without_duplicates()
    {
        var texts = Enumerable.Range(0, 3000).Select(index => $"the cat {index}").ToList();
        await File.WriteAllLinesAsync(_folder.File("s.jsonl"),
            [.. texts.Concat(texts.Take(10)).Select(text => $"{{\"text\": \"{text}\"}}")], TestContext.Current.CancellationToken);
        var source = DocumentSource.FromFile(_folder.File("s.jsonl"), new ProseReader("jsonl", null), new DocumentOrigin("s", "s.jsonl"));
        var result = await new ShardBuilder(SampleTokenizer.Instance, _folder.File("shards"))
            .BuildAsync(source, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(10, result.Duplicates);
        var train = Texts(ShardBuilder.TrainPath(_folder.File("shards"), "s"));
        var heldOut = Texts(ShardBuilder.HeldOutPath(_folder.File("shards"), "s"));
        Assert.Equal(texts.Order(), train.Concat(heldOut).Order());
        Assert.InRange(heldOut.Count, 8, 40);
        Assert.Equal(result.HeldOut.Documents, heldOut.Count);

        // More documents do not move the ones that were held out before.
        await File.AppendAllLinesAsync(_folder.File("s.jsonl"), Enumerable.Range(0, 3000)
            .Select(index => $"{{\"text\": \"the dog {index}\"}}"), TestContext.Current.CancellationToken);
        await new ShardBuilder(SampleTokenizer.Instance, _folder.File("shards"))
            .BuildAsync(source, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Superset(heldOut.ToHashSet(), Texts(ShardBuilder.HeldOutPath(_folder.File("shards"), "s")).ToHashSet());
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(30, 3)]
    [InlineData(200, 8)]
    public void Small_source_holds_out_some_documents_but_never_most(int documents, int least)
    {
        var hashes = Enumerable.Range(0, documents).Select(index => HeldOutSplit.Hash(BitConverter.GetBytes(index))).ToList();
        Assert.InRange(hashes.Count(new HeldOutSplit(hashes).IsHeldOut), least, least + 2);
    }

    static unsafe void Validate(byte[] bytes)
    {
        fixed (byte* data = bytes)
        {
            ShardFile.Validate(data, bytes.Length, "x", out _);
        }
    }

    static void Write(string path, string[] texts)
    {
        using var writer = new ShardWriter(path, SampleTokenizer.Instance);
        foreach (var text in texts)
        {
            writer.Add(Encoding.UTF8.GetBytes(text));
        }

        writer.Complete();
    }

    static int[] Tokens(ShardFile shard, long ordinal)
    {
        var document = shard.GetDocument(ordinal);
        return [.. shard.Tokens(document.FirstToken, document.TokenCount).ToArray().Select(token => (int)token)];
    }

    static List<string> Texts(string path)
    {
        using var shard = ShardFile.Open(path);
        var texts = new List<string>();
        for (long document = 0; document < shard.DocumentCount; document++)
        {
            texts.Add(SampleTokenizer.Instance.DecodeText(Tokens(shard, document).AsSpan(1)));
        }

        return texts;
    }
}
