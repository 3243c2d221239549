using System.Globalization;

namespace Noos.Pages.Text;

/// <summary>Numbers as people read them in a table.</summary>
static class Figures
{
    /// <summary>At most five characters: 950, 1.2k, 34k, 5.6M, 4.0B.</summary>
    public static string Short(long count) => count switch
    {
        < 1000 => Text($"{count}"),
        < 10_000 => Text($"{count / 1000.0:0.0}k"),
        < 1_000_000 => Text($"{count / 1000}k"),
        < 100_000_000 => Text($"{count / 1e6:0.0}M"),
        < 1_000_000_000 => Text($"{count / 1e6:0}M"),
        _ => Text($"{count / 1e9:0.0}B"),
    };

    public static string Whole(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Rate(double rate) => rate >= 9.95 ? Text($"{rate:N0}") : Text($"{rate:0.0}");

    /// <summary>A time in its largest units: 0.84 s, 12.3 s, 3 min 5 s, 2 h 10 min, 4 days.</summary>
    public static string Span(TimeSpan time) => time switch
    {
        { Ticks: <= 0 } => "0 s",
        { TotalSeconds: < 9.95 } => Text($"{time.TotalSeconds:0.00} s"),
        { TotalSeconds: < 59.95 } => Text($"{time.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => Text($"{(int)time.TotalMinutes} min {time.Seconds} s"),
        { TotalDays: < 2 } => Text($"{(int)time.TotalHours} h {time.Minutes} min"),
        _ => Text($"{(int)time.TotalDays} days"),
    };

    /// <summary>The same of a time that is guessed.</summary>
    public static string RoughSpan(TimeSpan time) =>
        time.TotalSeconds < 59.5 ? Text($"{Math.Ceiling(time.TotalSeconds):0} s") : Span(time);

    public static string Plural(long count, string one) => count == 1 ? Text($"1 {one}") : Text($"{Whole(count)} {one}s");

    /// <summary>A place or a length in an SVG, of a part from 0 to 1.</summary>
    public static string Percent(double part) => Text($"{Math.Clamp(part, 0, 1) * 100:0.###}%");

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
