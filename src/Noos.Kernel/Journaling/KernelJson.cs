using System.Text.Json.Serialization;
using Noos.Core.Conversations;
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
[JsonSerializable(typeof(Message[]))]
[JsonSerializable(typeof(PermissionRule))]
[JsonSerializable(typeof(ProcessProgram))]
[JsonSerializable(typeof(ProcessRecord))]
[JsonSerializable(typeof(RunReplay))]
sealed partial class KernelJson : JsonSerializerContext;
