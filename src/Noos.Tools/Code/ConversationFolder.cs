using System.Text;
using Noos.Core;
using Noos.Core.Text;
using Noos.Tools.Code.Sandboxing;

namespace Noos.Tools.Code;

/// <summary>
/// The folder that code of a conversation works in, as the code of this program may touch it: confined code may have put anything there, so
/// no link is followed, and nothing but regular files is opened.
/// </summary>
/// <param name="path">The folder.</param>
sealed class ConversationFolder(string path)
{
    const int MaxListed = 2000;

    /// <summary>Bytes of a file that is read or written whole.</summary>
    public const int MaxFileLength = 64 << 20;

    public string Path => path;

    /// <summary>Reads a text file whole.</summary>
    /// <exception cref="NoosException">It is not there, or too long.</exception>
    public string ReadText(string name)
    {
        using var stream = Open(name);
        if (stream.Length > MaxFileLength)
        {
            throw new NoosException(
                $"The file {name} has {ByteSize.Format(stream.Length)}; at most {ByteSize.Format(MaxFileLength)} can be read.");
        }

        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Reads a file whole; null where it is not there or longer.</summary>
    public byte[]? TryReadBytes(string name, int maxLength)
    {
        using var handle = SystemCalls.OpenBeneath(path, name);
        if (handle is null)
        {
            return null;
        }

        using var stream = new FileStream(handle, FileAccess.Read);
        if (stream.Length > maxLength)
        {
            return null;
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Makes or replaces a text file.</summary>
    /// <exception cref="NoosException">It cannot be written, or the text is too long.</exception>
    public void WriteText(string name, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxFileLength)
        {
            throw new NoosException($"At most {ByteSize.Format(MaxFileLength)} can be written into a file.");
        }

        using var handle = IsPlain(name) ? SystemCalls.CreateBeneath(path, name, SandboxUser.For(path)) : null;
        if (handle is null)
        {
            throw new NoosException($"There can be no file \"{name}\" here; give a name without folders, such as result.csv.");
        }

        RandomAccess.Write(handle, Encoding.UTF8.GetBytes(text), 0);
    }

    /// <summary>All regular files, by their path in the folder; of very many only some.</summary>
    public Dictionary<string, FileStatus> List()
    {
        var files = new Dictionary<string, FileStatus>(StringComparer.Ordinal);
        var pending = new Stack<string>([""]);
        while (files.Count < MaxListed && pending.TryPop(out var folder))
        {
            try
            {
                foreach (var entry in Directory.EnumerateFileSystemEntries(System.IO.Path.Combine(path, folder)))
                {
                    var name = System.IO.Path.Combine(folder, System.IO.Path.GetFileName(entry));
                    if (SystemCalls.FindStatus(entry) is not { } status)
                    {
                        continue;
                    }

                    if (status.IsRegular)
                    {
                        files[name] = status;
                    }
                    else if (status.IsFolder && System.IO.Path.GetFileName(entry) != "__pycache__")
                    {
                        pending.Push(name);
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has just been removed.
            }
        }

        return files;
    }

    FileStream Open(string name)
    {
        var handle = name.Length > 0 && !name.Contains('\0') ? SystemCalls.OpenBeneath(path, name) : null;
        return handle is null
            ? throw new NoosException(ErrorKind.NotFound, List() is { Count: > 0 } files
                ? $"There is no file \"{name}\" here; there are {string.Join(", ", files.Keys.Order(StringComparer.Ordinal).Take(20))}."
                : $"There is no file \"{name}\" here; the folder is empty.")
            : new FileStream(handle, FileAccess.Read);
    }

    static bool IsPlain(string name) =>
        name is { Length: > 0 and <= 200 } && name is not ("." or "..") && !name.Contains('/') && !name.Any(char.IsControl);
}
