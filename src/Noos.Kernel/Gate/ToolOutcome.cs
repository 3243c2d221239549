using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>The record of one call: what was asked, what came back, and how long it took.</summary>
public sealed record ToolOutcome(ToolCallPart Call, ToolResult Result, TimeSpan Elapsed);
