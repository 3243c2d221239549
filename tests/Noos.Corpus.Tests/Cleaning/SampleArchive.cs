using System.Globalization;
using System.Text;
using Noos.Corpus.Archive;

namespace Noos.Corpus.Tests.Cleaning;

/// <summary>Writes archives of pages that are made up.</summary>
static class SampleArchive
{
    static readonly string[] s_words =
    [
        "river", "stone", "winter", "garden", "machine", "letter", "mountain", "bridge", "copper", "morning", "engine", "village",
        "forest", "market", "harbour", "window", "paper", "silver", "castle", "teacher", "railway", "orchard", "lantern", "chapel",
        "weather", "science", "history", "music", "painter", "doctor", "captain", "farmer", "island", "desert", "valley", "meadow",
        "the", "of", "and", "to", "that", "with", "have", "be", "in", "is", "was", "for", "on", "from", "by", "as", "it", "this",
    ];

    /// <summary>Sentences without sense, the same for the same number.</summary>
    public static string Prose(int seed, int sentences = 30)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        for (var i = 0; i < sentences; i++)
        {
            var words = Enumerable.Range(0, random.Next(8, 18)).Select(_ => s_words[random.Next(s_words.Length)]).ToArray();
            words[0] = char.ToUpperInvariant(words[0][0]) + words[0][1..];
            text.Append(string.Join(' ', words)).Append(i % 5 == 4 ? ".\n" : ". ");
        }

        return text.ToString().Trim();
    }

    /// <summary>A page with a frame around its content.</summary>
    public static string Page(string title, string text, string head = "") =>
        $"<!doctype html><html lang=en><head><title>{title}</title>{head}</head><body><nav><a href=/>Home</a> <a href=/a>About</a></nav>"
        + $"<main><article><h1>{title}</h1>{string.Concat(text.Split('\n').Select(line => $"<p>{line}</p>"))}</article></main>"
        + "<footer>Imprint</footer></body></html>";

    /// <summary>Appends answers to a file, each a gzip member.</summary>
    public static void Write(string path, params IEnumerable<SampleCapture> captures)
    {
        using var file = new FileStream(path, FileMode.Append);
        file.Write(WarcRecordBuilder.WarcInfo(Path.GetFileName(path), DateTimeOffset.UnixEpoch, new HeaderList()));
        foreach (var sample in captures)
        {
            var body = Encoding.UTF8.GetBytes(sample.Body);
            var headers = new HeaderList { { "Content-Type", sample.Type } };
            foreach (var line in (sample.Headers ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                headers.Add(line.Split(':')[0], line.Split(':', 2)[1].Trim());
            }

            headers.Add("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture));
            var capture = new Capture(
                sample.Address, sample.Time ?? new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero),
                new HttpMessage("GET / HTTP/1.1", new HeaderList(), default),
                new HttpMessage(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {sample.Status} x"), headers, body));
            var id = $"<urn:uuid:{new Guid(System.IO.Hashing.XxHash128.Hash(Encoding.UTF8.GetBytes(sample.Address + sample.Body)))}>";
            file.Write(WarcRecordBuilder.Response(id, capture, WarcDigest.Compute(body)));
            file.Write(WarcRecordBuilder.Request(id, capture));
            if (sample.OptOuts is not null)
            {
                file.Write(WarcRecordBuilder.Metadata(id, capture, new HeaderList { { "optOuts", sample.OptOuts } }));
            }
        }
    }
}

/// <summary>An answer of a made-up web.</summary>
sealed record SampleCapture(string Address, string Body, string Type = "text/html; charset=utf-8", int Status = 200)
{
    public DateTimeOffset? Time { get; init; }

    /// <summary>What a crawl says the page does not want.</summary>
    public string? OptOuts { get; init; }

    /// <summary>More headers, a line each.</summary>
    public string? Headers { get; init; }
}
