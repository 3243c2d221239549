using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Testing;

/// <summary>A tool that does what a test says.</summary>
/// <param name="name">Its name.</param>
/// <param name="run">Gets the arguments of each call.</param>
/// <param name="schema">JSON Schema of the arguments; any object where it is left out.</param>
public sealed class ScriptedTool(
    string name, Func<JsonElement, CancellationToken, ValueTask<ToolResult>> run, string schema = """{"type": "object"}""") : ITool
{
    /// <summary>A tool that answers with a text at once.</summary>
    public ScriptedTool(string name, Func<JsonElement, string> run, string schema = """{"type": "object"}""")
        : this(name, (arguments, _) => ValueTask.FromResult(ToolResult.Text(run(arguments))), schema)
    {
    }

    public ToolDeclaration Declaration { get; } = new(name, $"Does {name}.", JsonElement.Parse(schema));

    public IReadOnlyList<Capability> Needs => [];

    public bool IsRepeatable => true;

    /// <summary>The contexts that it was run with.</summary>
    public List<IToolContext> Contexts { get; } = [];

    public ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        Contexts.Add(context);
        return run(call.Arguments, cancellationToken);
    }
}
