using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Noos.Pages.Hosting;

/// <summary>
/// The files of the pages, inside the assembly: style, scripts, icon. An address with the file's checksum may be kept by the browser for
/// ever. Thread-safe.
/// </summary>
sealed class PageAssets
{
    const string Prefix = "page/";

    static readonly Dictionary<string, string> s_types = new(StringComparer.Ordinal)
    {
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".webmanifest"] = "application/manifest+json",
    };

    readonly FrozenDictionary<string, Asset> _assets = Load().ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);

    /// <summary>The address of a file, relative to the base of the page.</summary>
    public string Address(string name) => $"{PathOf(name)}?v={_assets[name].Version}";

    /// <summary>Serves all of them.</summary>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var asset in _assets.Values)
        {
            endpoints.MapGet("/" + PathOf(asset.Name), http => SendAsync(http, asset));
        }
    }

    // The script of Blazor finds its server beside the folder in which it lies.
    static string PathOf(string name) => name == "blazor.web.js" ? "_framework/" + name : name;

    static Task SendAsync(HttpContext http, Asset asset)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = http.Request.Query.ContainsKey("v") ? "public, max-age=31536000, immutable" : "no-cache";
        PageHeaders.Set(http.Response);
        headers.ETag = $"\"{asset.Version}\"";
        headers.Vary = "Accept-Encoding";
        if (http.Request.Headers.IfNoneMatch.ToString() == headers.ETag.ToString())
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        http.Response.ContentType = asset.Type;
        var isPacked = http.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.Ordinal);
        var content = isPacked ? asset.Packed : asset.Content;
        if (isPacked)
        {
            headers.ContentEncoding = "br";
        }

        http.Response.ContentLength = content.Length;
        return http.Response.Body.WriteAsync(content, http.RequestAborted).AsTask();
    }

    static IEnumerable<Asset> Load()
    {
        var assembly = typeof(PageAssets).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var content = new MemoryStream();
            stream.CopyTo(content);
            yield return new Asset(resource[Prefix.Length..], content.ToArray());
        }
    }

    sealed class Asset(string name, byte[] content)
    {
        // Packed when it is first asked for: a start that nobody looks at does not wait for it.
        readonly Lazy<byte[]> _packed = new(() => Pack(content));

        public string Name => name;

        public byte[] Content => content;

        public byte[] Packed => _packed.Value;

        public string Type { get; } = s_types[Path.GetExtension(name)];

        public string Version { get; } = Convert.ToHexStringLower(SHA256.HashData(content))[..16];

        static byte[] Pack(byte[] content)
        {
            using var packed = new MemoryStream();
            using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal))
            {
                brotli.Write(content);
            }

            return packed.ToArray();
        }
    }
}
