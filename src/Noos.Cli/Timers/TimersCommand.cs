using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Noos.Cli.Processes;
using Noos.Core.Settings;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;
using Noos.Server.Timers;

namespace Noos.Cli.Timers;

/// <summary><c>noos timers</c></summary>
static class TimersCommand
{
    const int MaxSkipped = 60;

    static readonly TimerJson s_json =
        new(new JsonSerializerOptions(TimerJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static CommandWithExamples Create(NoosSettings settings)
    {
        var all = new System.CommandLine.Option<bool>("--all", "-a") { Description = "Those that do not run again, too." };
        var json = CommandOutput.JsonOption("Write one line of JSON: {\"data\": [timer, ...]}.");
        var command = new CommandWithExamples(
            "timers", "List the timers: when each is due, and what became of it the last time.", "noos timers", "noos timers --all",
            "noos timers --json | jq '.data[].next'");
        command.Options.Add(all);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var home = await Homes.OpenToReadAsync(settings, cancellationToken);
            var timers = await home.TimersAsync(parsed.GetValue(all), cancellationToken);
            if (parsed.GetValue(json))
            {
                WriteJson(new TimerList(timers), known => known.TimerList);
                return 0;
            }

            Console.Out.WriteLine($"{"ID",6}  {"NEXT",-16}  {"LAST RUN",-16}  {"STATE",-8}  {"WHEN",-16}  TITLE");
            foreach (var timer in timers)
            {
                Console.Out.WriteLine(Describe(timer));
            }

            return 0;
        });
        return command;
    }

    public static void WriteJson<T>(T value, Func<TimerJson, JsonTypeInfo<T>> type) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(value, type(s_json)));

    /// <summary>A time as people read it here.</summary>
    public static string Local(DateTimeOffset? time) =>
        time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "-";

    static string Describe(TimerRecord timer) => string.Create(
        CultureInfo.InvariantCulture,
        $"{timer.Id,6}  {Local(timer.Next),-16}  {Local(timer.LastRun?.Time),-16}  {ProcessLabels.For(timer.State),-8}  "
        + $"{timer.Cron ?? "once",-16}  {EventText.OneLine(timer.Title ?? ChatProgram.TitleOf(timer.Message) ?? "")}{Last(timer)}")
        .TrimEnd();

    static string Last(TimerRecord timer) => timer.Last switch
    {
        { Skipped: { } reason } => $" (skipped: {(reason.Length > MaxSkipped ? reason[..MaxSkipped] + "..." : reason)})",
        { Job: { } job, JobState: { } state } => string.Create(
            CultureInfo.InvariantCulture, $" (process {job} {ProcessLabels.For(state)})"),
        _ => "",
    };
}
