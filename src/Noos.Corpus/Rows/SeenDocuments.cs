using System.Globalization;
using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Corpus.Documents;
using Noos.Corpus.Reading;
using Noos.Corpus.Shards;

namespace Noos.Corpus.Rows;

/// <summary>
/// Which documents a run reads, and at which of its rows for the first time: a file beside its checkpoints, so that it can be said of every
/// checkpoint what it has seen, long after the shards were built anew without some of it. A run that goes on from the weights of another
/// names that one, whose documents its weights have seen too. Lines of JSON, compressed; the first names the data, each other a document.
/// </summary>
public static class SeenDocuments
{
    public const string FileName = "documents.jsonl.zst";

    const string DataKey = "data";
    const string BaseKey = "base";
    const string BaseRowsKey = "base_rows";

    /// <summary>Writes the file, unless there is one of the same data and length.</summary>
    /// <param name="path">Beside the checkpoints.</param>
    /// <param name="rows">What the run reads.</param>
    /// <param name="count">Rows of the run.</param>
    /// <param name="toRunRow">The row of the run that a row of the source is; grows with it.</param>
    /// <param name="data">Names the rows by content.</param>
    /// <param name="beginning">The run whose weights this one begins with; null for one that begins anew.</param>
    /// <param name="lessons">What it reads among them; null where it reads text alone.</param>
    public static void WriteIfNew(
        string path, RowSource rows, long count, Func<long, long> toRunRow, string data, RunBeginning? beginning = null,
        SeenLessons? lessons = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(toRunRow);
        var names = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [DataKey] = data,
            ["rows"] = count.ToString(CultureInfo.InvariantCulture),
        };
        if (lessons is not null)
        {
            names["lessons"] = lessons.Data;
        }

        if (beginning is not null)
        {
            // Relative, so that a folder of runs can be moved as a whole.
            names[BaseKey] = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFullPath(beginning.Run));
            names[BaseRowsKey] = beginning.Rows.ToString(CultureInfo.InvariantCulture);
        }

        var header = JsonSerializer.Serialize(names);
        if (File.Exists(path) && TryReadHeader(path) == header)
        {
            return;
        }

        // Rows come in a random order, and every document has its first among those of one epoch, or never.
        var first = new Dictionary<(string Shard, long Document), (ShardFile Shard, long Row)>();
        for (long row = 0; toRunRow(row) < count && first.Count < rows.DocumentCount; row++)
        {
            foreach (var (shard, document) in rows.DocumentsOf(row))
            {
                first.TryAdd((shard.Path, document), (shard, toRunRow(row)));
            }
        }

        var found = new Dictionary<string, SeenDocument>(StringComparer.Ordinal);
        foreach (var ((_, document), (shard, row)) in first.OrderBy(pair => pair.Key.Shard, StringComparer.Ordinal)
            .ThenBy(pair => pair.Key.Document))
        {
            if (shard.GetDocument(document).Record is { } record)
            {
                found[record.Id.ToString()] = new SeenDocument(record.Id.ToString(), record.Source, record.Address, row);
            }
        }

        foreach (var document in lessons?.Find(count) ?? [])
        {
            // A document that is text and lessons, too, is one.
            found[document.Id] = found.TryGetValue(document.Id, out var known) && known.FirstRow <= document.FirstRow ? known : document;
        }

        CompressedFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
            writer.WriteLine(header);
            foreach (var document in found.Values)
            {
                writer.WriteLine(JsonSerializer.Serialize(document));
            }
        });
    }

    /// <summary>The documents of a run; nothing where it has no such file.</summary>
    /// <exception cref="NoosException">The file is damaged.</exception>
    public static IEnumerable<SeenDocument> Read(string runFolder)
    {
        var path = Path.Combine(runFolder, FileName);
        if (!File.Exists(path))
        {
            yield break;
        }

        using var reader = new StreamReader(CompressedFile.OpenRead(path));
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            SeenDocument? document;
            try
            {
                document = JsonSerializer.Deserialize<SeenDocument>(line);
            }
            catch (JsonException e)
            {
                throw Damaged(path, e);
            }

            yield return document!;
        }
    }

    /// <summary>What the text of a run is called by content; null where it has no such file.</summary>
    /// <exception cref="NoosException">The file is damaged.</exception>
    public static string? ReadData(string runFolder) => ReadNames(Path.Combine(runFolder, FileName)).GetValueOrDefault(DataKey);

    /// <summary>The run whose weights another began with; null where it began anew, or has no such file.</summary>
    /// <exception cref="NoosException">The file is damaged.</exception>
    public static RunBeginning? ReadBeginning(string runFolder)
    {
        var path = Path.Combine(runFolder, FileName);
        var names = ReadNames(path);
        if (!names.TryGetValue(BaseKey, out var folder))
        {
            return null;
        }

        return long.TryParse(names.GetValueOrDefault(BaseRowsKey, "0"), NumberStyles.None, CultureInfo.InvariantCulture, out var rows)
            ? new RunBeginning(Path.GetFullPath(Path.Combine(Path.GetFullPath(runFolder), folder)), rows)
            : throw Damaged(path, null);
    }

    static Dictionary<string, string> ReadNames(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<Dictionary<string, string>>(TryReadHeader(path) ?? "{}") ?? [] : [];
        }
        catch (JsonException e)
        {
            throw Damaged(path, e);
        }
    }

    static NoosException Damaged(string path, Exception? inner)
    {
        var sentence = $"The list of documents '{path}' is damaged; resume the run to write it again.";
        return inner is null ? new NoosException(ErrorKind.Damaged, sentence) : new NoosException(ErrorKind.Damaged, sentence, inner);
    }

    static string? TryReadHeader(string path)
    {
        using var reader = new StreamReader(CompressedFile.OpenRead(path));
        return reader.ReadLine();
    }
}

/// <summary>The run whose weights another begins with.</summary>
/// <param name="Run">Its folder.</param>
/// <param name="Rows">Rows that those weights have consumed.</param>
public sealed record RunBeginning(string Run, long Rows);

/// <summary>A document of a run.</summary>
/// <param name="Id">See <see cref="DocumentId"/>.</param>
/// <param name="Source">Its data set or site.</param>
/// <param name="Address">Where it lies there.</param>
/// <param name="FirstRow">The first row of the run that has some of it; a checkpoint that has consumed more rows has seen it.</param>
public sealed record SeenDocument(string Id, string Source, string Address, long FirstRow);
