using System.Text.Json.Serialization;
using Noos.Core.Facts;

namespace Noos.Kernel.Facts;

/// <summary>What facts were and became, as JSON in the journal.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(FactVersion))]
sealed partial class FactJson : JsonSerializerContext;
