using System.Text;

namespace Noos.Corpus.Addresses;

/// <summary>
/// A URL record of the WHATWG URL standard, parsed as browsers parse it: backslashes, tabs, missing slashes and hosts written as numbers
/// lead where a browser goes. <see cref="Uri"/> differs in hundreds of cases of the web platform tests. Immutable.
/// </summary>
public sealed class WebUrl
{
    internal WebUrl(
        string scheme, string username, string password, string? host, int? port, IReadOnlyList<string> segments, string? opaquePath,
        string? query, string? fragment)
    {
        Scheme = scheme;
        Username = username;
        Password = password;
        Host = host;
        Port = port;
        Segments = segments;
        OpaquePath = opaquePath;
        Query = query;
        Fragment = fragment;
        Path = opaquePath ?? string.Concat(segments.Select(segment => "/" + segment));
    }

    /// <summary>In lower case, without the colon.</summary>
    public string Scheme { get; }

    public string Username { get; }

    public string Password { get; }

    /// <summary>ASCII: punycode for names, brackets around IPv6; null where the URL has none, as in <c>mailto:</c>.</summary>
    public string? Host { get; }

    /// <summary>Null where it is the usual one of the scheme.</summary>
    public int? Port { get; }

    /// <summary>Percent-encoded; begins with a slash unless it is opaque or empty.</summary>
    public string Path { get; }

    /// <summary>Percent-encoded, without the question mark; null where there is none.</summary>
    public string? Query { get; }

    /// <summary>Percent-encoded, without the number sign; null where there is none.</summary>
    public string? Fragment { get; }

    public bool HasOpaquePath => OpaquePath is not null;

    internal IReadOnlyList<string> Segments { get; }

    internal string? OpaquePath { get; }

    /// <summary>What a request asks for: path and query.</summary>
    public string PathAndQuery => Query is null ? Path : $"{Path}?{Query}";

    /// <summary>Host and, where it is not the usual one, port.</summary>
    public string Authority => Port is { } port ? FormattableString.Invariant($"{Host}:{port}") : Host ?? "";

    /// <summary>Parses a URL.</summary>
    /// <param name="input">As it stands in a page.</param>
    /// <param name="baseUrl">What a relative one is relative to.</param>
    /// <param name="encoding">Of the page that it stands in, in which its query is written; null for UTF-8.</param>
    /// <returns>Null where a browser finds no URL in it.</returns>
    public static WebUrl? TryParse(string input, WebUrl? baseUrl = null, Encoding? encoding = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return UrlParser.Parse(input, baseUrl, encoding);
    }

    /// <summary>The serialized URL.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Scheme.Length + Path.Length + 64).Append(Scheme).Append(':');
        if (Host is not null)
        {
            text.Append("//");
            if (Username.Length > 0 || Password.Length > 0)
            {
                text.Append(Username);
                if (Password.Length > 0)
                {
                    text.Append(':').Append(Password);
                }

                text.Append('@');
            }

            text.Append(Authority);
        }
        else if (!HasOpaquePath && Segments.Count > 1 && Segments[0].Length == 0)
        {
            // Otherwise the path would be read as a host the next time.
            text.Append("/.");
        }

        text.Append(Path);
        if (Query is not null)
        {
            text.Append('?').Append(Query);
        }

        if (Fragment is not null)
        {
            text.Append('#').Append(Fragment);
        }

        return text.ToString();
    }
}
