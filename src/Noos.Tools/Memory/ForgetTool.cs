using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Core.Tools;

namespace Noos.Tools.Memory;

/// <summary><c>forget</c>: takes a fact out of the memory; a person can bring it back.</summary>
public sealed class ForgetTool(IFactStore facts) : ITool
{
    public const string Name = "forget";
    public const string Argument = "fact";

    static readonly ToolDeclaration s_declaration = new(
        Name,
        "Forgets a remembered fact that the user no longer wants kept, or that is wrong.",
        JsonElement.Parse($$"""
        {
          "type": "object",
          "properties": {
            "{{Argument}}": { "type": "integer", "description": "The number of the fact, as search_memory shows it", "minimum": 1 }
          },
          "required": ["{{Argument}}"],
          "additionalProperties": false
        }
        """));

    public ToolDeclaration Declaration => s_declaration;

    public IReadOnlyList<Capability> Needs => [Capability.Memory];

    // Forgotten again it is refused, which harms nothing.
    public bool IsRepeatable => true;

    public IReadOnlyList<Effect>? EffectsOf(ToolCallPart call, IToolContext context)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(context);
        var fact = Find(context.Owner, call);
        return [Effect.ForgetMemory(fact.Id, fact.Text)];
    }

    public ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            var fact = facts.Forget(context.Owner, Find(context.Owner, call).Id, $"process {context.ProcessId}");
            return ValueTask.FromResult(ToolResult.Text($"Forgotten: {fact.Text}"));
        }
        catch (NoosException e)
        {
            throw new ToolException(e.Message, e);
        }
    }

    /// <summary>One that is kept: of the others the model does not know.</summary>
    Fact Find(string owner, ToolCallPart call)
    {
        var id = call.Arguments.GetProperty(Argument).GetInt64();
        try
        {
            return facts.Get(owner, id) is { State: FactState.Kept } fact ? fact : throw new ToolException($"There is no fact {id}.");
        }
        catch (NoosException e)
        {
            throw new ToolException(e.Kind == ErrorKind.NotFound ? $"There is no fact {id}." : e.Message, e);
        }
    }
}
