using Noos.Core;
using Noos.Core.Storage;
using Noos.Corpus.Addresses;

namespace Noos.Corpus.Cleaning.Signals;

/// <summary>
/// Addresses by pattern, one on a line: a host and all below it (<c>example.org</c>), a page and all below it
/// (<c>https://example.org/private/</c>, <c>example.org/private/</c>), or a word in the address (<c>*casino*</c>). Empty lines and lines
/// that begin with <c>#</c> mean nothing. Immutable; thread-safe.
/// </summary>
public sealed class AddressList
{
    readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    readonly List<string> _prefixes = [];
    readonly List<string> _words = [];

    public AddressList(IEnumerable<string> patterns)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        foreach (var line in patterns.Select(pattern => pattern.Trim()).Where(pattern => pattern.Length > 0 && pattern[0] != '#'))
        {
            var pattern = line.StartsWith("*.", StringComparison.Ordinal) ? line[2..] : line;
            if (pattern.Length > 2 && pattern[0] == '*' && pattern[^1] == '*')
            {
                _words.Add(pattern[1..^1]);
            }
            else if (HostOf(pattern) is { } host)
            {
                _hosts.Add(host);
            }
            else
            {
                _prefixes.Add(WithoutScheme(pattern).TrimEnd('*'));
            }
        }

        Count = _hosts.Count + _prefixes.Count + _words.Count;
    }

    public static AddressList Empty { get; } = new([]);

    public int Count { get; }

    /// <exception cref="NoosException">There is no such file.</exception>
    public static AddressList Load(string path)
    {
        RegularFile.Require(path);
        return File.Exists(path)
            ? new AddressList(File.ReadLines(path))
            : throw new NoosException(ErrorKind.NotFound, $"There is no list '{path}'; check its name.");
    }

    public bool Contains(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (Count == 0)
        {
            return false;
        }

        var bare = WithoutScheme(address);
        for (var host = HostPart(bare); host.Length > 0;)
        {
            if (_hosts.Contains(host))
            {
                return true;
            }

            var dot = host.IndexOf('.', StringComparison.Ordinal);
            host = dot < 0 ? "" : host[(dot + 1)..];
        }

        return _prefixes.Exists(prefix => bare.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                && (bare.Length == prefix.Length || prefix[^1] == '/' || bare[prefix.Length] is '/' or '?' or '#'))
            || _words.Exists(word => address.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The host of a pattern that is one and nothing else; null for others.</summary>
    static string? HostOf(string pattern)
    {
        var bare = WithoutScheme(pattern).TrimEnd('/');
        return bare.Contains('/', StringComparison.Ordinal) || bare.Contains('*', StringComparison.Ordinal) ? null
            : WebUrl.TryParse("http://" + bare) is { Host: { Length: > 0 } host, PathAndQuery: "/" } ? host : null;
    }

    static string WithoutScheme(string address)
    {
        var at = address.IndexOf("://", StringComparison.Ordinal);
        return at < 0 ? address : address[(at + 3)..];
    }

    static string HostPart(string bare)
    {
        var end = bare.AsSpan().IndexOfAny('/', '?', '#');
        var authority = end < 0 ? bare : bare[..end];
        var port = authority.LastIndexOf(':');
        return port < 0 || authority.EndsWith(']') ? authority : authority[..port];
    }
}
