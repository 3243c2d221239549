using System.IO.Hashing;
using System.Text;
using Microsoft.Data.Sqlite;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Documents;

namespace Noos.Corpus.Index;

/// <summary>Writes the documents of one place into an index, within a transaction of the caller.</summary>
sealed class DocumentWriter : IDisposable
{
    readonly SqliteConnection _connection;
    readonly SearchIndexOptions _options;
    readonly string _place;
    readonly Origin _origin;
    readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    readonly SqliteCommand _find;
    readonly SqliteCommand _addDocument;
    readonly SqliteCommand _addPassage;
    readonly SqliteCommand _addWords;
    IndexChange _change;

    public DocumentWriter(SqliteConnection connection, SearchIndexOptions options, string place, Origin origin)
    {
        (_connection, _options, _place, _origin) = (connection, options, place, origin);
        _find = connection.Prepare("SELECT id, digest, place FROM documents WHERE address = $address", ("$address", ""));
        _addDocument = connection.Prepare(
            """
            INSERT INTO documents (address, place, title, source, origin, date, licence, digest, added)
            VALUES ($address, $place, $title, $source, $origin, $date, $licence, $digest, $added) RETURNING id
            """,
            ("$address", ""), ("$place", place), ("$title", ""), ("$source", ""), ("$origin", origin.ToString()), ("$date", null),
            ("$licence", null), ("$digest", Array.Empty<byte>()), ("$added", options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds()));
        _addPassage = connection.Prepare(
            "INSERT INTO passages (document, number, start) VALUES ($document, $number, $start) RETURNING id",
            ("$document", 0L), ("$number", 0), ("$start", 0));
        _addWords = connection.Prepare(
            "INSERT INTO words (rowid, title, text) VALUES ($id, $title, $text)", ("$id", 0L), ("$title", ""), ("$text", ""));
    }

    /// <summary>Adds a document, brings it up to date, or leaves it as it is.</summary>
    public void Write(Document document)
    {
        if (!_seen.Add(document.Address))
        {
            throw new NoosException($"Two documents of '{_place}' have the address '{document.Address}'; give each its own.");
        }

        var title = document.Title is { Length: > 0 } given ? given : TitleOf(document.Address);
        var digest = Digest(document, title);
        var known = Find(document.Address);
        if (known is var (id, old) && old.AsSpan().SequenceEqual(digest))
        {
            // The same text, fetched again.
            _connection.Execute(
                "UPDATE documents SET date = $date WHERE id = $id AND date IS NOT $date",
                ("$date", document.FetchedAt?.ToUnixTimeMilliseconds()), ("$id", id));
            WriteCapture(id, document.Origin.Capture);
            _change += new IndexChange(0, 0, 1, 0);
            return;
        }

        if (known is { } changed)
        {
            Remove(_connection, changed.Id);
        }

        Add(document, title, digest);
        _change += known is null ? new IndexChange(1, 0, 0, 0) : new IndexChange(0, 1, 0, 0);
    }

    /// <summary>Removes what was of the place and was not written again.</summary>
    public IndexChange Finish()
    {
        var gone = new List<long>();
        using (var command = _connection.Prepare("SELECT id, address FROM documents WHERE place = $place", ("$place", _place)))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                if (!_seen.Contains(reader.GetString(1)))
                {
                    gone.Add(reader.GetInt64(0));
                }
            }
        }

        foreach (var id in gone)
        {
            Remove(_connection, id);
        }

        return _change + new IndexChange(0, 0, 0, gone.Count);
    }

    public static void Remove(SqliteConnection connection, long document)
    {
        connection.Execute(
            "DELETE FROM words WHERE rowid IN (SELECT id FROM passages WHERE document = $document)", ("$document", document));
        connection.Execute("DELETE FROM documents WHERE id = $document", ("$document", document));
    }

    public void Dispose()
    {
        _find.Dispose();
        _addDocument.Dispose();
        _addPassage.Dispose();
        _addWords.Dispose();
    }

    (long Id, byte[] Digest)? Find(string address)
    {
        _find.Parameters[0].Value = address;
        using var reader = _find.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)) : null;
    }

    void Add(Document document, string title, byte[] digest)
    {
        Set(_addDocument, ("$address", document.Address), ("$title", title), ("$source", document.Source),
            ("$date", document.FetchedAt?.ToUnixTimeMilliseconds()), ("$licence", document.Licence), ("$digest", digest));
        var id = (long)_addDocument.ExecuteScalar()!;
        WriteCapture(id, document.Origin.Capture);
        var number = 0;
        foreach (var (start, length) in PassageSplitter.Split(document.Text, _options.MaxPassageLength))
        {
            Set(_addPassage, ("$document", id), ("$number", ++number), ("$start", start));
            Set(_addWords, ("$id", _addPassage.ExecuteScalar()), ("$title", title), ("$text", document.Text.Substring(start, length)));
            _addWords.ExecuteNonQuery();
        }
    }

    void WriteCapture(long document, string? capture)
    {
        if (capture is not null)
        {
            _connection.Execute(
                "INSERT INTO captures (document, capture) VALUES ($document, $capture) "
                + "ON CONFLICT (document) DO UPDATE SET capture = $capture",
                ("$document", document), ("$capture", capture));
        }
    }

    /// <summary>Names all of a document but its date: one that has the same is the same.</summary>
    byte[] Digest(Document document, string title)
    {
        var fields = string.Join(
            '\0', _place, title, document.Source, _origin, document.Licence, document.Text);
        return XxHash128.Hash(Encoding.UTF8.GetBytes(fields));
    }

    /// <summary>The last part of a path or address.</summary>
    static string TitleOf(string address)
    {
        var name = address.TrimEnd('/', '\\');
        name = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        return name.Length > 0 ? name : address;
    }

    static void Set(SqliteCommand command, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        foreach (var (name, value) in values)
        {
            command.Parameters[name].Value = value ?? DBNull.Value;
        }
    }
}
