using System.Globalization;
using Noos.Core;

namespace Noos.Training.Checkpoints;

/// <summary>
/// Exclusive use of a run folder: the operating system holds the lock and releases it when the process ends in whatever way, so no
/// stale lock is ever left.
/// </summary>
public sealed class RunLock : IDisposable
{
    const string FileName = ".lock";
    const string OwnerName = ".lock.pid";

    readonly FileStream _stream;
    readonly string _owner;

    RunLock(FileStream stream, string owner)
    {
        _stream = stream;
        _owner = owner;
    }

    /// <exception cref="NoosException">Another process trains in this folder, or the folder cannot be written.</exception>
    public static RunLock Acquire(string folder)
    {
        // A locked file cannot be read by others, so the owner's number stands beside it.
        var owner = Path.Combine(folder, OwnerName);
        try
        {
            Directory.CreateDirectory(folder);
            var stream = new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(owner, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new RunLock(stream, owner);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new NoosException(
                ErrorKind.Refused, $"The run folder '{folder}' cannot be written; check its permissions or choose another folder.", e);
        }
        catch (IOException e) when (File.Exists(Path.Combine(folder, FileName)) && ReadOwner(owner) is { } id)
        {
            throw new NoosException(ErrorKind.Busy,
                $"The run '{folder}' is in use by process {id}; wait until it ends or stop it, or choose another run folder.", e);
        }
        catch (IOException e)
        {
            throw new NoosException(
                ErrorKind.Unavailable, $"The run folder '{folder}' cannot be locked; the system says: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>Releases the folder. The lock file stays: deleting it could unlock a run that has just taken it.</summary>
    public void Dispose()
    {
        try
        {
            File.Delete(_owner);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Only a note for people.
        }

        _stream.Dispose();
    }

    static string? ReadOwner(string path)
    {
        try
        {
            return File.ReadAllText(path) is { Length: > 0 and < 20 } text ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
