using Noos.Corpus.Addresses;

namespace Noos.Corpus.Crawling.Links;

/// <summary>Which addresses belong to a crawl.</summary>
sealed class ScopeFilter
{
    // Files that no text is in: where nobody says what they are before they are asked for, their names do.
    static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_binary = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "7z", "aac", "apk", "avi", "avif", "bin", "bmp", "bz2", "class", "css", "deb", "dll", "dmg", "doc", "eot", "exe", "flac", "flv",
        "gif", "gz", "ico", "img", "iso", "jar", "jpeg", "jpg", "js", "m4a", "m4v", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg", "msi", "ogg",
        "ogv", "otf", "png", "ppt", "ps", "rar", "rpm", "so", "svg", "swf", "tar", "tgz", "tif", "tiff", "ttf", "wav", "webm", "webp",
        "wma", "wmv", "woff", "woff2", "xls", "xz", "zip", "zst",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    readonly CrawlOptions _options;
    readonly HashSet<string> _names;

    public ScopeFilter(CrawlOptions options, IEnumerable<WebUrl> seeds)
    {
        _options = options;
        _names = [.. seeds.Select(seed => NameOf(seed.Host!))];
    }

    /// <summary>Whether a page is fetched.</summary>
    public bool Contains(WebUrl url, int depth) =>
        depth <= _options.MaxDepth && IsInside(url) && !TrapGuard.IsTrap(url) && !(_options.TextOnly && IsBinary(url.Path));

    /// <summary>Whether a host is one of those that are crawled.</summary>
    public bool IsInside(WebUrl url)
    {
        if (_options.Scope != CrawlScope.Web && !_names.Contains(NameOf(url.Host!)))
        {
            return false;
        }

        if (_options.Include is null && _options.Exclude is null)
        {
            return true;
        }

        var address = url.ToString();
        return (_options.Include?.IsMatch(address) ?? true) && !(_options.Exclude?.IsMatch(address) ?? false);
    }

    string NameOf(string host) => _options.Scope == CrawlScope.Domain ? _options.PublicSuffixes.DomainOf(host) : host;

    static bool IsBinary(string path)
    {
        var dot = path.LastIndexOf('.');
        return dot > path.LastIndexOf('/') && path.Length - dot <= 6 && s_binary.Contains(path.AsSpan(dot + 1));
    }
}
