using Noos.Core.Conversations;
using Noos.Kernel.Processes;

namespace Noos.Cpus.ChatClients;

/// <summary>
/// A picture among the files of a conversation, with its content: the history has only its name and what the eye reported of it, which is
/// for models that read text.
/// </summary>
static class ShownPicture
{
    // What endpoints take, and what a request can carry.
    const long MaxBytes = 20 << 20;

    static readonly string[] s_shown = ["image/png", "image/jpeg", "image/gif", "image/webp"];

    /// <summary>Null where the file is no picture, is not there any more, or is too large: then its report is told.</summary>
    /// <param name="file">Of a message.</param>
    /// <param name="folder">Of its conversation; null for none.</param>
    public static Part? Find(FilePart file, string? folder)
    {
        if (folder is null || file.MediaType is not { } type || !s_shown.Contains(type)
            || GivenFiles.List(folder).FirstOrDefault(given => given.Name == file.Name) is not { Length: > 0 and <= MaxBytes } picture)
        {
            return null;
        }

        try
        {
            return new ImagePart($"data:{type};base64,{Convert.ToBase64String(File.ReadAllBytes(picture.Path))}", type);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It went between the look and the reading.
            return null;
        }
    }
}
