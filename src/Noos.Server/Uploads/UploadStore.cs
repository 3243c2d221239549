using System.Collections.Concurrent;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Storage;
using Noos.Kernel.Processes;
using Noos.Server.Files;

namespace Noos.Server.Uploads;

/// <summary>
/// Files that requests name by their ids, each in a folder of its own with a note of whose it is. Without a folder they are gone with the
/// server. Thread-safe.
/// </summary>
/// <param name="options">Where they lie, and what they may take.</param>
/// <param name="timeProvider">The clock of their ages.</param>
sealed class UploadStore(ServerOptions options, TimeProvider timeProvider) : IDisposable
{
    const string IdStart = "file-";
    const string NoteName = ".upload.json";

    // So that many tiny files have a limit, too.
    const long MinCost = 4096;

    // A picture is handed to the model within the request.
    const long MaxPictureLength = 20 << 20;

    readonly Lazy<(string Path, ConcurrentDictionary<string, Upload> All)> _folder = new(() => Open(options.UploadFolder));

    ConcurrentDictionary<string, Upload> All => _folder.Value.All;

    /// <summary>The part is, or names, a file.</summary>
    public static bool IsFile(Part part) => part is FilePart || (part is ImagePart image && IsId(image.Uri));

    /// <summary>Keeps a file; nothing stays where it fails.</summary>
    /// <exception cref="NoosException">It is too long, there is no room, or the disk is full.</exception>
    public async Task<Upload> AddAsync(
        string owner, string name, string purpose, Stream content, TimeSpan? life, CancellationToken cancellationToken)
    {
        RemoveExpired();
        var room = options.MaxUploadBytes - All.Values.Sum(upload => Math.Max(upload.Bytes, MinCost));
        if (room < MinCost)
        {
            throw Full();
        }

        var id = IdStart + Guid.NewGuid().ToString("N");
        var folder = Path.Combine(_folder.Value.Path, id);
        try
        {
            var file = await GivenFiles.StoreAsync(folder, name, content, options.MaxFileLength, cancellationToken);
            if (file.Length > room)
            {
                throw Full();
            }

            var now = timeProvider.GetUtcNow();
            var upload = new Upload(
                id, owner, file.Name, purpose, file.Length, now.ToUnixTimeSeconds(),
                life is null ? null : (now + life.Value).ToUnixTimeSeconds());
            AtomicFile.Write(
                Path.Combine(folder, NoteName), stream => JsonSerializer.Serialize(stream, upload, UploadJson.Default.Upload));
            return All[id] = upload;
        }
        finally
        {
            if (!All.ContainsKey(id) && Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Those of an owner, the oldest first.</summary>
    public IReadOnlyList<Upload> List(string owner)
    {
        RemoveExpired();
        return
        [
            .. All.Values.Where(upload => upload.Owner == owner).OrderBy(upload => upload.CreatedAt)
                .ThenBy(upload => upload.Id, StringComparer.Ordinal),
        ];
    }

    /// <summary>One of an owner.</summary>
    /// <exception cref="NoosException">There is none of this id that is his (NotFound).</exception>
    public Upload Get(string owner, string id)
    {
        RemoveExpired();
        return All.TryGetValue(id, out var upload) && upload.Owner == owner ? upload : throw new NoosException(
            ErrorKind.NotFound, $"There is no file '{id}' here; POST it to /v1/files first, GET /v1/files lists those that there are.");
    }

    /// <summary>Where its content lies.</summary>
    public string PathOf(Upload upload) => Path.Combine(_folder.Value.Path, upload.Id, upload.Filename);

    /// <summary>Deletes one of an owner.</summary>
    /// <exception cref="NoosException">There is none of this id that is his (NotFound).</exception>
    public void Remove(string owner, string id) => Delete(Get(owner, id));

    /// <summary>The message with the files that it names copied into a folder, and the pictures that it names in itself.</summary>
    /// <exception cref="NoosException">One is not there (NotFound).</exception>
    public async Task<Message> BringAsync(string owner, Message message, string folder, CancellationToken cancellationToken)
    {
        if (!message.Parts.Any(part => part is FilePart file ? IsId(file.Uri) : part is ImagePart image && IsId(image.Uri)))
        {
            return message;
        }

        var parts = new List<Part>(message.Parts.Count);
        foreach (var part in message.Parts)
        {
            parts.Add(part switch
            {
                FilePart file when IsId(file.Uri) => await CopyAsync(Get(owner, IdOf(file.Uri)), folder, cancellationToken),
                ImagePart image when IsId(image.Uri) => await ShowAsync(Get(owner, IdOf(image.Uri)), cancellationToken),
                _ => part,
            });
        }

        return message with { Parts = parts };
    }

    public void Dispose()
    {
        if (options.UploadFolder is null && _folder.IsValueCreated)
        {
            Directory.Delete(_folder.Value.Path, recursive: true);
        }
    }

    static (string Path, ConcurrentDictionary<string, Upload> All) Open(string? folder)
    {
        var all = new ConcurrentDictionary<string, Upload>(StringComparer.Ordinal);
        if (folder is null)
        {
            return (Directory.CreateTempSubdirectory("noos-uploads-").FullName, all);
        }

        Directory.CreateDirectory(folder);
        foreach (var path in Directory.EnumerateDirectories(folder, IdStart + "*"))
        {
            // What a crash has left half, or somebody has changed, is not shown.
            if (Read(Path.Combine(path, NoteName)) is { } upload && upload.Id == Path.GetFileName(path)
                && File.Exists(Path.Combine(path, upload.Filename)))
            {
                all[upload.Id] = upload;
            }
        }

        return (folder, all);
    }

    static Upload? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), UploadJson.Default.Upload);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    static bool IsId(string uri) => uri.StartsWith(MessageFiles.IdScheme, StringComparison.Ordinal);

    static string IdOf(string uri) => uri[MessageFiles.IdScheme.Length..];

    async Task<Part> CopyAsync(Upload upload, string folder, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(PathOf(upload));
        var copy = await GivenFiles.StoreAsync(folder, upload.Filename, content, options.MaxFileLength, cancellationToken);
        return new FilePart(MessageFiles.IdScheme + copy.Name, copy.Name);
    }

    async Task<Part> ShowAsync(Upload upload, CancellationToken cancellationToken)
    {
        var type = Path.GetExtension(upload.Filename).ToLowerInvariant() switch
        {
            ".png" => "image/png",
            ".jpg" or ".jpeg" => "image/jpeg",
            ".gif" => "image/gif",
            ".webp" => "image/webp",
            _ => null,
        };
        if (type is null || upload.Bytes > MaxPictureLength)
        {
            throw new NoosException(
                $"'{upload.Filename}' cannot be shown; pictures are PNG, JPEG, GIF or WebP of at most {MaxPictureLength >> 20} MiB.");
        }

        var bytes = await File.ReadAllBytesAsync(PathOf(upload), cancellationToken);
        return new ImagePart($"data:{type};base64,{Convert.ToBase64String(bytes)}", type);
    }

    void RemoveExpired()
    {
        var now = timeProvider.GetUtcNow().ToUnixTimeSeconds();
        foreach (var upload in All.Values.Where(upload => upload.ExpiresAt <= now))
        {
            Delete(upload);
        }
    }

    void Delete(Upload upload)
    {
        if (!All.TryRemove(upload.Id, out _))
        {
            return;
        }

        try
        {
            // The note first: half of a file is none.
            File.Delete(Path.Combine(_folder.Value.Path, upload.Id, NoteName));
            Directory.Delete(Path.Combine(_folder.Value.Path, upload.Id), recursive: true);
        }
        catch (IOException)
        {
            // Somebody reads it; without its note it is not found again.
        }
    }

    NoosException Full() => new(
        ErrorKind.Refused,
        $"Uploaded files may take {options.MaxUploadBytes >> 20} MiB here (--max-uploads); delete some (DELETE /v1/files/ID) first.");
}
