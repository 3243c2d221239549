using System.Text;
using System.Xml;
using Noos.Corpus.Archive;

namespace Noos.Corpus.Crawling.Links;

/// <summary>
/// Reads sitemaps as sitemaps.org has them, and what sites put in their place: indexes of sitemaps, RSS and Atom feeds, lists of addresses,
/// packed or not. What is broken gives what stands before the damage.
/// </summary>
static class SitemapReader
{
    // Of the protocol.
    const int MaxAddresses = 50_000;

    static readonly XmlReaderSettings s_settings = new()
    {
        DtdProcessing = DtdProcessing.Ignore,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreWhitespace = true,
        MaxCharactersFromEntities = 1024,
        CheckCharacters = false,
    };

    /// <summary>Reads a sitemap.</summary>
    /// <param name="content">Its bytes; a file in gzip is unpacked.</param>
    /// <param name="maxBytes">Longest sitemap, unpacked.</param>
    public static Sitemap Read(byte[] content, int maxBytes)
    {
        if (content.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            content = ContentCoding.Decode(content, "gzip", maxBytes);
        }

        var start = content.AsSpan(0, Math.Min(content.Length, 512)).TrimStart("\uFEFF \t\r\n"u8);
        return start.StartsWith("<"u8) ? ReadXml(content) : ReadLines(content);
    }

    static Sitemap ReadLines(byte[] content)
    {
        var sitemap = new Sitemap();
        foreach (var line in Encoding.UTF8.GetString(content).AsSpan().EnumerateLines())
        {
            var address = line.Trim().Trim('\uFEFF');
            if (sitemap.Pages.Count < MaxAddresses && address.StartsWith("http", StringComparison.OrdinalIgnoreCase))
            {
                sitemap.Pages.Add(address.ToString());
            }
        }

        return sitemap;
    }

    static Sitemap ReadXml(byte[] content)
    {
        var sitemap = new Sitemap();
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(content), s_settings);
            var parent = "";
            while (sitemap.Pages.Count + sitemap.Sitemaps.Count < MaxAddresses && reader.Read())
            {
                if (reader.NodeType != XmlNodeType.Element)
                {
                    continue;
                }

                switch (reader.LocalName)
                {
                    case "url" or "sitemap" or "item" or "entry" or "channel" or "feed":
                        parent = reader.LocalName;
                        break;
                    case "loc" when parent is "url" or "sitemap" && !reader.Prefix.Contains("image", StringComparison.Ordinal):
                        Add(parent == "sitemap" ? sitemap.Sitemaps : sitemap.Pages, Text(reader));
                        break;
                    case "link" when parent == "item":
                        Add(sitemap.Pages, Text(reader));
                        break;
                    case "link" when parent == "entry" && reader.GetAttribute("rel") is null or "alternate":
                        Add(sitemap.Pages, reader.GetAttribute("href"));
                        break;
                }
            }
        }
        catch (XmlException)
        {
            // Cut in the middle, for one.
        }

        return sitemap;

        static string? Text(XmlReader reader) => reader.IsEmptyElement ? null : reader.Read() && reader.HasValue ? reader.Value : null;

        static void Add(List<string> list, string? address)
        {
            if (address?.Trim() is { Length: > 0 } text)
            {
                list.Add(text);
            }
        }
    }
}
