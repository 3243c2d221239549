using System.Text;
using Noos.Core.Storage;

namespace Noos.Corpus.Archive;

/// <summary>Makes the index of WARC files, sorted as all readers of CDXJ expect it: by bytes.</summary>
public static class CdxjIndexer
{
    /// <summary>The captures of a file, sorted.</summary>
    /// <param name="path">A WARC file.</param>
    /// <param name="damage">Told of what was damaged; null where nobody wants to know.</param>
    public static IReadOnlyList<CdxjEntry> Index(string path, Action<string>? damage = null)
    {
        using var reader = WarcReader.Open(path);
        var name = Path.GetFileName(path);
        var entries = reader.Read().Select(record => CdxjEntry.From(record, name)).OfType<CdxjEntry>()
            .Select(entry => (Entry: entry, Line: entry.ToString())).ToList();
        entries.Sort(static (one, other) => string.CompareOrdinal(one.Line, other.Line));
        foreach (var fault in reader.Faults)
        {
            damage?.Invoke(fault);
        }

        return [.. entries.Select(pair => pair.Entry)];
    }

    /// <summary>Writes the index of a file; it is there wholly or not at all.</summary>
    public static void Write(string path, IEnumerable<CdxjEntry> entries) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        foreach (var entry in entries)
        {
            writer.WriteLine(entry.ToString());
        }
    });
}
