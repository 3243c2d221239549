using System.Text.Json;

namespace Noos.Kernel;

/// <summary>The record of one call: what was asked, what came back, and how long it took. A refusal's content begins with "Error: ".</summary>
public sealed record ToolOutcome(string CallId, string Name, JsonElement Arguments, string Content, bool IsError, TimeSpan Elapsed);
