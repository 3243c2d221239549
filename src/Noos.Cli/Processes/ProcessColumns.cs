using System.Globalization;
using Noos.Kernel.Processes;

namespace Noos.Cli.Processes;

/// <summary>Processes as lines of a table.</summary>
static class ProcessColumns
{
    const int TitleColumn = 100;

    public static string Header =>
        $"{"PID",10}  {"STATE",-18}  {"KIND",-12}  {"OWNER",-8}  {"PRIORITY",-12}  {"IN",7}  {"OUT",7}  {"CALLS",5}  {"TIME",7}  "
        + $"{"CHANGED",7}  TITLE";

    /// <param name="process">As it is.</param>
    /// <param name="now">When it is printed.</param>
    /// <param name="width">Columns there are.</param>
    public static string Line(ProcessRecord process, DateTimeOffset now, int width = int.MaxValue)
    {
        var usage = process.Usage;
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{process.Id,10}  {EventText.NameOf(process.State),-18}  {EventText.NameOf(process.Kind),-12}  {Cut(process.Owner, 8),-8}  "
            + $"{EventText.NameOf(process.Priority),-12}  {Short(usage.TokensIn),7}  {Short(usage.TokensOut),7}  {usage.Calls,5}  "
            + $"{Span(TimeSpan.FromMilliseconds(usage.Milliseconds)),7}  {Span(now - process.Changed),7}  {TitleOf(process)}");
        return Cut(line, width).TrimEnd();
    }

    /// <summary>A number of at most five characters: 950, 1.2k, 34k, 5.6M.</summary>
    public static string Short(long count) => count switch
    {
        < 1000 => count.ToString(CultureInfo.InvariantCulture),
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1000.0:0.0}k"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1000}k"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:0.0}M"),
    };

    /// <summary>A time in its largest unit; a clock that was set back counts as now.</summary>
    public static string Span(TimeSpan time) => time switch
    {
        { Ticks: <= 0 } => "0s",
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0}s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes}m"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays}d"),
    };

    static string TitleOf(ProcessRecord process)
    {
        var title = process.Title ?? (process.Program.Name is { } name ? $"({name})" : "");
        return Cut(string.Concat(title.Where(letter => !char.IsControl(letter))), TitleColumn);
    }

    static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
