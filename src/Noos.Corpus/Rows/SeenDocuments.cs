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
/// checkpoint what it has seen, long after the shards were built anew without some of it. Lines of JSON, compressed; the first names the
/// data, each other a document.
/// </summary>
public static class SeenDocuments
{
    public const string FileName = "documents.jsonl.zst";

    /// <summary>Writes the file, unless there is one of the same data and length.</summary>
    /// <param name="path">Beside the checkpoints.</param>
    /// <param name="rows">What the run reads.</param>
    /// <param name="count">How many rows of it.</param>
    /// <param name="toRunRow">The row of the run that a row of the source is.</param>
    /// <param name="data">Names the rows by content.</param>
    public static void WriteIfNew(string path, RowSource rows, long count, Func<long, long> toRunRow, string data)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(toRunRow);
        var header = JsonSerializer.Serialize(new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["data"] = data,
            ["rows"] = count.ToString(CultureInfo.InvariantCulture),
        });
        if (File.Exists(path) && TryReadHeader(path) == header)
        {
            return;
        }

        // Rows come in a random order, and every document has its first among those of one epoch, or never.
        var first = new Dictionary<(string Shard, long Document), (ShardFile Shard, long Row)>();
        for (long row = 0; row < count && first.Count < rows.DocumentCount; row++)
        {
            foreach (var (shard, document) in rows.DocumentsOf(row))
            {
                first.TryAdd((shard.Path, document), (shard, toRunRow(row)));
            }
        }

        CompressedFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
            writer.WriteLine(header);
            foreach (var ((_, document), (shard, row)) in first.OrderBy(pair => pair.Key.Shard, StringComparer.Ordinal)
                .ThenBy(pair => pair.Key.Document))
            {
                if (shard.GetDocument(document).Record is { } record)
                {
                    writer.WriteLine(JsonSerializer.Serialize(new SeenDocument(record.Id.ToString(), record.Source, record.Address, row)));
                }
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
                throw new NoosException(
                    ErrorKind.Damaged, $"The list of documents '{path}' is damaged; resume the run to write it again.", e);
            }

            yield return document!;
        }
    }

    static string? TryReadHeader(string path)
    {
        using var reader = new StreamReader(CompressedFile.OpenRead(path));
        return reader.ReadLine();
    }
}

/// <summary>A document of a run.</summary>
/// <param name="Id">See <see cref="DocumentId"/>.</param>
/// <param name="Source">Its data set or site.</param>
/// <param name="Address">Where it lies there.</param>
/// <param name="FirstRow">The first row of the run that has some of it; a checkpoint that has consumed more rows has seen it.</param>
public sealed record SeenDocument(string Id, string Source, string Address, long FirstRow);
