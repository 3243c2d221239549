using System.Globalization;
using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Core.Tools;

namespace Noos.Tools.Memory;

/// <summary>
/// <c>search_memory</c>: finds what is remembered about the user. It also puts the facts that fit the first message of a conversation, and
/// the latest ones, before that message.
/// </summary>
public sealed class SearchMemoryTool(IFactStore facts) : MemoryTool(facts), IOpeningTool
{
    public const string Name = "search_memory";
    public const string Argument = "query";

    /// <summary>Facts that a search shows.</summary>
    public const int MaxFound = 10;

    /// <summary>Facts, and characters of all together, that open a conversation.</summary>
    public const int MaxOpening = 8, MaxOpeningLength = 1200;

    // Besides those that fit the message: what was said last is often still true.
    const int MaxLatest = 3;

    static readonly ToolDeclaration s_declaration = new(
        Name,
        "Finds facts about the user that were remembered in earlier conversations.",
        JsonElement.Parse($$"""
        {
          "type": "object",
          "properties": {
            "{{Argument}}": {
              "type": "string",
              "description": "Words that the fact may have, such as: sister city",
              "minLength": 1,
              "maxLength": 200
            }
          },
          "required": ["{{Argument}}"],
          "additionalProperties": false
        }
        """));

    public override ToolDeclaration Declaration => s_declaration;

    protected override Effect EffectOf(ToolCallPart call, IToolContext context) => Effect.ReadMemory(WordsOf(call));

    protected override ToolResult Run(ToolCallPart call, IToolContext context)
    {
        var found = Facts.Search(context.Owner, WordsOf(call), MaxFound);
        if (found.Count == 0)
        {
            return ToolResult.Text("Nothing that is remembered has these words.");
        }

        // A fact that was never vouched for comes back with the label it was written with.
        var origin = found.Aggregate((Origin?)null, (least, fact) => least.LessTrusted(fact.Origin));
        return new ToolResult(
            [new TextPart(string.Join('\n', found.Select(fact => $"Fact {Number(fact.Id)} ({Day(fact)}): {fact.Text}")))],
            Origin: origin ?? Origin.Tool);
    }

    public TextPart? Open(string owner, string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        IEnumerable<Fact> fitting;
        try
        {
            fitting = Facts.Search(owner, message, MaxOpening)
                .Concat(Facts.List(owner, FactState.Kept, MaxLatest)).DistinctBy(fact => fact.Id)
                // It stands where a person speaks, so only what is trusted may.
                .Where(fact => fact.Origin is null).Take(MaxOpening);
        }
        catch (NoosException)
        {
            // A memory that cannot be read is no reason not to answer; the tool itself says what is wrong.
            return null;
        }

        var text = new StringBuilder();
        foreach (var fact in fitting)
        {
            var line = $"- {fact.Text} ({Day(fact)})\n";
            if (text.Length + line.Length <= MaxOpeningLength)
            {
                text.Append(line);
            }
        }

        // Not the label of a person: addresses in it were not named in this conversation.
        return text.Length == 0 ? null : new TextPart($"Remembered from earlier conversations:\n{text}\n") { Origin = Origin.Tool };
    }

    static string WordsOf(ToolCallPart call) => call.Arguments.GetProperty(Argument).GetString()!;

    static string Day(Fact fact) => fact.Changed.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    static string Number(long id) => id.ToString(CultureInfo.InvariantCulture);
}
