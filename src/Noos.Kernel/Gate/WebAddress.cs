using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Noos.Kernel.Gate;

/// <summary>Addresses of the web as they are compared: in the one spelling that is sent.</summary>
static class WebAddress
{
    static readonly char[] s_separators = [' ', '\t', '\r', '\n', '<', '>', '"', '`', '|'];
    static readonly char[] s_opening = ['(', '[', '{', '\'', '*', '_'];
    static readonly char[] s_closing = ['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'', '*', '_'];
    static readonly SearchValues<char> s_letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    static readonly SearchValues<char> s_hostCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");

    /// <summary>
    /// The address in the spelling of <see cref="Uri.AbsoluteUri"/>, which is what goes over the wire: two that are equal tell a server the
    /// same, so differences of spelling carry nothing.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && address.UserInfo.Length == 0
            && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps);

    /// <summary>
    /// Who learns of a visit: the last two labels of the host, which may be more than one owner (co.uk) but never less; an IP address is
    /// itself.
    /// </summary>
    public static string Site(Uri address)
    {
        var host = address.IdnHost.TrimEnd('.').ToLowerInvariant();
        if (IPAddress.TryParse(host, out _))
        {
            return host;
        }

        var labels = host.Split('.');
        return labels.Length <= 2 ? host : $"{labels[^2]}.{labels[^1]}";
    }

    /// <summary>Scheme, host and port.</summary>
    public static string Server(Uri address) => address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    /// <summary>The addresses that a person wrote, also those without a scheme. Linear in the text.</summary>
    public static IEnumerable<Uri> Find(string text)
    {
        // Most texts have none.
        if (!text.Contains('.') && !text.Contains("://", StringComparison.Ordinal))
        {
            yield break;
        }

        foreach (var word in text.Split(s_separators, StringSplitOptions.RemoveEmptyEntries))
        {
            // "(see:https://a.example/b)" has its address in the middle.
            var start = word.IndexOf("http", StringComparison.OrdinalIgnoreCase);
            var isWhole = start >= 0 && word.AsSpan(start).IndexOf("://", StringComparison.Ordinal) is 4 or 5;
            var whole = isWhole ? word[start..] : word.TrimStart(s_opening);
            // A sentence may end behind it, or a bracket close around it; both readings are the person's.
            var trimmed = whole.TrimEnd(s_closing);
            foreach (var spelling in whole == trimmed ? [whole] : (string[])[whole, trimmed])
            {
                foreach (var candidate in isWhole ? [spelling] : IsHost(spelling) ? [$"https://{spelling}", $"http://{spelling}"]
                    : (string[])[])
                {
                    if (TryParse(candidate, out var address))
                    {
                        yield return address;
                    }
                }
            }
        }
    }

    /// <summary>Whether a word begins with a host, such as "example.org/page": labels of letters and digits, the last of letters.</summary>
    static bool IsHost(string word)
    {
        var host = word.AsSpan();
        host = host.IndexOfAny('/', ':') is >= 0 and var end ? host[..end] : host;
        var lastDot = host.LastIndexOf('.');
        return lastDot > 0 && host.Length - lastDot > 2 && !host.ContainsAnyExcept(s_hostCharacters)
            && !host[(lastDot + 1)..].ContainsAnyExcept(s_letters);
    }
}
