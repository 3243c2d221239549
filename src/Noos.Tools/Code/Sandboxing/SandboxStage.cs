using System.Globalization;
using Noos.Core;

namespace Noos.Tools.Code.Sandboxing;

/// <summary>
/// A folder for one session, outside of every home: the launchers, temporary files, and where Noos runs as root the place at which the
/// folder of the process is mounted, because its own path leads through folders that only root may enter.
/// </summary>
sealed class SandboxStage : IDisposable
{
    const string Prefix = "noos-sandbox-";

    static int s_count;

    /// <param name="root">Where such folders are made.</param>
    /// <param name="user">Who is to pass through it; null for the user of Noos alone.</param>
    public SandboxStage(string root, int? user)
    {
        RemoveLeftovers(root);
        Folder = Path.Combine(root, string.Create(
            CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}-{Guid.NewGuid():N}"));
        try
        {
            // The user of the program owns nothing in it, but must get through to what he is shown.
            FileModes.CreateFolder(Folder, user is null ? FileModes.Private : FileModes.Passable);
            Temporary = FileModes.CreateFolder(Path.Combine(Folder, "tmp"), FileModes.Private);
            MountPoint = FileModes.CreateFolder(Path.Combine(Folder, "work"), FileModes.Passable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(
                ErrorKind.Unavailable,
                $"The sandbox cannot make its folder below {root}: {e.Message} Set TMPDIR to a folder that it can use.", e);
        }

        if (user is { } owner)
        {
            SystemCalls.TryChangeOwner(Temporary, owner);
        }
    }

    public string Folder { get; }

    /// <summary>For temporary files, where the sandbox has none of its own.</summary>
    public string Temporary { get; }

    /// <summary>An empty folder to mount something at.</summary>
    public string MountPoint { get; }

    /// <summary>Writes a program into the folder.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, byte[] program)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, program);
        FileModes.Set(path, FileModes.Program);
        return path;
    }

    public void Dispose() => TryDelete(Folder);

    // Noos was killed before it could remove them. The name has its process id, which by now nobody or somebody else has.
    static void RemoveLeftovers(string root)
    {
        foreach (var folder in Directory.EnumerateDirectories(root, Prefix + "*"))
        {
            var fields = Path.GetFileName(folder)[Prefix.Length..].Split('-');
            if (int.TryParse(fields[0], CultureInfo.InvariantCulture, out var process) && !Directory.Exists($"/proc/{process}"))
            {
                TryDelete(folder);
            }
        }
    }

    static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else's, or a program has just been killed and is still going: the next session tries again.
        }
    }
}
