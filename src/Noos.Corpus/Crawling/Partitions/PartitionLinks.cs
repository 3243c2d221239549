using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Corpus.Addresses;
using Noos.Corpus.Crawling.Scheduling;

namespace Noos.Corpus.Crawling.Partitions;

/// <summary>
/// The links from one partition of a crawl to the others. Each partition appends what it finds of others to a file of its own before its
/// page counts as fetched, and reads the files of all others from where its frontier knows that it was: with the links that place is
/// written in one transaction, so that each has its effect once, whoever is killed when. No process talks to another. Not thread-safe but
/// for <see cref="IsOwn"/>.
/// </summary>
sealed class PartitionLinks : IDisposable
{
    const string LogName = "links.log";
    const string StateName = "state";
    const int MaxReadBytes = 4 << 20;

    readonly string _root;
    readonly int _number;
    readonly int _count;
    readonly PublicSuffixList _suffixes;
    readonly FileStream _log;
    readonly long[] _cursors;

    // Links of one site repeat from page to page.
    readonly long[] _sent = new long[1 << 16];
    long _activity;
    bool _isIdle;

    PartitionLinks(string root, int number, int count, PublicSuffixList suffixes, FileStream log, long[] cursors)
    {
        (_root, _number, _count, _suffixes, _log, _cursors) = (root, number, count, suffixes, log, cursors);
        _activity = State.Read(FolderOf(root, number))?.Activity ?? 0;
        SetActive(always: true);
    }

    /// <summary>Where a partition lies.</summary>
    public static string FolderOf(string root, int number) =>
        Path.Combine(root, "partitions", number.ToString("0000", CultureInfo.InvariantCulture));

    /// <summary>Opens those of a partition that this process has.</summary>
    /// <param name="root">The crawl.</param>
    /// <param name="number">Of the partition, from 0.</param>
    /// <param name="count">Of all partitions.</param>
    /// <param name="suffixes">Hosts of one registrant are of one partition.</param>
    /// <param name="cursors">How far the partition has read each other one.</param>
    public static PartitionLinks Open(string root, int number, int count, PublicSuffixList suffixes, long[] cursors)
    {
        var log = new FileStream(
            Path.Combine(FolderOf(root, number), LogName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        var links = new PartitionLinks(root, number, count, suffixes, log, cursors);

        // A line that was cut by a kill ends here; it is of a page that will be fetched again.
        if (log.Length > 0)
        {
            log.Seek(-1, SeekOrigin.End);
            if (log.ReadByte() != '\n')
            {
                log.WriteByte((byte)'\n');
            }
        }

        return links;
    }

    /// <summary>Whether a host is of this partition. Thread-safe.</summary>
    public bool IsOwn(string host) => PartitionOf(host) == _number;

    /// <summary>Takes the links to other partitions out of what visits have brought, and writes them down.</summary>
    public void Send(IReadOnlyList<VisitOutcome> outcomes)
    {
        var lines = new StringBuilder();
        foreach (var outcome in outcomes)
        {
            outcome.Links.RemoveAll(link =>
            {
                var partition = PartitionOf(link.Host);
                if (partition == _number)
                {
                    return false;
                }

                ref var sent = ref _sent[(int)link.Id & (_sent.Length - 1)];
                if (sent != link.Id)
                {
                    sent = link.Id;
                    lines.Append(CultureInfo.InvariantCulture,
                        $"{partition}\t{link.Depth}\t{link.Redirects}\t{(link.IsSitemap ? 1 : 0)}\t{link.Origin}{link.PathAndQuery}\n");
                }

                return true;
            });
        }

        if (lines.Length > 0)
        {
            _log.Seek(0, SeekOrigin.End);
            _log.Write(Encoding.UTF8.GetBytes(lines.ToString()));
            _log.Flush(flushToDisk: true);
        }
    }

    /// <summary>Whether others have written what this partition has not read.</summary>
    public bool HasMail() => Enumerable.Range(0, _count).Any(other => other != _number && LengthOf(_root, other) > _cursors[other]);

    /// <summary>Reads what others have found of this partition.</summary>
    /// <param name="cursors">How far it was read then, for <see cref="Acknowledge"/>.</param>
    public List<DiscoveredPage> Receive(out long[] cursors)
    {
        cursors = [.. _cursors];
        var pages = new List<DiscoveredPage>();
        for (var other = 0; other < _count; other++)
        {
            if (other != _number && LengthOf(_root, other) > _cursors[other])
            {
                cursors[other] = Read(other, _cursors[other], pages);
            }
        }

        return pages;
    }

    /// <summary>What was received is written.</summary>
    public void Acknowledge(long[] cursors) => cursors.CopyTo(_cursors, 0);

    /// <summary>There is something to do.</summary>
    public void SetActive(bool always = false)
    {
        if (_isIdle || always)
        {
            _isIdle = false;
            _activity++;
            Publish();
        }
    }

    /// <summary>Nothing is left to do, unless others find more.</summary>
    public void SetIdle()
    {
        if (!_isIdle)
        {
            _isIdle = true;
            Publish();
        }
    }

    /// <summary>
    /// Whether the whole crawl is over: all partitions idle, and all that was written read, twice in a row without anybody having been
    /// active in between. Then there was an instant at which nobody had anything to do or to read, and nobody can get anything any more.
    /// </summary>
    public bool IsOver()
    {
        var first = Look();
        return first is not null && Look() is { } second && first.SequenceEqual(second);

        List<long>? Look()
        {
            var activities = new List<long>(_count);
            for (var number = 0; number < _count; number++)
            {
                if (State.Read(FolderOf(_root, number)) is not { IsIdle: true } state || state.Cursors.Count != _count)
                {
                    return null;
                }

                for (var other = 0; other < _count; other++)
                {
                    if (other != number && LengthOf(_root, other) > state.Cursors[other])
                    {
                        return null;
                    }
                }

                activities.Add(state.Activity);
            }

            return activities;
        }
    }

    public void Dispose() => _log.Dispose();

    static long LengthOf(string root, int number)
    {
        var file = new FileInfo(Path.Combine(FolderOf(root, number), LogName));
        return file.Exists ? file.Length : 0;
    }

    int PartitionOf(string host) =>
        (int)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(_suffixes.DomainOf(host))) % (ulong)_count);

    /// <summary>Reads whole lines.</summary>
    /// <returns>Where the next one begins.</returns>
    long Read(int other, long cursor, List<DiscoveredPage> pages)
    {
        using var log = new FileStream(
            Path.Combine(FolderOf(_root, other), LogName), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        log.Seek(cursor, SeekOrigin.Begin);
        var buffer = new byte[Math.Min(MaxReadBytes, log.Length - cursor)];
        var count = log.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        var end = buffer.AsSpan(0, count).LastIndexOf((byte)'\n') + 1;
        foreach (var line in Encoding.UTF8.GetString(buffer, 0, end).Split('\n'))
        {
            if (line.Split('\t', 5) is [var partition, var depth, var redirects, var isSitemap, var address]
                && partition == _number.ToString(CultureInfo.InvariantCulture)
                && int.TryParse(depth, NumberStyles.None, CultureInfo.InvariantCulture, out var links)
                && int.TryParse(redirects, NumberStyles.None, CultureInfo.InvariantCulture, out var hops)
                && CanonicalAddress.TryParse(address) is { } url)
            {
                pages.Add(DiscoveredPage.From(url, links, hops, isSitemap == "1"));
            }
        }

        return cursor + end;
    }

    void Publish() => State.Write(FolderOf(_root, _number), new State(_activity, _isIdle, _cursors));

    /// <summary>What a partition says of itself.</summary>
    sealed record State(long Activity, bool IsIdle, IReadOnlyList<long> Cursors)
    {
        public static State? Read(string folder)
        {
            var path = Path.Combine(folder, StateName);
            try
            {
                return File.Exists(path) && File.ReadAllText(path).Split(' ') is [var activity, var isIdle, .. var cursors]
                    ? new State(
                        long.Parse(activity, CultureInfo.InvariantCulture), isIdle == "1",
                        [.. cursors.Select(cursor => long.Parse(cursor, CultureInfo.InvariantCulture))])
                    : null;
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                throw new NoosException(ErrorKind.Damaged, $"'{path}' is damaged; delete it and go on.", e);
            }
        }

        public static void Write(string folder, State state) => AtomicFile.Write(Path.Combine(folder, StateName), stream =>
            stream.Write(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"{state.Activity} {(state.IsIdle ? 1 : 0)} {string.Join(' ', state.Cursors)}"))));
    }
}
