using System.Text.Json;
using Noos.Core;

namespace Noos.Cpus.Hub;

/// <summary>The files of a repository on the hub, with sizes and checksums.</summary>
/// <remarks>
/// The listing names a commit and the files are then asked for by that commit, so that all belong together even when the owner changes
/// something meanwhile.
/// </remarks>
sealed class HubRepository(HubConnection connection, HubOptions options)
{
    const long MaxListingBytes = 64 << 20;

    /// <exception cref="NoosException">The repository cannot be listed.</exception>
    /// <exception cref="TransientException">Another attempt may succeed.</exception>
    public async Task<IReadOnlyList<HubFile>> ListAsync(string repository, string revision, CancellationToken cancellationToken)
    {
        var address = new Uri(options.Endpoint, $"api/models/{repository}/revision/{revision}?blobs=true");
        using var response = await connection.GetAsync(address, 0, null, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw HubRefusal.Explain(response, options, repository, revision == "main" ? "list of files" : $"revision '{revision}'");
        }

        byte[] text;
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxListingBytes, cancellationToken);
            text = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new TransientException($"the connection to {address.Authority} was cut", e);
        }

        return Parse(text, options.Endpoint, repository, revision);
    }

    /// <exception cref="NoosException"><see cref="ErrorKind.Damaged"/>: it is no listing.</exception>
    internal static IReadOnlyList<HubFile> Parse(byte[] text, Uri endpoint, string repository, string revision)
    {
        try
        {
            return Read(text, endpoint, repository, revision);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new NoosException(
                ErrorKind.Damaged,
                $"What {endpoint.Authority} answers is no list of files; check the endpoint (--endpoint or HF_ENDPOINT).", e);
        }
    }

    static List<HubFile> Read(byte[] text, Uri endpoint, string repository, string revision)
    {
        using var document = JsonDocument.Parse(text);
        var commit = document.RootElement.TryGetProperty("sha", out var sha)
            && sha.GetString() is { Length: > 0 } known
            && known.All(char.IsAsciiLetterOrDigit) ? known : revision;
        var files = new List<HubFile>();
        foreach (var sibling in document.RootElement.GetProperty("siblings").EnumerateArray())
        {
            var path = sibling.GetProperty("rfilename").GetString() ?? "";
            if (!ModelReference.IsPath(path))
            {
                // A name that would lead out of the folder of models, or none: nobody can want that file.
                continue;
            }

            var large = sibling.TryGetProperty("lfs", out var stored) && stored.ValueKind == JsonValueKind.Object
                ? stored
                : default(JsonElement?);
            files.Add(new HubFile(
                path,
                new Uri(endpoint, $"{repository}/resolve/{commit}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}"),
                Size(large) ?? Size(sibling),
                Checksum(large)));
        }

        return files;
    }

    static long? Size(JsonElement? file) =>
        file is { } some
            && some.TryGetProperty("size", out var size)
            && size.ValueKind == JsonValueKind.Number
            && size.TryGetInt64(out var bytes)
            && bytes >= 0 ? bytes : null;

    static string? Checksum(JsonElement? file)
    {
        var digits = file is not { } some ? null
            : some.TryGetProperty("sha256", out var sha) ? sha.GetString()
            : some.TryGetProperty("oid", out var oid) ? oid.GetString()
            : null;
        return digits is { Length: 64 } && digits.All(char.IsAsciiHexDigit) ? digits.ToLowerInvariant() : null;
    }
}
