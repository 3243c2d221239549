using System.Text.Json;
using System.Text.RegularExpressions;

namespace Noos.Cpus.Library;

/// <summary>
/// The models that Ollama keeps: <c>manifests/HOST/OWNER/NAME/TAG</c> is JSON with layers, of which one is the GGUF file
/// <c>blobs/sha256-DIGEST</c>. They are only read.
/// </summary>
static partial class OllamaModels
{
    const string Manifests = "manifests";
    const string ModelLayer = "application/vnd.ollama.image.model";
    const string UsualHost = "registry.ollama.ai";
    const string UsualOwner = "library";
    const string UsualTag = "latest";
    const long MaxManifestBytes = 1 << 20;

    static readonly EnumerationOptions s_tags = new() { RecurseSubdirectories = true, MaxRecursionDepth = 4, IgnoreInaccessible = true };

    /// <summary>Of all folders; one that does not exist has none.</summary>
    public static IReadOnlyList<StoredModel> List(IEnumerable<string> folders) => [.. folders.SelectMany(ListFolder)];

    static IReadOnlyList<StoredModel> ListFolder(string folder)
    {
        var manifests = Path.Combine(folder, Manifests);
        if (!Directory.Exists(manifests))
        {
            return [];
        }

        return
        [
            .. from manifest in Directory.EnumerateFiles(manifests, "*", s_tags)
               let name = Name(Path.GetRelativePath(manifests, manifest).Replace('\\', '/').Split('/'))
               where name is not null
               let blob = Blob(folder, manifest)
               where blob is not null
               orderby name
               select new StoredModel(name, blob, ModelOrigin.Ollama, folder, [blob], IsWhole: true)
               {
                   Aliases = name.EndsWith($":{UsualTag}", StringComparison.Ordinal) ? [name[..^(UsualTag.Length + 1)]] : [],
               },
        ];
    }

    /// <summary>As Ollama writes it: the usual host and owner are left out.</summary>
    static string? Name(string[] path) => path switch
    {
        [UsualHost, UsualOwner, var name, var tag] => $"{name}:{tag}",
        [UsualHost, var owner, var name, var tag] => $"{owner}/{name}:{tag}",
        [var host, var owner, var name, var tag] => $"{host}/{owner}/{name}:{tag}",
        _ => null,
    };

    /// <summary>The GGUF file of a manifest; null when it has none or is damaged.</summary>
    static string? Blob(string folder, string manifest)
    {
        try
        {
            if (new FileInfo(manifest).Length > MaxManifestBytes)
            {
                return null;
            }

            using var document = JsonDocument.Parse(File.ReadAllBytes(manifest));
            foreach (var layer in document.RootElement.GetProperty("layers").EnumerateArray())
            {
                if (layer.GetProperty("mediaType").GetString() == ModelLayer
                    && layer.GetProperty("digest").GetString() is { } digest
                    && Digest().IsMatch(digest))
                {
                    var blob = Path.Combine(folder, "blobs", digest.Replace(':', '-'));
                    return File.Exists(blob) ? blob : null;
                }
            }
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // Someone else's library: what cannot be read in it is not offered.
        }

        return null;
    }

    [GeneratedRegex(@"\Asha256:[0-9a-f]{64}\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Digest();
}
