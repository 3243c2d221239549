using Noos.Corpus.Cleaning.Duplicates;
using Noos.Corpus.Documents;
using Noos.Testing;

namespace Noos.Corpus.Tests.Cleaning;

/// <summary>Near-duplicates among planted pairs of known similarity.</summary>
public sealed class DuplicateTests : IDisposable
{
    const int Pairs = 400;
    const int Words = 300;

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Planted_pairs_are_found_and_others_are_not()
    {
        var random = new Random(7);
        var texts = new List<string>();
        var planted = new HashSet<(long, long)>();
        for (var pair = 0; pair < Pairs; pair++)
        {
            // Of 296 runs of five words, 33 differ: similarity 263 / 329 = 0.8. Decoys share two thirds of their runs: 0.5.
            var words = Enumerable.Range(0, Words).Select(_ => Word(random)).ToArray();
            planted.Add((texts.Count, texts.Count + 1));
            texts.Add(string.Join(' ', words));
            texts.Add(string.Join(' ', Replace(words, 29, random)));
            var other = Enumerable.Range(0, Words).Select(_ => Word(random)).ToArray();
            texts.Add(string.Join(' ', other));
            texts.Add(string.Join(' ', Replace(other, 95, random)));
        }

        var found = Find(texts, rangeLength: 97, slices: 3);

        Assert.InRange((double)planted.Intersect(found).Count() / Pairs, 0.92, 1);
        Assert.InRange((double)planted.Intersect(found).Count() / found.Count, 0.99, 1);
        // However the work is divided.
        Assert.Equal(found.Order(), Find(texts, rangeLength: 1000, slices: 1).Order());
    }

    [Fact]
    public void Signature_does_not_depend_on_case_and_marks()
    {
        Assert.Equal(MinHash.Compute("The cat, the dog - and the mat!"), MinHash.Compute("the CAT the dog and THE mat"));
        Assert.NotEqual(MinHash.Compute("the cat the dog and the mat"), MinHash.Compute("the cat the dog and the rat"));
        Assert.All(MinHash.Compute(" ... "), value => Assert.Equal(uint.MaxValue, value));
    }

    static string Word(Random random) => $"w{random.Next(5000)}";

    static string[] Replace(string[] words, int count, Random random)
    {
        string[] changed = [.. words];
        var start = random.Next(10, words.Length - count - 10);
        for (var i = start; i < start + count; i++)
        {
            changed[i] = "x" + Word(random);
        }

        return changed;
    }

    HashSet<(long, long)> Find(List<string> texts, int rangeLength, int slices)
    {
        var (bands, sketches, firsts) = (new List<string>(), new List<string>(), new List<long> { 0 });
        foreach (var range in texts.Select((text, number) => (text, number)).Chunk(rangeLength))
        {
            using var writer = new SignatureWriter();
            foreach (var (text, number) in range)
            {
                writer.Add(text, ContentDigest.Compute(text), (UInt128)(number + 1) * 0x9E3779B97F4A7C15, 0);
            }

            bands.Add(_folder.File($"{slices}-{bands.Count}.bands"));
            sketches.Add(_folder.File($"{slices}-{sketches.Count}.sketches"));
            using var bandFile = File.Create(bands[^1]);
            using var sketchFile = File.Create(sketches[^1]);
            writer.WriteBands(bandFile);
            writer.WriteSketches(sketchFile);
            firsts.Add(firsts[^1] + range.Length);
        }

        var matcher = new PageMatcher(bands, sketches, [.. firsts], new MatchOptions());
        var found = new HashSet<(long, long)>();
        for (var slice = 0; slice < slices; slice++)
        {
            found.UnionWith(matcher.Find(slice, slices, TestContext.Current.CancellationToken).Near);
        }

        return found;
    }
}
