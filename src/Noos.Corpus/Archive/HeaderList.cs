using System.Collections;
using System.Text;

namespace Noos.Corpus.Archive;

/// <summary>Named fields in their order, as WARC and HTTP have them; names may come several times and are compared without case.</summary>
public sealed class HeaderList : IReadOnlyList<KeyValuePair<string, string>>
{
    readonly List<KeyValuePair<string, string>> _fields = [];

    public int Count => _fields.Count;

    public KeyValuePair<string, string> this[int index] => _fields[index];

    /// <summary>The first value of a name; null without one.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var (key, value) in _fields)
            {
                if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return value;
                }
            }

            return null;
        }
    }

    public void Add(string name, string value) => _fields.Add(new(name, value));

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Reads the lines of fields; what is no field is passed over, and what is folded is joined.</summary>
    internal static HeaderList Parse(IEnumerable<string> lines)
    {
        var list = new HeaderList();
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (line.Length > 0 && line[0] is ' ' or '\t' && list._fields.Count > 0)
            {
                var (name, value) = list._fields[^1];
                list._fields[^1] = new(name, $"{value} {line.Trim()}");
            }
            else if (colon > 0)
            {
                list.Add(line[..colon].Trim(), line[(colon + 1)..].Trim());
            }
        }

        return list;
    }

    internal void AppendTo(StringBuilder text)
    {
        foreach (var (name, value) in _fields)
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }
    }
}
