using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Server.Processes;

namespace Noos.Cli.Processes;

/// <summary>How the commands of processes print what they know.</summary>
static class CommandOutput
{
    // People read this in a terminal: text outside ASCII as it is.
    static readonly ProcessJson s_json =
        new(new JsonSerializerOptions(ProcessJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary><c>--json</c></summary>
    public static Option<bool> JsonOption(string what) => new("--json") { Description = what };

    /// <summary>The number of a process.</summary>
    public static Argument<long> ProcessArgument() => new("pid") { Description = "The number of the process ('noos ps' lists them)." };

    /// <summary>The numbers of one or more processes.</summary>
    public static Argument<long[]> ProcessesArgument() => new("pid")
    {
        Description = "The numbers of the processes ('noos ps' lists them).",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>One line of JSON.</summary>
    public static void WriteJson<T>(T value, Func<ProcessJson, JsonTypeInfo<T>> type) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(value, type(s_json)));

    /// <inheritdoc cref="WriteJson{T}"/>
    public static void WriteJson(ProcessRecord process) => WriteJson(process, json => json.ProcessRecord);

    /// <summary>One event on one line.</summary>
    public static string Describe(JournalEntry entry) => string.Create(
        CultureInfo.InvariantCulture,
        $"{entry.Id,8}  {entry.Time.ToLocalTime():yyyy-MM-dd HH:mm:ss}  {entry.Event.Kind,-8}  {EventText.Describe(entry.Event)}")
        .TrimEnd();
}
