using System.Diagnostics;

namespace Noos.Cli.Models;

/// <summary>Progress of a long piece of work: in a terminal one line that is written over and over, elsewhere a line now and then.</summary>
sealed class ProgressLine(TextWriter output, bool live)
{
    static readonly TimeSpan s_liveInterval = TimeSpan.FromMilliseconds(150);
    static readonly TimeSpan s_plainInterval = TimeSpan.FromSeconds(20);

    long _shown = Stopwatch.GetTimestamp();
    bool _isOpen;

    public void Show(string text)
    {
        if (Stopwatch.GetElapsedTime(_shown) < (live ? s_liveInterval : s_plainInterval))
        {
            return;
        }

        _shown = Stopwatch.GetTimestamp();
        _isOpen = live;
        if (live)
        {
            // Back to the start of the line, and clear what the last text leaves behind it.
            output.Write($"\r{text}\e[K");
        }
        else
        {
            output.WriteLine(text);
        }
    }

    /// <summary>Removes the line, so that what follows begins at the margin.</summary>
    public void Close()
    {
        if (_isOpen)
        {
            output.Write("\r\e[K");
            _isOpen = false;
        }
    }
}
