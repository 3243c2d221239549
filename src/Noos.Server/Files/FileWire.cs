using Noos.Kernel.Processes;

namespace Noos.Server.Files;

/// <param name="Data">By their names; of an upload in the order of the request.</param>
public sealed record FileList(IReadOnlyList<FileEntry> Data);

/// <param name="Name">By which messages and tools name it.</param>
/// <param name="Bytes">Its length.</param>
public sealed record FileEntry(string Name, long Bytes)
{
    internal static FileEntry From(GivenFile file) => new(file.Name, file.Length);
}
