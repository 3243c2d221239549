using Noos.Core.Network;
using Noos.Corpus.Crawling.Fetching;
using Noos.Corpus.Crawling.Rendering;

namespace Noos.Corpus.Crawling;

/// <summary>What a crawler needs from outside.</summary>
/// <param name="Http">Of an <see cref="EgressGuard"/> with the options of <see cref="EgressFor"/>.</param>
/// <param name="Names">The resolver of that guard.</param>
/// <param name="TimeProvider">Says how long a pause is.</param>
public sealed record CrawlServices(HttpClient Http, NameResolver Names, TimeProvider TimeProvider)
{
    /// <summary>Builds pages that only their scripts build; null where none are built. Its owner disposes of it.</summary>
    public ChromiumBrowser? Browser { get; init; }

    /// <summary>What a crawl may do on its way out of the machine: everything that is public, as it is sent, one hop at a time.</summary>
    public static EgressOptions EgressFor(CrawlOptions options, NameResolver names, IReadOnlyList<string>? privateHosts = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(names);
        return new EgressOptions
        {
            FollowsRedirects = false,
            Unpacks = false,
            // Longer bodies are cut by the crawler, not refused.
            MaxResponseBytes = long.MaxValue,
            Timeout = options.Timeout,
            Reconnects = false,
            PrivateHosts = privateHosts ?? [],
            Resolve = names.ResolveAsync,
        };
    }
}
