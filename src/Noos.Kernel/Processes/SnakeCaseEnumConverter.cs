using System.Text.Json;
using System.Text.Json.Serialization;

namespace Noos.Kernel.Processes;

/// <summary>Names of an enumeration in snake case: <c>waiting_for_person</c>.</summary>
public sealed class SnakeCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
