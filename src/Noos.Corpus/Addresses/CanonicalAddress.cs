using System.Text;
using System.Text.RegularExpressions;

namespace Noos.Corpus.Addresses;

/// <summary>
/// One address for what is one page: no fragment, one spelling of percent-encoding, no dot behind the host, no ids of sessions and
/// campaigns. What changes the page that a server gives is left as it is: the order of a query, capital letters, slashes.
/// </summary>
public static partial class CanonicalAddress
{
    /// <param name="address">As it stands in a page.</param>
    /// <param name="baseUrl">What a relative one is relative to.</param>
    /// <param name="encoding">Of the page that it stands in; null for UTF-8.</param>
    /// <returns>Null where it is no address of a page that anybody may fetch: another scheme, or with a password.</returns>
    public static WebUrl? TryParse(string address, WebUrl? baseUrl = null, Encoding? encoding = null) =>
        WebUrl.TryParse(address, baseUrl, encoding) is { } url ? From(url) : null;

    /// <inheritdoc cref="TryParse"/>
    public static WebUrl? From(WebUrl url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (url.Scheme is not ("http" or "https") || url.Username.Length > 0 || url.Password.Length > 0)
        {
            return null;
        }

        var host = url.Host!.TrimEnd('.');
        if (host.Length == 0)
        {
            return null;
        }

        var segments = url.Segments.Select(Normalize).ToArray();
        var query = url.Query is { Length: > 0 } text ? WithoutSessions(PercentEncoding.Normalize(text)) : null;
        return new WebUrl(url.Scheme, "", "", host, url.Port, segments, null, query?.Length > 0 ? query : null, fragment: null);
    }

    static string Normalize(string segment)
    {
        segment = PercentEncoding.Normalize(segment);
        return segment.Contains(';') ? SessionSegment().Replace(segment, "") : segment;
    }

    static string WithoutSessions(string query)
    {
        if (!query.Contains('='))
        {
            return query;
        }

        var fields = query.Split('&');
        var kept = Array.FindAll(fields, field => !SessionField().IsMatch(field));
        return kept.Length == fields.Length ? query : string.Join('&', kept);
    }

    [GeneratedRegex(";jsessionid=[^;]*", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SessionSegment();

    // Names that are used for nothing else, and short ones only with a value that looks like an id.
    [GeneratedRegex(
        "^(?:(?:phpsessid|jsessionid|aspsessionid[a-z]{8}|utm_(?:source|medium|campaign|term|content|id)|gclid|fbclid|msclkid|dclid"
        + "|mc_eid)=.*|(?:sid|sessionid|session_id|s)=[0-9a-f]{32})$",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SessionField();
}
