using System.Globalization;
using Noos.Core;

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

    static string Name(string folder, int number, string extension) =>
        string.Create(CultureInfo.InvariantCulture, $"{folder}/{number:00000}.{extension}");
}
