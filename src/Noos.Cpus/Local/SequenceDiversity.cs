namespace Noos.Cpus.Local;

/// <summary>How many of the latest sequences of four items are distinct (distinct-4), over a sliding window. Not thread-safe.</summary>
/// <param name="window">Sequences that count.</param>
sealed class SequenceDiversity(int window)
{
    const int Length = 4;

    readonly Queue<string> _items = new();
    readonly Queue<string> _sequences = new();
    readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>The share of distinct sequences, 0 to 1; 1 until the window is full.</summary>
    public double Share => _sequences.Count < window ? 1 : _counts.Count / (double)window;

    public void Push(string item)
    {
        _items.Enqueue(item);
        if (_items.Count < Length)
        {
            return;
        }

        var sequence = string.Join('\0', _items);
        _items.Dequeue();
        _sequences.Enqueue(sequence);
        _counts[sequence] = _counts.GetValueOrDefault(sequence) + 1;
        if (_sequences.Count > window && _sequences.Dequeue() is var oldest && --_counts[oldest] == 0)
        {
            _counts.Remove(oldest);
        }
    }

    public void Clear()
    {
        _items.Clear();
        _sequences.Clear();
        _counts.Clear();
    }
}
