namespace Noos.Corpus.Crawling.Robots;

/// <summary>
/// The path of a rule: <c>*</c> is any number of characters, <c>$</c> at its end the end of the path (RFC 9309, 2.2.3). Matching takes
/// time in proportion to the path, however many stars there are.
/// </summary>
readonly struct RobotsPattern
{
    // What stands between stars, each to be found behind the one before; the first at the beginning.
    readonly string[] _parts;
    readonly string[]? _queryParts;
    readonly bool _isAnchored;

    public RobotsPattern(string text, RobotsDialect dialect)
    {
        _isAnchored = text.EndsWith('$');
        text = RobotsPath.NormalizePattern(_isAnchored ? text[..^1] : text, dialect);
        Length = text.Length + (_isAnchored ? 1 : 0);
        _parts = text.Split('*');
        _queryParts = text.Contains('?') ? RobotsPath.WithPlainQuery(text).Split('*') : null;
    }

    /// <summary>The longest of all rules that match wins.</summary>
    public int Length { get; }

    public bool Matches(in RobotsPath path) =>
        Matches(_parts, path.Text) || (_queryParts is not null && Matches(_queryParts, path.PlainQuery));

    bool Matches(string[] parts, ReadOnlySpan<char> path)
    {
        if (!path.StartsWith(parts[0], StringComparison.Ordinal))
        {
            return false;
        }

        if (parts.Length == 1)
        {
            return !_isAnchored || path.Length == parts[0].Length;
        }

        path = path[parts[0].Length..];
        foreach (var part in parts.AsSpan(1, parts.Length - 2))
        {
            var found = path.IndexOf(part, StringComparison.Ordinal);
            if (found < 0)
            {
                return false;
            }

            path = path[(found + part.Length)..];
        }

        return _isAnchored ? path.EndsWith(parts[^1], StringComparison.Ordinal) : path.Contains(parts[^1], StringComparison.Ordinal);
    }
}
