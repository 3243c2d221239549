using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Kernel.Gate;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Journaling;

/// <summary>Processes and their events as JSON: in the journal, in the API, and in what commands print.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(JournalEvent))]
[JsonSerializable(typeof(RunWithoutTokens))]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(JournalPassage))]
[JsonSerializable(typeof(PermissionRule))]
[JsonSerializable(typeof(ProcessProgram))]
[JsonSerializable(typeof(ProcessRecord))]
[JsonSerializable(typeof(RunReplay))]
sealed partial class KernelJson : JsonSerializerContext
{
    /// <summary>
    /// For the journal: text as it is. Escaped ("2\u002B2"), the arguments of a call would come back in other letters than the model
    /// wrote, and most languages would take two to three times the disk.
    /// </summary>
    public static KernelJson Stored { get; } =
        new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
