namespace Noos.Tools.Browse;

/// <summary>
/// The pages that processes have read lately, so that the second page of a text costs no request. A process sees its own alone: what is
/// kept for another must not even be told by its speed. Thread-safe.
/// </summary>
sealed class PageCache(BrowseOptions options)
{
    readonly Lock _lock = new();

    // The least recently used first.
    readonly LinkedList<Entry> _entries = new();

    /// <summary>A page that a process has read; null where it has not, or too long ago.</summary>
    public ReadPage? Find(string process, Uri address, TimeProvider timeProvider)
    {
        lock (_lock)
        {
            DropOld(timeProvider);
            var node = FindNode(entry => entry.Process == process && (Same(entry.Asked, address) || Same(entry.Page.Address, address)));
            if (node is null)
            {
                return null;
            }

            _entries.Remove(node);
            _entries.AddLast(node);
            return node.Value.Page;
        }
    }

    /// <summary>The page that a process has read last; null where it has none.</summary>
    public ReadPage? FindLast(string process, TimeProvider timeProvider)
    {
        lock (_lock)
        {
            DropOld(timeProvider);
            return FindNode(entry => entry.Process == process)?.Value.Page;
        }
    }

    public void Add(string process, Uri asked, ReadPage page, TimeProvider timeProvider)
    {
        lock (_lock)
        {
            while (FindNode(entry => entry.Process == process && Same(entry.Asked, asked)) is { } known)
            {
                _entries.Remove(known);
            }

            _entries.AddLast(new Entry(process, asked, page, timeProvider.GetTimestamp()));
            while (_entries.Count(entry => entry.Process == process) > options.MaxPagesPerProcess)
            {
                _entries.Remove(_entries.First(entry => entry.Process == process));
            }

            // The newest stays, however long.
            while (_entries.Count > 1 && _entries.Sum(entry => entry.Page.Length) > options.MaxCharacters)
            {
                _entries.RemoveFirst();
            }
        }
    }

    LinkedListNode<Entry>? FindNode(Func<Entry, bool> isIt)
    {
        for (var node = _entries.Last; node is not null; node = node.Previous)
        {
            if (isIt(node.Value))
            {
                return node;
            }
        }

        return null;
    }

    void DropOld(TimeProvider timeProvider)
    {
        for (var node = _entries.First; node is not null;)
        {
            var next = node.Next;
            if (timeProvider.GetElapsedTime(node.Value.Read) > options.KeptFor)
            {
                _entries.Remove(node);
            }

            node = next;
        }
    }

    // The part behind '#' is a place in the same page.
    static bool Same(Uri one, Uri other) => Uri.Compare(
        one, other, UriComponents.HttpRequestUrl, UriFormat.UriEscaped, StringComparison.Ordinal) == 0;

    sealed record Entry(string Process, Uri Asked, ReadPage Page, long Read);
}
