using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Core.Tools;

namespace Noos.Tools.Memory;

/// <summary><c>forget</c>: takes a fact out of the memory; a person can bring it back.</summary>
public sealed class ForgetTool(IFactStore facts) : MemoryTool(facts)
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

    public override ToolDeclaration Declaration => s_declaration;

    protected override Effect EffectOf(ToolCallPart call, IToolContext context)
    {
        var fact = Find(context.Owner, call);
        return Effect.ForgetMemory(fact.Id, fact.Text);
    }

    protected override ToolResult Run(ToolCallPart call, IToolContext context)
    {
        var fact = Facts.Forget(context.Owner, Find(context.Owner, call).Id, SourceOf(context));
        return ToolResult.Text($"Forgotten: {fact.Text}");
    }

    /// <summary>One that is kept: of the others the model does not know.</summary>
    Fact Find(string owner, ToolCallPart call)
    {
        var id = call.Arguments.GetProperty(Argument).GetInt64();
        try
        {
            return Facts.Get(owner, id) is { State: FactState.Kept } fact ? fact : throw new ToolException($"There is no fact {id}.");
        }
        catch (NoosException e)
        {
            throw new ToolException(e.Kind == ErrorKind.NotFound ? $"There is no fact {id}." : e.Message, e);
        }
    }
}
