using System.Text;
using CsCheck;
using Noos.Core;
using Noos.Corpus.Documents;
using Noos.Corpus.Rows;
using Noos.Corpus.Shards;
using Noos.Testing;

namespace Noos.Corpus.Tests.Rows;

public sealed class RowSourceTests : IDisposable
{
    const int RowLength = 33;

    readonly TemporaryFolder _folder = new();
    readonly List<ShardFile> _shards = [];

    public void Dispose()
    {
        _shards.ForEach(shard => shard.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public void One_pass_holds_every_token_exactly_once()
    {
        var shard = Shard("a", 300, 1);
        var source = new RowSource([(shard, 1)], RowLength, seed: 7);
        var rows = Rows(source, 0, source.RowsPerEpoch);
        var expected = Counts(shard.Tokens(0, (int)shard.TokenCount).ToArray().Select(token => (int)token));
        var actual = Counts(rows.SelectMany(row => row));
        actual[0] -= (int)source.PaddedTokensPerEpoch;
        Assert.Equal(expected, actual);
        Assert.InRange(source.PaddedTokensPerEpoch, 0, 0.02 * shard.TokenCount);
    }

    [Fact]
    public void Rows_begin_with_a_document_unless_all_they_hold_is_the_middle_of_one()
    {
        var source = new RowSource([(Shard("a", 300, 1), 1)], RowLength, seed: 7);
        Assert.All(Rows(source, 0, source.RowsPerEpoch), row =>
            Assert.True(row[0] == 0 || !row.SkipLast(1).Zip(row.Skip(1)).Any(pair => pair is { First: 0, Second: not 0 })));
    }

    [Fact]
    public void Row_depends_on_its_number_alone()
    {
        var shards = new[] { (Shard("a", 200, 1), 1.0), (Shard("b", 50, 2), 2.5) };
        var first = new RowSource(shards, RowLength, seed: 7);
        var rows = Rows(first, 0, 3 * first.RowsPerEpoch);
        var resumed = new RowSource(shards, RowLength, seed: 7);
        for (var row = rows.Count - 1; row >= 0; row -= 5)
        {
            Assert.Equal(rows[row], Rows(resumed, row, 1)[0]);
        }

        Assert.NotEqual(rows, Rows(new RowSource(shards, RowLength, seed: 8), 0, 3 * first.RowsPerEpoch));
        Assert.NotEqual(rows.Take((int)first.RowsPerEpoch), rows.Skip((int)first.RowsPerEpoch).Take((int)first.RowsPerEpoch));
    }

    [Fact]
    public void Half_a_pass_an_epoch_is_a_whole_pass_in_two()
    {
        var shard = Shard("a", 300, 1);
        var whole = new RowSource([(shard, 1)], RowLength, seed: 7);
        var half = new RowSource([(shard, 0.5)], RowLength, seed: 3);
        Assert.Equal((whole.RowsPerEpoch + 1) / 2, half.RowsPerEpoch, 1.0);
        Assert.Equal(Sorted(Rows(whole, 0, whole.RowsPerEpoch)), Sorted(Rows(half, 0, whole.RowsPerEpoch)));
    }

    [Fact]
    public void Weight_of_two_gives_every_row_twice()
    {
        var shard = Shard("a", 100, 1);
        var once = Sorted(Rows(new RowSource([(shard, 1)], RowLength, 1), 0, new RowSource([(shard, 1)], RowLength, 1).RowsPerEpoch));
        var twice = new RowSource([(shard, 2)], RowLength, 1);
        Assert.Equal(once.SelectMany(row => new[] { row, row }), Sorted(Rows(twice, 0, twice.RowsPerEpoch)));
    }

    [Fact]
    public void Useless_weights_are_refused()
    {
        var shard = Shard("a", 3, 1);
        Assert.Throws<NoosException>(() => new RowSource([(shard, -1)], RowLength, 1));
        Assert.Throws<NoosException>(() => new RowSource([(shard, double.NaN)], RowLength, 1));
        Assert.Throws<NoosException>(() => new RowSource([(shard, 0)], RowLength, 1));
        Assert.Throws<NoosException>(() => new RowSource([], RowLength, 1));
    }

    [Fact]
    public void Packing_keeps_every_item_once_within_the_length() =>
        Gen.Int[1, 64].Array[0, 200].Sample(lengths =>
        {
            var rows = RowPacker.Pack(lengths, 64);
            Assert.Equal(Enumerable.Range(0, lengths.Length), rows.SelectMany(row => row).Order());
            Assert.All(rows, row => Assert.InRange(row.Sum(item => lengths[item]), 1, 64));
            // Best-fit decreasing never leaves two rows that could be one.
            var sums = rows.Select(row => row.Sum(item => lengths[item])).Order().ToArray();
            Assert.True(sums.Length < 2 || sums[0] + sums[1] > 64);
        });

    [Fact]
    public void Permutation_is_one_to_one_and_moves_most_entries() =>
        Gen.Select(Gen.Long[1, 3000], Gen.ULong).Sample((count, seed) =>
        {
            var permutation = new Permutation(count, seed);
            var values = Enumerable.Range(0, (int)count).Select(index => permutation[index]).ToArray();
            Assert.Equal(Enumerable.Range(0, (int)count).Select(index => (long)index), values.Order());
            Assert.True(count < 50 || values.Where((value, index) => value == index).Count() < count / 4);
        });

    [Fact]
    public void Documents_of_a_run_are_written_with_the_first_row_that_has_some_of_them()
    {
        var shards = new[] { (Shard("a", 60, 1), 1.0), (Shard("b", 40, 2), 0.5) };
        var source = new RowSource(shards, RowLength, seed: 7);
        var path = _folder.File(SeenDocuments.FileName);
        var count = source.RowsPerEpoch / 2;
        SeenDocuments.WriteIfNew(path, source, count + 1000, row => row + 1000, "data");
        var written = File.GetLastWriteTimeUtc(path);
        SeenDocuments.WriteIfNew(path, source, count + 1000, row => row + 1000, "data");
        var seen = SeenDocuments.Read(_folder.Path).ToDictionary(document => document.Address, StringComparer.Ordinal);

        Assert.Equal(written, File.GetLastWriteTimeUtc(path));
        Assert.InRange(seen.Count, 20, 90);
        foreach (var (shard, _) in shards)
        {
            for (long number = 0; number < shard.DocumentCount; number++)
            {
                // Its first words are its name, which no other document has.
                var document = shard.GetDocument(number);
                var length = Math.Min(document.TokenCount, 5);
                var name = shard.Tokens(document.FirstToken, length).ToArray().Select(token => (int)token).ToArray();
                var first = Enumerable.Range(0, (int)count).FirstOrDefault(
                    row => Rows(source, row, 1)[0].AsSpan().IndexOf(name) >= 0, -1);
                if (first >= 0 && name.Length == 5)
                {
                    Assert.InRange(seen[document.Record!.Address].FirstRow, 1000, 1000 + first);
                }
            }
        }
    }

    ShardFile Shard(string name, int documents, int seed)
    {
        var random = new Random(seed);
        using (var writer = new ShardWriter(_folder.File(name), SampleTokenizer.Instance))
        {
            for (var document = 0; document < documents; document++)
            {
                var words = Enumerable.Range(0, random.Next(1, 60))
                    .Select(_ => (string[])["the", "cat", "mat", "xyz", "ran"])
                    .Select(list => list[random.Next(5)]);
                var text = $"{name}{document} {string.Join(' ', words)}";
                writer.Add(
                    Encoding.UTF8.GetBytes(text),
                    DocumentRecord.From(new Document(new DocumentOrigin("made", $"{name}{document}"), text)));
            }

            writer.Complete();
        }

        var shard = ShardFile.Open(_folder.File(name));
        _shards.Add(shard);
        return shard;
    }

    static List<int[]> Rows(RowSource source, long first, long count)
    {
        var rows = new List<int[]>();
        for (var row = first; row < first + count; row++)
        {
            var tokens = new int[source.RowLength];
            source.Read(row, tokens);
            rows.Add(tokens);
        }

        return rows;
    }

    static int[] Counts(IEnumerable<int> tokens)
    {
        var counts = new int[300];
        foreach (var token in tokens)
        {
            counts[token]++;
        }

        return counts;
    }

    static List<string> Sorted(List<int[]> rows) => [.. rows.Select(row => string.Join(' ', row)).Order(StringComparer.Ordinal)];
}
