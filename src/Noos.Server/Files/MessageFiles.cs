using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Devices;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Media.Images;
using Noos.Tools.Files;

namespace Noos.Server.Files;

/// <summary>
/// Puts the files that come with a message into the folder of its conversation, and tells the model what is in them: all of a small file,
/// an overview of a large one, as the model counts. Thread-safe.
/// </summary>
/// <param name="cpu">Counts; null where no model runs.</param>
/// <param name="model">Which of its models reads the message; null for the usual one.</param>
/// <param name="eye">Reports what pictures show; null where they stay unseen.</param>
/// <param name="maxLength">Bytes of a file.</param>
public sealed class MessageFiles(
    ICpu? cpu, CpuInfo? model = null, IEye? eye = null, long maxLength = GivenFiles.UsualMaxLength)
{
    /// <summary>The scheme of a file that the folder has already: <c>file-id:report.pdf</c>.</summary>
    internal const string IdScheme = "file-id:";

    const string Base64 = ";base64,";
    const int HeadLength = 64;

    // Characters of a report, where the window of the model is unknown or large; a small one gets a part that fits.
    const int MaxReport = 3000;
    const int MinReport = 400;
    const int WindowPerReport = 4;

    readonly FileAttachments _attachments = new();

    /// <summary>A message with files that the folder has.</summary>
    /// <exception cref="NoosException">One is damaged, has a password, or is too large to be read.</exception>
    public Task<Message> AttachAsync(
        Message message, IReadOnlyList<GivenFile> files, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(files);
        return files.Count == 0 ? Task.FromResult(message) : AttachAsync(message, files, IsPicture, cancellationToken);
    }

    async Task<Message> AttachAsync(
        Message message, IReadOnlyList<GivenFile> files, Predicate<GivenFile> isPicture, CancellationToken cancellationToken)
    {
        var pictures = new Dictionary<string, FilePart>(StringComparer.Ordinal);
        foreach (var file in eye is null ? [] : files.Where(file => isPicture(file)))
        {
            pictures[file.Path] = await LookAsync(file, files.Count, cancellationToken);
        }

        var read = new Queue<FilePart>(await _attachments.CreateAsync(
            [.. files.Where(file => !pictures.ContainsKey(file.Path)).Select(file => (file.Path, file.Name))],
            PromptBudget.ForWindow((model ?? cpu?.Info)?.MaxTokens, Count), cancellationToken));
        return message with
        {
            Parts = [.. files.Select(file => pictures.GetValueOrDefault(file.Path) ?? read.Dequeue()), .. message.Parts],
        };
    }

    /// <summary>A message whose files are in it, or named by it: those are stored in the folder, and all are read.</summary>
    /// <param name="message">As it came in a request.</param>
    /// <param name="folder">Of its conversation.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="NoosException">As of <see cref="AttachAsync(Message, IReadOnlyList{GivenFile}, CancellationToken)"/>.</exception>
    public async Task<Message> StoreAsync(Message message, string folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var files = new List<GivenFile>();
        // What came as a picture is one, or is refused.
        var pictures = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in message.Parts.OfType<FilePart>())
        {
            files.Add(await StoreAsync(part, folder, cancellationToken));
            if (part.MediaType?.StartsWith("image/", StringComparison.OrdinalIgnoreCase) == true)
            {
                pictures.Add(files[^1].Path);
            }
        }

        if (files.Count == 0)
        {
            return message;
        }

        try
        {
            return await AttachAsync(
                message with { Parts = [.. message.Parts.Where(part => part is not FilePart)] }, files,
                file => pictures.Contains(file.Path) || IsPicture(file), cancellationToken);
        }
        catch (NoosException exception) when (exception.Kind == ErrorKind.Damaged)
        {
            // Whoever asked has sent it: the fault is not the server's.
            throw new NoosException(exception.Message, exception);
        }
    }

    async Task<GivenFile> StoreAsync(FilePart part, string folder, CancellationToken cancellationToken)
    {
        if (part.Uri.StartsWith(IdScheme, StringComparison.Ordinal))
        {
            var name = part.Uri[IdScheme.Length..];
            return GivenFiles.List(folder).FirstOrDefault(file => file.Name == name) ?? throw new NoosException(
                ErrorKind.NotFound,
                $"There is no file '{name}' here; POST it to /api/processes/ID/files first, or send it as \"file_data\".");
        }

        // "data:application/pdf;base64,...", or the bytes alone, as some clients send them.
        var data = part.Uri.IndexOf(Base64, StringComparison.Ordinal) is var at and >= 0 ? part.Uri[(at + Base64.Length)..] : part.Uri;
        var content = new byte[(data.Length / 4 * 3) + 3];
        if (!Convert.TryFromBase64String(data, content, out var length))
        {
            throw new NoosException($"The \"file_data\" of '{part.Name}' is not Base64; send data:TYPE;base64, and then the bytes so.");
        }

        using var stream = new MemoryStream(content, 0, length);
        return await GivenFiles.StoreAsync(folder, part.Name, stream, maxLength, cancellationToken);
    }

    /// <summary>By its content: a name says what its giver likes.</summary>
    static bool IsPicture(GivenFile file)
    {
        Span<byte> head = stackalloc byte[HeadLength];
        using var content = File.OpenRead(file.Path);
        return ImageFile.FindFormat(head[..content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)]) is not null;
    }

    /// <summary>
    /// A picture with the report of it. Who sees the picture itself gets a short one, which stands for it where another model goes on.
    /// </summary>
    async Task<FilePart> LookAsync(GivenFile file, int count, CancellationToken cancellationToken)
    {
        var reader = model ?? cpu?.Info;
        var room = reader?.MaxTokens is { } window ? window * 3 / WindowPerReport / count : MaxReport;
        if (file.Length > ImageLimits.Default.MaxBytes)
        {
            throw new NoosException(
                $"'{file.Name}' is too large a picture to be looked at; {ImageLimits.Default.MaxBytes >> 20} MiB are the most.");
        }

        try
        {
            var report = await eye!.LookAsync(
                await File.ReadAllBytesAsync(file.Path, cancellationToken),
                new LookRequest
                {
                    IsBrief = reader?.Can.HasFlag(CpuFeatures.See) == true,
                    MaxLength = Math.Clamp(room, MinReport, MaxReport),
                },
                cancellationToken);
            return new FilePart(file.Name, file.Name, report.MediaType, report.Text) { Origin = Origin.File };
        }
        catch (NoosException exception) when (exception.Kind is ErrorKind.Refused or ErrorKind.Damaged or ErrorKind.Invalid)
        {
            // Several may have come: which one is it? That one is beyond a limit is the fault of who sent it, not of who may see it.
            throw new NoosException(
                exception.Kind == ErrorKind.Damaged ? ErrorKind.Damaged : ErrorKind.Invalid, $"'{file.Name}': {exception.Message}",
                exception);
        }
    }

    int? Count(string text) => cpu?.CountTokens(Conversation.From(Message.User(text)), []);
}
