using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Core;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Formats <c>json</c> (one value; the items of a list are its records) and <c>records</c> (JSON lines, or any values in a row). Each
/// document has some records, one on a line, and their fields as columns. A value that is no list is read as lines. Holds one document in
/// memory.
/// </summary>
/// <param name="isSequence">Values in a row, not one.</param>
/// <param name="limits">What a file may cost.</param>
public sealed class JsonReader(bool isSequence, ReadLimits? limits = null) : SequentialReader(limits ?? ReadLimits.Default)
{
    // Of a record; what is longer is cut, and has no columns.
    const int MaxRecordLength = 1 << 20;

    static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly LinesReader _lines = new(limits);

    public override string Name => isSequence ? "records" : "json";

    public override bool Reads(string format) => base.Reads(format)
        || (isSequence ? format is "application/jsonl" or "application/x-ndjson" : format == "application/json");

    protected override IEnumerable<Document> Read(
        Stream content, DocumentOrigin origin, DocumentPlace? from, CancellationToken cancellationToken)
    {
        using var text = TextDecoding.Open(content);
        SkipSpace(text);
        var isList = text.Peek() == '[';
        if (!isSequence && !isList && content.CanSeek)
        {
            content.Position = 0;
            foreach (var document in Lines(content, origin, from, cancellationToken))
            {
                yield return document;
            }

            yield break;
        }

        if (isList && !isSequence)
        {
            _ = text.Read();
        }

        var block = new Block(origin, Limits);
        var scanner = new ValueScanner(text, Limits.MaxDepth);
        for (var number = 1; scanner.TryRead(out var value); number++)
        {
            if (number % 1024 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (from is not null && number < from.First)
            {
                continue;
            }

            if (block.Add(number, value) is { } document)
            {
                yield return document;
            }
        }

        if (block.Flush() is { } last)
        {
            yield return last;
        }
    }

    IEnumerable<Document> Lines(Stream content, DocumentOrigin origin, DocumentPlace? from, CancellationToken cancellationToken) =>
        (from is null ? _lines.ReadAsync(content, origin, cancellationToken)
            : _lines.ReadFromAsync(content, origin, from, cancellationToken)).ToBlockingEnumerable(cancellationToken);

    static void SkipSpace(StreamReader text)
    {
        while (text.Peek() is >= 0 and var next && (char.IsWhiteSpace((char)next) || next == '\uFEFF'))
        {
            _ = text.Read();
        }
    }

    /// <summary>Cuts a text into its values without reading them: they end where their brackets and quotes do.</summary>
    sealed class ValueScanner(StreamReader text, int maxDepth)
    {
        readonly StringBuilder _value = new();

        public bool TryRead(out string value)
        {
            _value.Clear();
            var (depth, isString, isEscaped) = (0, false, false);
            value = "";
            for (int read; (read = text.Peek()) >= 0;)
            {
                var next = (char)read;
                if (depth == 0 && !isString)
                {
                    if (char.IsWhiteSpace(next) || next == ',')
                    {
                        _ = text.Read();
                        if (_value.Length == 0)
                        {
                            continue;
                        }

                        break;
                    }

                    // The end of the list around.
                    if (next is ']' or '}')
                    {
                        break;
                    }
                }

                _ = text.Read();
                if (_value.Length < MaxRecordLength)
                {
                    _value.Append(next);
                }

                (isString, isEscaped) = (isString, isEscaped, next) switch
                {
                    (true, false, '\\') => (true, true),
                    (true, false, '"') => (false, false),
                    (false, _, '"') => (true, false),
                    _ => (isString, false),
                };
                if (isString)
                {
                    continue;
                }

                depth += next is '{' or '[' ? 1 : next is '}' or ']' ? -1 : 0;
                if (depth > maxDepth)
                {
                    throw new NoosException(
                        $"The JSON is nested deeper than {maxDepth} levels, which no program that people use writes; name it .txt.");
                }

                if (depth == 0 && next is '}' or ']' or '"')
                {
                    break;
                }
            }

            value = _value.ToString();
            return value.Length > 0;
        }
    }

    /// <summary>Some records.</summary>
    sealed class Block(DocumentOrigin origin, ReadLimits limits)
    {
        readonly List<string> _lines = [];
        readonly List<IReadOnlyList<string>> _cells = [];
        readonly List<string> _columns = [];
        int _first;
        int _length;
        bool _isTable = true;

        public Document? Add(int number, string value)
        {
            var line = value;
            List<string>? cells = null;
            if (value.Length < MaxRecordLength)
            {
                using var json = Parse(value, number);
                line = JsonSerializer.Serialize(json.RootElement, s_plain);
                cells = json.RootElement.ValueKind == JsonValueKind.Object ? CellsOf(json.RootElement) : null;
            }

            line = line.Length > limits.MaxCellLength ? line[..limits.MaxCellLength] + "..." : line;
            var complete = _lines.Count > 0 && (_length + line.Length > limits.MaxDocumentLength || _lines.Count >= limits.MaxRows)
                ? Flush()
                : null;
            _first = _lines.Count == 0 ? number : _first;
            _isTable &= cells is not null;
            _lines.Add(line);
            _cells.Add(cells ?? []);
            _length += line.Length + 1;
            return complete;
        }

        public Document? Flush()
        {
            if (_lines.Count == 0)
            {
                return null;
            }

            var document = new Document(origin.At(_first), string.Join('\n', _lines))
            {
                Place = new DocumentPlace("record", _first, _first + _lines.Count - 1),
                Rows = _isTable ? new TableRows([.. _columns], _first, [.. _cells]) : null,
            };
            _lines.Clear();
            _cells.Clear();
            (_length, _isTable) = (0, true);
            return document;
        }

        JsonDocument Parse(string value, int number)
        {
            try
            {
                return JsonDocument.Parse(value, new JsonDocumentOptions
                {
                    MaxDepth = limits.MaxDepth,
                    AllowTrailingCommas = true,
                    CommentHandling = JsonCommentHandling.Skip,
                });
            }
            catch (JsonException exception)
            {
                throw new NoosException(
                    ErrorKind.Damaged,
                    string.Create(
                        CultureInfo.InvariantCulture, $"Record {number} of '{NameOf(origin)}' is not valid JSON; mend it there."),
                    exception);
            }
        }

        /// <summary>The fields as cells; those of objects within as <c>address.city</c>.</summary>
        List<string> CellsOf(JsonElement record)
        {
            var cells = new List<string>(_columns.Count);
            Add(record, "");
            return cells;

            void Add(JsonElement element, string prefix)
            {
                foreach (var property in element.EnumerateObject())
                {
                    if (property.Value.ValueKind == JsonValueKind.Object && prefix.Length < limits.MaxDepth)
                    {
                        Add(property.Value, $"{prefix}{property.Name}.");
                        continue;
                    }

                    var name = prefix + property.Name;
                    var index = _columns.IndexOf(name);
                    if (index < 0 && _columns.Count < limits.MaxColumns)
                    {
                        index = _columns.Count;
                        _columns.Add(name);
                    }

                    if (index >= 0)
                    {
                        while (cells.Count <= index)
                        {
                            cells.Add("");
                        }

                        cells[index] = property.Value.ToString();
                    }
                }
            }
        }
    }
}
