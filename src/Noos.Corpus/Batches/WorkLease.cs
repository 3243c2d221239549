using System.Text;

namespace Noos.Corpus.Batches;

/// <summary>
/// A file that says that somebody works on a unit, with a heart that beats in it. It only saves work: two that hold one lease make the same
/// bytes, and the rename of either is whole.
/// </summary>
sealed class WorkLease : IDisposable
{
    readonly string _path;
    readonly string _owner;
    readonly ITimer _heart;
    readonly Lock _lock = new();
    long _beat;
    bool _isOver;

    WorkLease(string path, string owner, TimeSpan leaseTime, TimeProvider timeProvider)
    {
        (_path, _owner) = (path, owner);
        var interval = leaseTime / 4;
        _heart = timeProvider.CreateTimer(_ => Beat(), null, interval, interval);
    }

    /// <summary>Takes a lease that nobody has; null where somebody does.</summary>
    public static WorkLease? TryTake(string path, string owner, TimeSpan leaseTime, TimeProvider timeProvider)
    {
        try
        {
            // Atomic, on shared file systems too (O_EXCL of NFS 3 and later).
            using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read))
            {
                file.Write(Encoding.UTF8.GetBytes($"{owner} 0\n"));
            }

            return new WorkLease(path, owner, leaseTime, timeProvider);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    /// <summary>What stands in a lease; null where there is none.</summary>
    public static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
        }

        _heart.Dispose();
        if (TryRead(_path)?.StartsWith(_owner + " ", StringComparison.Ordinal) ?? false)
        {
            Delete(_path);
        }
    }

    /// <summary>Removes a lease, whosever it is.</summary>
    public static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It runs out by itself.
        }
    }

    void Beat()
    {
        lock (_lock)
        {
            // One that was taken over is left to who has it now.
            if (_isOver || !(TryRead(_path)?.StartsWith(_owner + " ", StringComparison.Ordinal) ?? false))
            {
                return;
            }

            try
            {
                File.WriteAllText(_path, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_owner} {++_beat}\n"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next beat may succeed; if none does, somebody else takes the unit and makes the same.
            }
        }
    }
}
