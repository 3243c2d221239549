using Noos.Core;

namespace Noos.Corpus.Crawling.Partitions;

/// <summary>
/// The processes that work on one crawl: a locked file each. The system lets go of the lock however a process ends, so that nobody is
/// waited for who is dead, and nobody is taken for dead who only is slow: no clock is asked. Thread-safe.
/// </summary>
sealed class CrawlMembers : IDisposable
{
    const string FolderName = "members";
    const string Extension = ".lock";
    const int MaxTries = 10;

    // How long a look at the others counts.
    static readonly TimeSpan s_lifetime = TimeSpan.FromMilliseconds(500);

    readonly string _folder;
    readonly FileStream _own;
    readonly TimeProvider _timeProvider;
    readonly Lock _lock = new();
    HashSet<string> _alive;
    long _seenAt;

    CrawlMembers(string folder, string name, FileStream own, TimeProvider timeProvider)
    {
        (_folder, Name, _own, _timeProvider) = (folder, name, own, timeProvider);
        _alive = [name];
        _seenAt = timeProvider.GetTimestamp() - (long)(s_lifetime.TotalSeconds * timeProvider.TimestampFrequency) - 1;
    }

    /// <summary>This process among them.</summary>
    public string Name { get; }

    /// <summary>Joins those of a crawl.</summary>
    public static CrawlMembers Join(string root, TimeProvider timeProvider)
    {
        var folder = Path.Combine(root, FolderName);
        Directory.CreateDirectory(folder);
        for (var tries = 1; ; tries++)
        {
            // Between its creation and its lock somebody may look at the file and take it for one that was left.
            var name = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
            if (FileLock.TryTake(Path.Combine(folder, name + Extension)) is { } own)
            {
                return new CrawlMembers(folder, name, own, timeProvider);
            }

            if (tries == MaxTries)
            {
                throw new NoosException(
                    ErrorKind.Busy, $"'{folder}' cannot be locked; give a folder on a file system that knows locks.");
            }
        }
    }

    /// <summary>How many are alive, this one counted.</summary>
    public int Count => Look().Count;

    /// <summary>Whether a member still works.</summary>
    public bool IsAlive(string name) => Look().Contains(name);

    public void Dispose()
    {
        _own.Dispose();
        File.Delete(_own.Name);
    }

    HashSet<string> Look()
    {
        lock (_lock)
        {
            if (_timeProvider.GetElapsedTime(_seenAt) < s_lifetime)
            {
                return _alive;
            }

            var alive = new HashSet<string>(StringComparer.Ordinal) { Name };
            foreach (var path in Directory.GetFiles(_folder, "*" + Extension))
            {
                var name = Path.GetFileNameWithoutExtension(path);
                if (name == Name)
                {
                    continue;
                }

                // Whose lock can be had is no more.
                using var taken = FileLock.TryTake(path, mustExist: true);
                if (taken is not null)
                {
                    File.Delete(path);
                }
                else if (File.Exists(path))
                {
                    alive.Add(name);
                }
            }

            (_alive, _seenAt) = (alive, _timeProvider.GetTimestamp());
            return alive;
        }
    }
}
