using System.Globalization;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;

namespace Noos.Cli.Processes;

/// <summary>Processes as lines of a table.</summary>
static class ProcessColumns
{
    const int TitleColumn = 100;

    const int ModelColumn = 16;

    /// <param name="hasMemory">There are columns for what a process holds of memory and disk.</param>
    public static string Header(bool hasMemory = false) =>
        $"{"PID",10}  {"STATE",-18}  {"KIND",-12}  {"OWNER",-8}  {"PRIORITY",-12}  {"MODEL",-ModelColumn}  {"IN",7}  {"OUT",7}  "
        + $"{"CALLS",5}  {"TIME",7}  {"CHANGED",7}  {(hasMemory ? $"{"PAGES",6}  {"SHARED",6}  {"MEMORY",8}  {"DISK",8}  " : "")}TITLE";

    /// <param name="process">As it is.</param>
    /// <param name="usualModel">That of processes that name none; null where no server is up.</param>
    /// <param name="now">When it is printed.</param>
    /// <param name="asking">Those that wait for a permission.</param>
    /// <param name="width">Columns there are.</param>
    public static string Line(
        ProcessRecord process, string? usualModel, DateTimeOffset now, IReadOnlySet<long> asking, int width = int.MaxValue) =>
        Line(process, usualModel, now, asking, "", width);

    /// <summary>Which of some processes wait for a permission, and not only for their person to say something.</summary>
    public static async Task<IReadOnlySet<long>> FindAskingAsync(
        IProcessReader home, IEnumerable<ProcessRecord> processes, CancellationToken cancellationToken) =>
        processes.Any(process => process.State == ProcessState.WaitingForPerson)
            ? (await home.ApprovalsAsync(cancellationToken)).Select(entry => entry.Process).ToHashSet()
            : [];

    /// <summary>The same with what the process holds.</summary>
    /// <inheritdoc cref="Line(ProcessRecord, string?, DateTimeOffset, IReadOnlySet{long}, int)"/>
    public static string LongLine(
        ProcessRecord process, string? usualModel, DateTimeOffset now, IReadOnlySet<long> asking, ProcessMemory? memory) => Line(
        process, usualModel, now, asking,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{memory?.Pages ?? 0,6}  {memory?.SharedPages ?? 0,6}  {Size(memory?.Bytes),8}  {Size(memory?.DiskBytes),8}  "),
        int.MaxValue);

    static string Line(
        ProcessRecord process, string? usualModel, DateTimeOffset now, IReadOnlySet<long> asking, string memory, int width)
    {
        var model = process.Kind == ProcessKind.Timer ? "" : process.Program.Model ?? usualModel ?? "";
        var usage = process.Usage;
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{process.Id,10}  {ProcessLabels.For(process.State, asking.Contains(process.Id)),-18}  "
            + $"{EventText.NameOf(process.Kind),-12}  {Cut(process.Owner, 8),-8}  "
            + $"{EventText.NameOf(process.Priority),-12}  {Cut(model, ModelColumn),-ModelColumn}  "
            + $"{Short(usage.TokensIn),7}  {Short(usage.TokensOut),7}  {usage.Calls,5}  "
            + $"{Span(TimeSpan.FromMilliseconds(usage.Milliseconds)),7}  {Span(now - process.Changed),7}  {memory}{TitleOf(process)}");
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

    static string Size(long? bytes) => bytes is > 0 ? MemorySizeOption.Format(bytes.Value) : "-";

    static string TitleOf(ProcessRecord process)
    {
        var title = process.Title ?? (process.Program.Name is { } name ? $"({name})" : "");
        return Cut(string.Concat(title.Where(EventText.IsShown)), TitleColumn);
    }

    static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
