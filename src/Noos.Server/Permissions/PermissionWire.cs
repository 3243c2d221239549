using System.Text.Json.Serialization;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;

namespace Noos.Server.Permissions;

/// <param name="Data">In the order in which they were decided.</param>
public sealed record PermissionRuleList(IReadOnlyList<PermissionRule> Data);

/// <param name="Data">Events of the kind <c>asked</c>, the oldest first.</param>
public sealed record ApprovalList(IReadOnlyList<JournalEntry> Data);

/// <summary>What <c>/api/permissions</c> and <c>/api/approvals</c> answer, as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(PermissionRule))]
[JsonSerializable(typeof(PermissionRuleList))]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(ApprovalList))]
[JsonSerializable(typeof(ProcessRecord))]
public sealed partial class PermissionJson : JsonSerializerContext;
