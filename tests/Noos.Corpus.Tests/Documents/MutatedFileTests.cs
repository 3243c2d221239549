using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Noos.Core;
using Noos.Corpus.Documents;
using Noos.Testing;

namespace Noos.Corpus.Tests.Documents;

/// <summary>
/// Damaged files of every format, 3,000 in all, the same in every run: each is read to its end or refused in a sentence, in little time and
/// memory.
/// </summary>
public sealed class MutatedFileTests
{
    const int MutantsOfFormat = 250;

    static readonly DocumentReaderRegistry s_readers = DocumentReaderRegistry.CreateForFiles();

    static readonly string[] s_fragments =
    [
        "\0", "\"", "<", ">", "[", "{", "(", "/", "<<", ">>", " 0 R", "-1", "99999999999", "2147483648", "endobj", "stream", "<w:tbl>",
        "&#0;", "PK\u0003\u0004", "PK\u0001\u0002", "\u00ff\u00ff\u00ff\u00ff", "]]>", "<!--", "\\", "\r", ",", ";",
    ];

    public static TheoryData<string> Files =>
    [
        "a.csv", "a.tsv", "a.md", "a.json", "a.jsonl", "a.html", "a.xlsx", "a.docx", "a.pptx", "a.epub", "a.zip", "a.pdf",
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public Task Damaged_file_is_read_or_refused(string name) =>
        ReadMutantsAsync(name, new Random(name.Sum(letter => letter)), MutantsOfFormat);

    /// <summary>A longer search for what ends the process; run by hand (<c>-explicit only</c>).</summary>
    [Theory(Explicit = true)]
    [MemberData(nameof(Files))]
    public Task Many_damaged_files_are_read_or_refused(string name) =>
        ReadMutantsAsync(name, new Random(1), 40 * MutantsOfFormat);

    static async Task ReadMutantsAsync(string name, Random random, int count)
    {
        var seed = Seed(name);
        var (longest, read, refused) = (TimeSpan.Zero, 0, 0);
        for (var number = 0; number < count; number++)
        {
            var mutant = Mutate(seed, random);
            var memory = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            try
            {
                using var file = DocumentFile.Open(new MemoryStream(mutant), name, s_readers);
                _ = file.ReadOutline();
                await foreach (var document in file.ReadAsync(cancellationToken: TestContext.Current.CancellationToken))
                {
                    Assert.True(document.Text.Length < 1 << 20);
                }

                read++;
            }
            catch (NoosException exception)
            {
                refused++;
                Assert.NotEqual(ErrorKind.Internal, exception.Kind);
                Assert.DoesNotContain('\n', exception.Message);
            }

            // Whatever the machine does meanwhile: a mutant of a few kilobytes is no work.
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - memory < 256 << 20, $"Mutant {number} of {name} takes memory.");
            longest = Stopwatch.GetElapsedTime(started) is var time && time > longest ? time : longest;
        }

        // Both happen, or the changes are too small or too large to say anything. Text is always text.
        Assert.True(read > count / 20, $"{read} of {name} are read.");
        Assert.True(refused > (name is "a.md" or "a.csv" or "a.tsv" or "a.html" ? -1 : 0), $"{refused} of {name} are refused.");
        Assert.True(longest < TimeSpan.FromSeconds(20), $"A mutant of {name} took {longest}.");
    }

    static byte[] Seed(string name) => name switch
    {
        "a.csv" => Encoding.UTF8.GetBytes(SampleFiles.Csv),
        "a.tsv" => Encoding.UTF8.GetBytes(SampleFiles.Csv.Replace(',', '\t')),
        "a.md" => Encoding.UTF8.GetBytes(SampleFiles.Markdown),
        "a.json" => Encoding.UTF8.GetBytes(SampleFiles.Json),
        "a.jsonl" => Encoding.UTF8.GetBytes(SampleFiles.JsonLines),
        "a.html" => Encoding.UTF8.GetBytes(SampleFiles.Html),
        "a.xlsx" => SampleFiles.Spreadsheet(),
        "a.docx" => SampleFiles.Word(),
        "a.pptx" => SampleFiles.Presentation(),
        "a.epub" => SampleFiles.Epub(),
        "a.zip" => SampleFiles.Zip(
            ("a.txt", "hello"u8.ToArray()), ("b.csv", Encoding.UTF8.GetBytes(SampleFiles.Csv)), ("c.docx", SampleFiles.Word()),
            ("d.zip", SampleFiles.Zip(("e.pdf", SampleFiles.Pdf(true, "one"))))),
        _ => SampleFiles.Pdf(false, "The first page\nhas two lines", "Second"),
    };

    /// <summary>
    /// One to eight changes: bytes flipped, removed, repeated, cut off, fragments of the formats put in. An archive is packed anew in
    /// every other case, so that the damage is in what it holds.
    /// </summary>
    static byte[] Mutate(byte[] seed, Random random)
    {
        if (seed.AsSpan().StartsWith("PK"u8) && random.Next(2) == 0)
        {
            return MutateEntry(seed, random);
        }

        var bytes = seed.ToList();
        for (var change = random.Next(1, 9); change > 0 && bytes.Count > 1; change--)
        {
            var at = random.Next(bytes.Count);
            var count = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, count);
                    break;
                case 3:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, count));
                    break;
                case 4:
                    bytes.InsertRange(at, Encoding.Latin1.GetBytes(s_fragments[random.Next(s_fragments.Length)]));
                    break;
                case 5:
                    var many = string.Concat(Enumerable.Repeat(s_fragments[random.Next(s_fragments.Length)], random.Next(1, 2000)));
                    bytes.InsertRange(at, Encoding.Latin1.GetBytes(many));
                    break;
                default:
                    if (random.Next(4) == 0)
                    {
                        bytes.RemoveRange(at, bytes.Count - at);
                    }

                    break;
            }
        }

        return [.. bytes];
    }

    static byte[] MutateEntry(byte[] seed, Random random)
    {
        using var archive = new ZipArchive(new MemoryStream(seed));
        var chosen = random.Next(archive.Entries.Count);
        return SampleFiles.Zip([.. archive.Entries.Select((entry, index) =>
        {
            using var stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return (entry.FullName, index == chosen ? Mutate(content.ToArray(), random) : content.ToArray());
        })]);
    }
}
