using System.Text.Json;

namespace Noos.Inference.ToolCalls;

/// <summary>What the engine must know of a tool to write a call of it.</summary>
/// <param name="Name">As the model writes it.</param>
/// <param name="Schema">JSON Schema of the arguments, an object.</param>
public sealed record ToolSignature(string Name, JsonElement Schema);
