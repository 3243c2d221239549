using System.IO.Hashing;
using System.Text;
using Noos.Corpus.Addresses;

namespace Noos.Corpus.Crawling.Scheduling;

/// <summary>An address that was found.</summary>
/// <param name="Id">Its fingerprint: XxHash3 of the canonical address. Two of ten million share one with a probability of 3e-6.</param>
/// <param name="Origin">Scheme, host and port.</param>
/// <param name="Host">The name alone.</param>
/// <param name="PathAndQuery">What follows.</param>
readonly record struct DiscoveredPage(
    long Id, string Origin, string Host, string PathAndQuery, int Depth, int Redirects = 0, bool IsSitemap = false)
{
    /// <param name="url">Canonical.</param>
    public static DiscoveredPage From(WebUrl url, int depth, int redirects = 0, bool isSitemap = false)
    {
        var origin = OriginOf(url);
        var path = url.PathAndQuery;
        return new DiscoveredPage(Fingerprint(origin, path), origin, url.Host!, path, depth, redirects, isSitemap);
    }

    public static string OriginOf(WebUrl url) => $"{url.Scheme}://{url.Authority}";

    static long Fingerprint(string origin, string path)
    {
        var max = Encoding.UTF8.GetMaxByteCount(origin.Length + path.Length);
        Span<byte> bytes = max <= 1024 ? stackalloc byte[max] : new byte[max];
        var length = Encoding.UTF8.GetBytes(origin, bytes);
        length += Encoding.UTF8.GetBytes(path, bytes[length..]);
        return (long)XxHash3.HashToUInt64(bytes[..length]);
    }
}
