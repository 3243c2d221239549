namespace Noos.Cpus.Local;

/// <summary>
/// Ends a text before the first stop string. What might be the beginning of one is held back until it is clear, so nothing of a stop
/// string is ever shown.
/// </summary>
public sealed class StopFilter(IEnumerable<string>? stops)
{
    readonly string[] _stops = [.. (stops ?? []).Where(stop => stop.Length > 0)];
    string _held = "";

    /// <summary>A stop string was met: nothing more comes.</summary>
    public bool IsStopped => Met is not null;

    /// <summary>The stop string that was met; null for none.</summary>
    public string? Met { get; private set; }

    /// <summary>Takes the next piece and returns what can be shown now.</summary>
    public string Push(string text)
    {
        if (_stops.Length == 0 || IsStopped)
        {
            return IsStopped ? "" : text;
        }

        var all = _held + text;
        (var stop, Met) = FirstToEnd(all, _stops);
        var safe = IsStopped ? stop : all.Length - LongestBeginning(all);
        _held = IsStopped ? "" : all[safe..];
        return all[..safe];
    }

    /// <summary>What was held back, now that no more text comes.</summary>
    public string Flush()
    {
        var rest = _held;
        _held = "";
        return rest;
    }

    /// <summary>
    /// The stop string that is complete first, and where it begins; null for none. The first to end, not the first to begin: only that does
    /// not depend on
    /// how the text is cut into pieces.
    /// </summary>
    static (int Start, string? Stop) FirstToEnd(string text, IEnumerable<string> stops) => stops
        .Select(stop => (Start: text.IndexOf(stop, StringComparison.Ordinal), Stop: (string?)stop))
        .Where(found => found.Start >= 0)
        .OrderBy(found => found.Start + found.Stop!.Length).ThenBy(found => found.Start)
        .FirstOrDefault((-1, null));

    /// <summary>Length of the longest end of <paramref name="text"/> with which a stop string begins.</summary>
    int LongestBeginning(string text)
    {
        var longest = Math.Min(text.Length, _stops.Max(stop => stop.Length) - 1);
        for (var length = longest; length > 0; length--)
        {
            var end = text.AsSpan(text.Length - length);
            foreach (var stop in _stops)
            {
                if (stop.AsSpan().StartsWith(end, StringComparison.Ordinal))
                {
                    return length;
                }
            }
        }

        return 0;
    }
}
