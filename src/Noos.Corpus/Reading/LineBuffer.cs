using Noos.Core;

namespace Noos.Corpus.Reading;

/// <summary>
/// Cuts bytes into lines as they come. Fill <see cref="Reserve"/>, say how much with <see cref="Grow"/>, then take lines until there is
/// none: shared by the reading that awaits and the reading that blocks.
/// </summary>
sealed class LineBuffer(string address)
{
    byte[] _bytes = new byte[1 << 16];
    int _start;
    int _end;
    int _searched;      // bytes from _start on that are known to hold no line end
    int _number;
    bool _isComplete;

    /// <summary>The next line that is not empty, without its end; valid until <see cref="Reserve"/>.</summary>
    public bool TryTake(out int number, out ReadOnlyMemory<byte> line)
    {
        while (_start < _end)
        {
            var length = _bytes.AsSpan(_start + _searched, _end - _start - _searched).IndexOf((byte)'\n');
            if (length < 0 && !_isComplete)
            {
                // A line that is longer than the buffer is searched once, not once for every time the buffer grows.
                _searched = _end - _start;
                break;
            }

            length = length < 0 ? _end - _start : length + _searched;
            _searched = 0;
            _number++;
            var found = _bytes.AsMemory(_start, length);
            // The last line may have no end.
            _start = Math.Min(_end, _start + length + 1);
            if (_number == 1 && found.Span.StartsWith("\uFEFF"u8))
            {
                found = found[3..];
            }

            if (found.Length > 0 && found.Span[^1] == (byte)'\r')
            {
                found = found[..^1];
            }

            if (found.Length > 0)
            {
                (number, line) = (_number, found);
                return true;
            }
        }

        (number, line) = (_number, default);
        return false;
    }

    /// <summary>Room for the bytes that follow, at least one.</summary>
    /// <exception cref="NoosException">The present line is too long (<see cref="ErrorKind.Damaged"/>).</exception>
    public Memory<byte> Reserve()
    {
        if (_start > 0)
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _bytes.Length)
        {
            if (_end >= LineReader.MaxLineBytes)
            {
                throw new NoosException(
                    ErrorKind.Damaged,
                    $"Line {_number + 1} of '{address}' is longer than {LineReader.MaxLineBytes >> 20} MB; "
                    + "the file is damaged or not a text of lines.");
            }

            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        return _bytes.AsMemory(_end);
    }

    /// <summary>Takes the bytes that were put into <see cref="Reserve"/>.</summary>
    /// <param name="count">How many; 0 at the end of the text.</param>
    /// <returns>Whether more may follow.</returns>
    public bool Grow(int count)
    {
        _end += count;
        _isComplete = count == 0;
        return !_isComplete;
    }
}
