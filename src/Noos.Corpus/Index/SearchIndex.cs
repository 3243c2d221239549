using System.Globalization;
using Microsoft.Data.Sqlite;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Storage;
using Noos.Corpus.Documents;

namespace Noos.Corpus.Index;

/// <summary>
/// Documents that can be searched: one SQLite file (FTS5). A change is there wholly or not at all, after a kill and a power cut too, and
/// those who search do not wait for it. Thread-safe; several programs may read while one writes.
/// </summary>
/// <remarks>
/// BM25 of FTS5 looks at every passage with one of the words, so the time of a search grows with the index: milliseconds for ten thousand
/// passages, a tenth of a second for a million.
/// </remarks>
public sealed class SearchIndex : IDisposable
{
    /// <summary>The file's name in the home folder, of what the user has added.</summary>
    public const string FileName = "index.db";

    readonly SqliteConnection _connection;
    readonly SearchIndexOptions _options;
    readonly SemaphoreSlim _turn = new(1);
    bool? _hasCaptures;

    SearchIndex(string path, SqliteConnection connection, SearchIndexOptions options) =>
        (Path, _connection, _options) = (path, connection, options);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Opens an index for reading and writing, or begins one.</summary>
    /// <exception cref="NoosException">
    /// It cannot be written or is of a newer version (<see cref="ErrorKind.Refused"/>), or damaged (<see cref="ErrorKind.Damaged"/>).
    /// </exception>
    public static SearchIndex Open(string path, SearchIndexOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = System.IO.Path.GetFullPath(path);
        try
        {
            // It has what is in the user's files.
            PrivateFolder.Create(System.IO.Path.GetDirectoryName(path)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(path, e);
        }

        return Open(
            path, SqliteOpenMode.ReadWriteCreate, options,
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000");
    }

    /// <summary>Opens an index that is only read.</summary>
    /// <exception cref="NoosException">
    /// There is none (<see cref="ErrorKind.NotFound"/>), or as of <see cref="Open(string, SearchIndexOptions?)"/>.
    /// </exception>
    public static SearchIndex OpenRead(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = System.IO.Path.GetFullPath(path);
        return File.Exists(path)
            ? Open(path, SqliteOpenMode.ReadOnly, options: null, "PRAGMA busy_timeout = 5000")
            : throw new NoosException(ErrorKind.NotFound, $"There is no index '{path}'; make one with 'noos index add'.");
    }

    /// <summary>
    /// Makes a file of documents that appears whole or not at all, for an index that is only read later. An older one is replaced.
    /// </summary>
    /// <exception cref="NoosException">It cannot be written; what was there is untouched.</exception>
    public static async Task BuildAsync(
        string path, string place, IAsyncEnumerable<Document> documents, Origin origin, SearchIndexOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = System.IO.Path.GetFullPath(path);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            // Nobody sees this file before it is whole, so it needs no journal.
            using (var index = Open(
                temporary, SqliteOpenMode.ReadWriteCreate, options, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"))
            {
                await index.ReplaceAsync(place, documents, origin, cancellationToken);
                index._connection.Execute("INSERT INTO words(words) VALUES ('optimize')");
            }

            using (var written = new FileStream(temporary, FileMode.Open, FileAccess.ReadWrite))
            {
                written.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            AtomicFile.FlushDirectory(System.IO.Path.GetDirectoryName(path)!);
        }
        catch (Exception e)
        {
            TryDelete(temporary);
            throw e switch
            {
                SqliteException error => IndexErrors.From(error, path),
                IOException or UnauthorizedAccessException => AtomicFile.Failure(path, e),
                _ => e,
            };
        }
    }

    /// <summary>
    /// Makes the documents of a place what they are now: new ones are added, changed ones brought up to date, those that are no more are
    /// removed. The same again changes nothing. All of it happens, or nothing.
    /// </summary>
    /// <param name="place">A path, or the address of a page.</param>
    /// <param name="documents">All of the place; each has an address of its own.</param>
    /// <param name="origin">How far they may be trusted.</param>
    /// <param name="cancellationToken">Stops between documents; nothing is changed then.</param>
    /// <exception cref="NoosException">Two documents have one address (Invalid), or the file cannot be written.</exception>
    public async Task<IndexChange> ReplaceAsync(
        string place, IAsyncEnumerable<Document> documents, Origin origin, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(place);
        ArgumentNullException.ThrowIfNull(documents);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            using var transaction = _connection.BeginTransaction(deferred: false);
            using var writer = new DocumentWriter(_connection, _options, place, origin);
            await foreach (var document in documents.WithCancellation(cancellationToken))
            {
                writer.Write(document);
            }

            var change = writer.Finish();
            transaction.Commit();
            return change;
        }
        catch (SqliteException error)
        {
            throw IndexErrors.From(error, Path);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Removes what was added as a place, what lies in that folder, or a document of that address.</summary>
    /// <returns>How many documents were removed.</returns>
    /// <exception cref="NoosException">The file cannot be written.</exception>
    public int Remove(string place)
    {
        ArgumentException.ThrowIfNullOrEmpty(place);
        return Use(connection =>
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            var folder = place.TrimEnd('/', '\\');
            var ids = new List<long>();
            using (var command = connection.Prepare(
                """
                SELECT id FROM documents
                WHERE place = $place OR address = $place
                    OR substr(place, 1, length($folder) + 1) IN ($folder || '/', $folder || '\')
                """,
                ("$place", place), ("$folder", folder)))
            using (var reader = command.ExecuteReader())
            {
                while (reader.Read())
                {
                    ids.Add(reader.GetInt64(0));
                }
            }

            foreach (var id in ids)
            {
                DocumentWriter.Remove(connection, id);
            }

            transaction.Commit();
            return ids.Count;
        });
    }

    /// <summary>Removes documents by their addresses, of whatever place.</summary>
    /// <param name="isGone">Whether an address is to go.</param>
    /// <returns>How many documents were removed.</returns>
    /// <exception cref="NoosException">The file cannot be written.</exception>
    public int RemoveWhere(Func<string, bool> isGone)
    {
        ArgumentNullException.ThrowIfNull(isGone);
        return Use(connection =>
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            var ids = new List<long>();
            using (var command = connection.Prepare("SELECT id, address FROM documents"))
            using (var reader = command.ExecuteReader())
            {
                while (reader.Read())
                {
                    if (isGone(reader.GetString(1)))
                    {
                        ids.Add(reader.GetInt64(0));
                    }
                }
            }

            ids.ForEach(id => DocumentWriter.Remove(connection, id));
            transaction.Commit();
            return ids.Count;
        });
    }

    /// <summary>Where a document of a corpus lies as it was fetched; null where it comes from no archive.</summary>
    /// <param name="address">Of the document.</param>
    /// <returns>The folder of the corpus, and the record in its archives.</returns>
    public (string Corpus, string Capture)? FindCapture(string address) => Use<(string, string)?>(connection =>
    {
        if (!IndexSchema.HasCaptures(connection))
        {
            return null;
        }

        using var command = connection.Prepare(
            "SELECT d.place, c.capture FROM documents d JOIN captures c ON c.document = d.id WHERE d.address = $address",
            ("$address", address));
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetString(0), reader.GetString(1)) : null;
    });

    /// <summary>What was added, in alphabetical order of the places.</summary>
    public IReadOnlyList<IndexEntry> List() => Use<IReadOnlyList<IndexEntry>>(connection =>
    {
        var entries = new List<IndexEntry>();
        using var command = connection.Prepare(
            """
            SELECT place, (SELECT title FROM documents first WHERE first.place = d.place ORDER BY id LIMIT 1), count(DISTINCT d.id),
                count(p.id), max(d.added)
            FROM documents d LEFT JOIN passages p ON p.document = d.id GROUP BY place ORDER BY place
            """);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            entries.Add(new IndexEntry(
                reader.GetString(0), reader.GetString(1), reader.GetInt32(2), reader.GetInt32(3),
                DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4))));
        }

        return entries;
    });

    /// <summary>The passage that an answer cites; null where it is no more.</summary>
    /// <param name="address">Of the document.</param>
    /// <param name="number">Which of its passages, from 1.</param>
    public Passage? Find(string address, int number) => Use(connection =>
    {
        using var command = connection.Prepare(
            $"{Columns}{CaptureColumn(connection)} FROM documents d JOIN passages p ON p.document = d.id JOIN words w ON w.rowid = p.id "
            + "WHERE d.address = $address AND p.number = $number",
            ("$address", address), ("$number", number));
        using var reader = command.ExecuteReader();
        return reader.Read() ? ReadPassage(reader) : null;
    });

    /// <summary>How many passages there are.</summary>
    public int CountPassages() =>
        Use(connection => Convert.ToInt32(connection.Scalar("SELECT count(*) FROM passages"), CultureInfo.InvariantCulture));

    public void Dispose()
    {
        _connection.Dispose();
        _turn.Dispose();
    }

    const string Columns =
        "SELECT d.address, d.title, p.number, p.start, w.text, d.source, d.origin, d.date, d.licence, p.id, ";

    // A file that is only read may have been begun without this table.
    string CaptureColumn(SqliteConnection connection) =>
        (_hasCaptures ??= IndexSchema.HasCaptures(connection)) == true
            ? "(SELECT c.capture FROM captures c WHERE c.document = d.id)"
            : "NULL";

    /// <summary>The passages that BM25 of FTS5 puts first.</summary>
    /// <param name="query">With at least one word.</param>
    /// <param name="limit">How many.</param>
    /// <param name="titleWeight">How many times a word in a title counts.</param>
    internal IReadOnlyList<(long Id, Passage Passage, double Score)> FindCandidates(SearchQuery query, int limit, double titleWeight) =>
        Use<IReadOnlyList<(long, Passage, double)>>(connection =>
        {
            var found = new List<(long, Passage, double)>();
            using var command = connection.Prepare(
                $"""
                {Columns}{CaptureColumn(connection)}, w.rank FROM (
                    SELECT rowid, text, rank FROM words WHERE words MATCH $match AND rank MATCH $weights ORDER BY rank LIMIT $limit) w
                JOIN passages p ON p.id = w.rowid JOIN documents d ON d.id = p.document ORDER BY w.rank, w.rowid
                """,
                ("$match", query.ToMatch()), ("$limit", limit),
                ("$weights", string.Create(CultureInfo.InvariantCulture, $"bm25({titleWeight:0.###}, 1.0)")));
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                found.Add((reader.GetInt64(9), ReadPassage(reader), -reader.GetDouble(11)));
            }

            return found;
        });

    /// <summary>How many passages an expression of FTS5 fits.</summary>
    internal int CountPassages(string match) => Use(connection => Convert.ToInt32(
        connection.Scalar("SELECT count(*) FROM words WHERE words MATCH $match", ("$match", match)), CultureInfo.InvariantCulture));

    /// <summary>Runs statements, one caller at a time.</summary>
    internal T Use<T>(Func<SqliteConnection, T> use)
    {
        _turn.Wait();
        try
        {
            return use(_connection);
        }
        catch (SqliteException error)
        {
            throw IndexErrors.From(error, Path);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A passage by its number in the file, within <see cref="Use"/>.</summary>
    internal Passage FindWithin(SqliteConnection connection, long id)
    {
        using var command = connection.Prepare(
            $"{Columns}{CaptureColumn(connection)} FROM passages p JOIN documents d ON d.id = p.document "
            + "JOIN words w ON w.rowid = p.id WHERE p.id = $id",
            ("$id", id));
        using var reader = command.ExecuteReader();
        return reader.Read() ? ReadPassage(reader) : throw new NoosException(ErrorKind.Damaged, $"The index '{Path}' lacks a passage.");
    }

    static Passage ReadPassage(SqliteDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.GetInt32(2), reader.GetInt32(3), reader.GetString(4))
    {
        Source = reader.GetString(5),
        Origin = Enum.TryParse<Origin>(reader.GetString(6), out var origin) ? origin : Origin.Web,
        Date = reader.IsDBNull(7) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(7)),
        Licence = reader.IsDBNull(8) ? null : reader.GetString(8),
        Capture = reader.IsDBNull(10) ? null : reader.GetString(10),
    };

    static SearchIndex Open(string path, SqliteOpenMode mode, SearchIndexOptions? options, string pragmas)
    {
        options ??= new SearchIndexOptions();
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        try
        {
            connection.Open();
            connection.Execute(pragmas);
            if (mode == SqliteOpenMode.ReadOnly)
            {
                IndexSchema.Check(connection, path);
            }
            else
            {
                IndexSchema.Prepare(connection, path, options.Tokenizer);
            }

            return new SearchIndex(path, connection, options);
        }
        catch (Exception e)
        {
            connection.Dispose();
            if (e is SqliteException error)
            {
                throw IndexErrors.From(error, path);
            }

            throw;
        }
    }

    static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to report.
        }
    }
}
