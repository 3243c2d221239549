namespace Noos.Cli.Terminal;

/// <summary>
/// Progress of a long piece of work: in a terminal one line that is written over and over, in a file or pipe a plain line now and then.
/// Not thread-safe.
/// </summary>
/// <param name="output">Where to write.</param>
/// <param name="isLive">Whether <paramref name="output"/> is a terminal that understands escape sequences.</param>
/// <param name="time">Says when the next line is due.</param>
/// <param name="width">Columns of the terminal, asked at every line.</param>
sealed class ProgressLine(TextWriter output, bool isLive, TimeProvider time, Func<int>? width = null)
{
    // Back to the start of the line, and then clear what the last text leaves behind the new one.
    const string LineStart = "\r";
    const string ClearToEnd = "\e[K";
    const int MinColumns = 20;
    const int UsualColumns = 120;

    static readonly TimeSpan s_liveInterval = TimeSpan.FromMilliseconds(150);
    static readonly TimeSpan s_plainInterval = TimeSpan.FromSeconds(20);

    // Work that ends before the first line is due is not worth one.
    long _shown = time.GetTimestamp();
    ProgressState? _last;
    bool _isOpen;
    bool _isLastShown;

    /// <summary>A line on standard error, live when that is a terminal: standard output belongs to the results.</summary>
    public static ProgressLine OnError() =>
        new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System, static () => Console.WindowWidth);

    /// <summary>A line on standard output, live when that is a terminal.</summary>
    public static ProgressLine OnOutput() =>
        new(Console.Out, !Console.IsOutputRedirected, TimeProvider.System, static () => Console.WindowWidth);

    /// <summary>Shows the state, unless the last one was shown only a moment ago.</summary>
    public void Show(ProgressState state)
    {
        (_last, _isLastShown) = (state, false);
        if (time.GetElapsedTime(_shown) >= (isLive ? s_liveInterval : s_plainInterval))
        {
            Draw(state);
        }
    }

    /// <summary>Shows a text of unknown share.</summary>
    public void Show(string text) => Show(new ProgressState(0, 0, Text: text));

    /// <summary>Writes a line that stays, above the live one.</summary>
    public void Note(string text)
    {
        Erase();
        output.WriteLine(text);
        if (isLive && _last is { } last)
        {
            Draw(last);
        }

        output.Flush();
    }

    /// <summary>Removes the line and forgets its state, so that what follows begins at the margin.</summary>
    public void Clear()
    {
        _last = null;
        Erase();
    }

    void Erase()
    {
        if (_isOpen)
        {
            output.Write(LineStart + ClearToEnd);
            output.Flush();
            _isOpen = false;
        }
    }

    /// <summary>Shows the last state and leaves it there.</summary>
    public void Complete()
    {
        if (_last is { } last && !_isLastShown)
        {
            Draw(last);
        }

        if (_isOpen)
        {
            output.WriteLine();
            output.Flush();
            _isOpen = false;
        }
    }

    void Draw(ProgressState state)
    {
        (_shown, _isLastShown) = (time.GetTimestamp(), true);
        var line = state.ToString();
        if (isLive)
        {
            output.Write(LineStart + Fit(line, state.ToBar()) + ClearToEnd);
            _isOpen = true;
        }
        else
        {
            output.WriteLine(line);
        }

        output.Flush();
    }

    /// <summary>With the bar where there is room; a line that fills the terminal would wrap and leave its remains behind.</summary>
    string Fit(string line, string bar)
    {
        var columns = Math.Max(MinColumns, (width?.Invoke() ?? UsualColumns) - 1);
        return bar.Length > 0 && bar.Length + 1 + line.Length <= columns ? $"{bar} {line}" : line[..Math.Min(line.Length, columns)];
    }
}
