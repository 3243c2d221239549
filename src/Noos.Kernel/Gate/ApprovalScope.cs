using System.Text.Json.Serialization;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Gate;

/// <summary>How long a decision holds.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ApprovalScope>))]
public enum ApprovalScope
{
    /// <summary>For this call.</summary>
    Once,

    /// <summary>In this conversation.</summary>
    Conversation,

    /// <summary>Always; of a refusal: never again.</summary>
    Always,
}
