using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Testing;

/// <summary>A tool of a service, that remembers: a person is asked.</summary>
public sealed class NoteTool : ITool
{
    public List<string> Notes { get; } = [];

    public ToolDeclaration Declaration { get; } =
        new("note", "Notes.", JsonElement.Parse("""{"type":"object"}""")) { Origin = Origin.Service };

    public IReadOnlyList<Capability> Needs { get; } = [Capability.Memory];

    public bool IsRepeatable => false;

    public IReadOnlyList<Effect>? EffectsOf(ToolCallPart call, IToolContext context) =>
        [Effect.WriteMemory(call.Arguments.GetProperty("text").GetString()!)];

    public ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
    {
        Notes.Add(call.Arguments.GetProperty("text").GetString()!);
        return ValueTask.FromResult(ToolResult.Text("noted"));
    }
}
