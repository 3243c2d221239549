using System.Globalization;
using Noos.Core;
using Noos.Corpus.Archive;

namespace Noos.Corpus.Cleaning;

/// <summary>Where the parts of a cleaned corpus lie.</summary>
/// <param name="Root">The folder.</param>
public sealed record CorpusFolder(string Root)
{
    /// <summary>What is cleaned, and in which ranges.</summary>
    public string Plan => In("plan.json");

    /// <summary>The policies; may be edited, or written by the report: then only verdicts are made again.</summary>
    public string Policies => In("policies.json");

    /// <summary>What is in the corpus, in numbers; the last that is written.</summary>
    public string Summary => In("corpus.json");

    /// <summary>Pages that nobody may use any more: patterns of <see cref="Signals.AddressList"/>.</summary>
    public string OptOuts => In("opt-outs.txt");

    public string AddressList => In("settings/addresses.txt");

    public string WordList => In("settings/words.txt");

    public string Exams => In("settings/exams.txt");

    public string Tokenizer => In("settings/tokenizer.json");

    public static bool Exists(string path) => File.Exists(new CorpusFolder(path).Plan);

    public static string PagesName(int range) => Name("pages", range, "jsonl.zst");

    public static string SketchesName(int range) => Name("signatures", range, "sketches");

    public static string BandsName(int range) => Name("signatures", range, "bands");

    public static string MatchesName(int slice) => Name("matches", slice, "bin");

    public static string VerdictsName(int range) => Name("verdicts", range, "bin");

    public static string TallyName(int range) => Name("tallies", range, "json");

    public const string ClustersName = "clusters.bin";

    public string In(string name) => Path.Combine(Root, name);

    /// <summary>Refuses a folder that is none.</summary>
    /// <exception cref="NoosException">It has no plan (<see cref="ErrorKind.NotFound"/>).</exception>
    public static CorpusFolder Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Exists(path)
            ? new CorpusFolder(Path.GetFullPath(path))
            : throw new NoosException(ErrorKind.NotFound, $"'{path}' is no cleaned corpus; make one with 'noos clean'.");
    }

    /// <summary>The record of an archive that a document was made of, as it was fetched.</summary>
    /// <param name="capture">As in <see cref="Documents.DocumentOrigin.Capture"/>; of an archive of this corpus.</param>
    /// <exception cref="NoosException">
    /// It names none (Invalid), the archive is not there any more or has no such record (NotFound, Damaged), or the page was opted out
    /// (<see cref="ErrorKind.Refused"/>).
    /// </exception>
    public WarcRecord OpenCapture(string capture)
    {
        ArgumentNullException.ThrowIfNull(capture);
        var mark = capture.LastIndexOf('#');
        if (mark < 0 || !long.TryParse(
            capture.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var offset))
        {
            throw new NoosException($"'{capture}' names no record of an archive; it is written as ARCHIVE#OFFSET.");
        }

        var archive = capture[..mark];
        if (offset < 0)
        {
            throw new NoosException(
                ErrorKind.NotFound, $"The archive '{archive}' is packed as a whole; its records cannot be opened one by one.");
        }

        // Whoever names it, only what was cleaned into this corpus is opened.
        if (CleanPlan.TryRead(this)?.Ranges.Any(range => range.Path == archive) != true)
        {
            throw new NoosException(ErrorKind.NotFound, $"'{archive}' is no archive of the corpus '{Root}'.");
        }

        using var reader = WarcReader.Open(Path.GetFullPath(Path.Combine(Root, archive)));
        var record = reader.ReadAt(offset);
        return record.TargetUri is { } address && OptOutList.Read(this).Contains(address)
            ? throw new NoosException(ErrorKind.Refused, $"'{address}' was opted out, so that it is not shown any more.")
            : record;
    }

    static string Name(string folder, int number, string extension) =>
        string.Create(CultureInfo.InvariantCulture, $"{folder}/{number:00000}.{extension}");
}
