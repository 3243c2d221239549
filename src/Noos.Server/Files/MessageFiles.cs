using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Tools.Files;

namespace Noos.Server.Files;

/// <summary>
/// Puts the files that come with a message into the folder of its conversation, and tells the model what is in them: all of a small file,
/// an overview of a large one, as the model counts. Thread-safe.
/// </summary>
/// <param name="cpu">Counts; null where no model runs.</param>
/// <param name="model">Which of its models reads the message; null for the usual one.</param>
/// <param name="maxLength">Bytes of a file.</param>
public sealed class MessageFiles(ICpu? cpu, CpuInfo? model = null, long maxLength = GivenFiles.UsualMaxLength)
{
    /// <summary>The scheme of a file that the folder has already: <c>file-id:report.pdf</c>.</summary>
    internal const string IdScheme = "file-id:";

    const string Base64 = ";base64,";

    readonly FileAttachments _attachments = new();

    /// <summary>A message with files that the folder has.</summary>
    /// <exception cref="NoosException">One is damaged, has a password, or is too large to be read.</exception>
    public async Task<Message> AttachAsync(
        Message message, IReadOnlyList<GivenFile> files, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(files);
        if (files.Count == 0)
        {
            return message;
        }

        var parts = await _attachments.CreateAsync(
            [.. files.Select(file => (file.Path, file.Name))], PromptBudget.ForWindow((model ?? cpu?.Info)?.MaxTokens, Count),
            cancellationToken);
        return message with { Parts = [.. parts, .. message.Parts] };
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
        foreach (var part in message.Parts.OfType<FilePart>())
        {
            files.Add(await StoreAsync(part, folder, cancellationToken));
        }

        try
        {
            return await AttachAsync(
                message with { Parts = [.. message.Parts.Where(part => part is not FilePart)] }, files, cancellationToken);
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

    int? Count(string text) => cpu?.CountTokens(Conversation.From(Message.User(text)), []);
}
