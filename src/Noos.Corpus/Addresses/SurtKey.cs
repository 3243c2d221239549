using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Noos.Corpus.Addresses;

/// <summary>
/// The key by which archives sort and find captures (Sort-friendly URI Reordering Transform): <c>org,example)/path?a=1</c>, with the host
/// turned around, in lower case, without <c>www.</c>, sessions and a slash at the end, and its query sorted, as the Internet Archive's
/// <c>surt</c> and pywb write it. Two addresses with one key are one page to an archive.
/// </summary>
public static partial class SurtKey
{
    const RegexOptions AnyCase = RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture;

    // What is left where a session was.
    const string Kept = "${head}${tail}";

    // What the Internet Archive's canonicalizer leaves as it is.
    static readonly SearchValues<char> s_safe = SearchValues.Create(
        "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    /// <summary>The key of an address; the address itself in lower case where it is no URL of the web, such as <c>urn:</c>.</summary>
    public static string From(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (WebUrl.TryParse(address) is not { Host: { Length: > 0 } host } url)
        {
            return address.ToLowerInvariant();
        }

        var key = new StringBuilder();
        AppendHost(key, host);
        if (url.Port is { } port)
        {
            key.Append(System.Globalization.CultureInfo.InvariantCulture, $":{port}");
        }

        key.Append(')').Append(PathOf(url));
        if (QueryOf(url.Query) is { Length: > 0 } query)
        {
            key.Append('?').Append(query);
        }

        return key.ToString();
    }

    static void AppendHost(StringBuilder key, string host)
    {
        host = host.Trim('.');
        if (host.StartsWith('[') || (char.IsAsciiDigit(host[^1]) && host.All(letter => char.IsAsciiDigit(letter) || letter == '.')))
        {
            key.Append(host);
            return;
        }

        if (WorldWideWeb().Match(host) is { Success: true, Length: var length })
        {
            host = host[length..];
        }

        var labels = host.Split('.', StringSplitOptions.RemoveEmptyEntries);
        Array.Reverse(labels);
        key.AppendJoin(',', labels);
    }

    static string PathOf(WebUrl url)
    {
        var segments = new List<string>();
        foreach (var segment in Unescape(url.Path).Split('/'))
        {
            switch (segment)
            {
                case "" or ".":
                    break;
                case "..":
                    segments.RemoveRange(Math.Max(0, segments.Count - 1), Math.Min(1, segments.Count));
                    break;
                default:
                    segments.Add(segment);
                    break;
            }
        }

        // A slash at its end, which goes, unless it is all of the path.
        var path = Escape("/" + string.Join('/', segments)).ToLowerInvariant();
        path = AspNetSession().Replace(path, Kept);
        path = JavaSession().Replace(path, Kept);
        return path.Length > 1 ? path.TrimEnd('/') : path;
    }

    static string QueryOf(string? query)
    {
        if (string.IsNullOrEmpty(query))
        {
            return "";
        }

        query = Escape(Unescape(query));
        foreach (var session in (ReadOnlySpan<Regex>)
            [JavaSessionField(), PhpSessionField(), SessionField(), AspSessionField(), ColdFusion()])
        {
            if (session.Match(query) is { Success: true } found)
            {
                query = found.Result(Kept);
            }
        }

        var fields = query.ToLowerInvariant().Split('&');
        // As lists of name and value, of which those without a value come first.
        Array.Sort(fields, static (one, other) =>
        {
            var (left, right) = (one.Split('=', 2), other.Split('=', 2));
            var order = string.CompareOrdinal(left[0], right[0]);
            return order != 0 ? order : left.Length != right.Length ? left.Length.CompareTo(right.Length)
                : left.Length == 2 ? string.CompareOrdinal(left[1], right[1]) : 0;
        });
        return string.Join('&', fields);
    }

    /// <summary>Until nothing is encoded any more, as Google's canonicalization for safe browsing says.</summary>
    static string Unescape(string text)
    {
        // Each round makes it shorter.
        while (text.Contains('%'))
        {
            var decoded = Encoding.Latin1.GetString(PercentEncoding.Decode(text.AsSpan()));
            if (decoded == text)
            {
                break;
            }

            text = decoded;
        }

        return text;
    }

    static string Escape(string bytes)
    {
        if (!bytes.AsSpan().ContainsAnyExcept(s_safe))
        {
            return bytes;
        }

        var text = new StringBuilder();
        foreach (var value in bytes)
        {
            if (s_safe.Contains(value))
            {
                text.Append(value);
            }
            else
            {
                PercentEncoding.AppendByte(text, (byte)value);
            }
        }

        return text.ToString();
    }

    [GeneratedRegex(@"^www\d*\.", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WorldWideWeb();

    [GeneratedRegex(@"^(?<head>.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/(?<tail>[^?]+\.aspx.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AspNetSession();

    [GeneratedRegex(@"^(?<head>.+?);jsessionid=[0-9a-z]{32}(?<tail>.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex JavaSession();

    [GeneratedRegex(@"^(?<head>.*)(?:jsessionid=[0-9a-zA-Z]{32})(?:&(?<tail>.*))?$", AnyCase, 1000)]
    private static partial Regex JavaSessionField();

    [GeneratedRegex(@"^(?<head>.*)(?:phpsessid=[0-9a-zA-Z]{32})(?:&(?<tail>.*))?$", AnyCase, 1000)]
    private static partial Regex PhpSessionField();

    [GeneratedRegex(@"^(?<head>.*)(?:sid=[0-9a-zA-Z]{32})(?:&(?<tail>.*))?$", AnyCase, 1000)]
    private static partial Regex SessionField();

    [GeneratedRegex(@"^(?<head>.*)(?:ASPSESSIONID[a-zA-Z]{8}=[a-zA-Z]{24})(?:&(?<tail>.*))?$", AnyCase, 1000)]
    private static partial Regex AspSessionField();

    [GeneratedRegex(@"^(?<head>.*)(?:cfid=[^&]+&cftoken=[^&]+)(?:&(?<tail>.*))?$", AnyCase, 1000)]
    private static partial Regex ColdFusion();
}
