using System.Globalization;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Core.Tools;

namespace Noos.Tools.Memory;

/// <summary>
/// <c>remember</c>: keeps a fact for later conversations. Where the conversation has read anything foreign, the fact only waits until a
/// person accepts it: what a page wrote must not speak in every conversation from then on.
/// </summary>
public sealed class RememberTool(IFactStore facts) : MemoryTool(facts)
{
    public const string Name = "remember";
    public const string Argument = "fact";

    static readonly ToolDeclaration s_declaration = new(
        Name,
        "Remembers a fact about the user for later conversations: a name, a wish, a date. Not for what only this conversation needs.",
        JsonElement.Parse($$"""
        {
          "type": "object",
          "properties": {
            "{{Argument}}": {
              "type": "string",
              "description": "One sentence that can be understood by itself, such as: The user's sister Anna lives in Lyon.",
              "minLength": 1,
              "maxLength": {{IFactStore.MaxLength}}
            }
          },
          "required": ["{{Argument}}"],
          "additionalProperties": false
        }
        """));

    public override ToolDeclaration Declaration => s_declaration;

    protected override Effect EffectOf(ToolCallPart call, IToolContext context) =>
        context.Taint is null ? Effect.WriteMemory(TextOf(call)) : Effect.ProposeMemory(TextOf(call));

    protected override ToolResult Run(ToolCallPart call, IToolContext context)
    {
        // Looked at now and not when it was allowed: what was read since then counts, too.
        var state = context.Taint is null ? FactState.Kept : FactState.Waiting;
        var (fact, isNew) = Facts.Add(context.Owner, new FactVersion(TextOf(call), state, [], context.Taint), SourceOf(context));
        var id = fact.Id.ToString(CultureInfo.InvariantCulture);
        return ToolResult.Text((fact.State, isNew) switch
        {
            (FactState.Waiting, _) => $"Noted as fact {id}, but not remembered yet: this conversation has read what others wrote, so "
                + $"the user must accept it first ('noos memory accept {id}').",
            (_, true) => $"Remembered as fact {id}.",
            _ => $"It is remembered already, as fact {id}.",
        });
    }

    static string TextOf(ToolCallPart call) => call.Arguments.GetProperty(Argument).GetString()!;
}
