using System.Text;

namespace Noos.Tools.Code;

/// <summary>
/// Collects what a cell prints: the first and the last characters are kept, and what is between them is counted. Thread-safe.
/// </summary>
/// <param name="maxLength">How many characters are kept.</param>
/// <param name="maxTotal">How many may be printed in all.</param>
/// <param name="report">Told of every piece that is within the first half of what is kept; may be null.</param>
sealed class CellOutput(int maxLength, long maxTotal, Action<string>? report)
{
    readonly Lock _lock = new();
    readonly StringBuilder _head = new();
    readonly Queue<char> _tail = new();

    /// <summary>Characters printed so far.</summary>
    public long Length { get; private set; }

    public bool IsTooLong => Length > maxTotal;

    public void Append(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        string? told;
        lock (_lock)
        {
            Length += text.Length;
            var first = text[..Math.Min(text.Length, Math.Max(0, (maxLength / 2) - _head.Length))];
            _head.Append(first);
            told = first.Length > 0 ? first.ToString() : null;
            foreach (var character in text[first.Length..])
            {
                _tail.Enqueue(character);
                if (_tail.Count > maxLength / 2)
                {
                    _tail.Dequeue();
                }
            }
        }

        if (told is not null)
        {
            report?.Invoke(told);
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            var left = Length - _head.Length - _tail.Count;
            var middle = left > 0 ? $"\n... ({left} characters left out)\n" : "";
            return string.Concat(_head.ToString(), middle, new string([.. _tail]));
        }
    }
}
