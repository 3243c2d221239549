using System.Runtime.InteropServices;
using Noos.Core.Text;
using Noos.Core.Tools;
using Noos.Tools.Code.Sandboxing;

namespace Noos.Tools.Files;

/// <summary>Finds and opens the file that a call names.</summary>
static class ConversationFile
{
    const int MaxListedFiles = 50;

    // Old kernels, and some that only look like Linux, cannot.
    static readonly Lazy<bool> s_canOpenBeneath = new(() => OperatingSystem.IsLinux()
        && Directory.EnumerateFiles(AppContext.BaseDirectory).FirstOrDefault() is { } any
        && SystemCalls.OpenBeneath(AppContext.BaseDirectory, Path.GetFileName(any)) is { } handle && Close(handle));

    /// <summary>
    /// Where the file of a call lies: in the folder of the conversation, by its name or nearly its name; else where the call says.
    /// </summary>
    /// <exception cref="ToolException">There is none; the model reads which there are.</exception>
    public static string PathOf(string name, IToolContext context)
    {
        if (name.Contains('\0') || name.Length == 0)
        {
            throw new ToolException("The name of a file is missing.");
        }

        if (Path.IsPathRooted(name))
        {
            return name;
        }

        if (context.Folder is not { } folder)
        {
            throw new ToolException("No file was given in this conversation; ask the user to give one.");
        }

        if (File.Exists(Path.Combine(folder, name)) || Directory.Exists(Path.Combine(folder, name)))
        {
            return Path.Combine(folder, name);
        }

        var names = GivenFiles.List(folder);
        return names.Find(known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase)
                || string.Equals(Path.GetFileName(known), Path.GetFileName(name), StringComparison.OrdinalIgnoreCase)) is { } same
            ? Path.Combine(folder, same)
            : throw new ToolException(names.Count == 0
                ? "No file was given in this conversation; ask the user to give one."
                : $"There is no file \"{name}\"; there {(names.Count == 1 ? "is" : "are")} {string.Join(", ", NearestNames.Find(name, names)
                    .Concat(names).Distinct().Take(MaxListedFiles).Select(known => $"\"{known}\""))}.");
    }

    /// <summary>
    /// Opens a file in the folder of a conversation, where code may have put links anywhere, and may change them while this runs: there
    /// none is followed, whatever the gate saw before.
    /// </summary>
    /// <returns>Null where it lies elsewhere, or where this system has no such way: then it is opened as any file.</returns>
    /// <exception cref="ToolException">It is a link, a folder, or no plain file.</exception>
    public static FileStream? Open(string path, string? folder)
    {
        path = Path.GetFullPath(path);
        var name = GivenFiles.NameOf(path, folder);
        if (folder is null || Path.Combine(folder, name) != path || !s_canOpenBeneath.Value)
        {
            return null;
        }

        if (SystemCalls.OpenBeneath(folder, name) is { } handle)
        {
            return new FileStream(handle, FileAccess.Read, 1 << 16);
        }

        throw new ToolException(Directory.Exists(path)
            ? $"\"{name}\" is a folder; name a file in it."
            : $"\"{name}\" cannot be read: it is a link, or no plain file.");
    }

    static bool Close(SafeHandle handle)
    {
        handle.Dispose();
        return true;
    }
}
