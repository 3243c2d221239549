using System.Text.Json;

namespace Noos.Inference.ToolCalls;

/// <summary>What the engine must know of a tool to write a call of it.</summary>
/// <param name="Name">As the model writes it.</param>
/// <param name="Schema">JSON Schema of the arguments, an object.</param>
/// <param name="IsStrict">
/// The schema is enforced wholly, and refused where that cannot be; else what cannot be enforced is left free.
/// </param>
public sealed record ToolSignature(string Name, JsonElement Schema, bool IsStrict = false);
