using System.Text.Json.Serialization;

namespace Noos.Kernel.Accounts;

/// <summary>Accounts as they lie in the journal's file.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AccountLimits))]
sealed partial class AccountJson : JsonSerializerContext;
