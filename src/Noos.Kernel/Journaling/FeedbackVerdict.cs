using System.Text.Json.Serialization;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Journaling;

/// <summary>What a person thinks of an answer.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<FeedbackVerdict>))]
public enum FeedbackVerdict
{
    Good,
    Bad,
}
