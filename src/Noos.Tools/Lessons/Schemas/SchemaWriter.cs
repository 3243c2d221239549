using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Courses.Lessons;

namespace Noos.Tools.Lessons.Schemas;

/// <summary>Writes tools that nobody has seen, a request for one of them or for none, the call, its result and the answer.</summary>
sealed class SchemaWriter(Draw draw, IReadOnlyList<InventedPurpose> purposes)
{
    const int MaxTools = 3;

    static readonly string[] s_texts =
        ["I come later", "the key is under the mat", "happy birthday", "please buy milk", "the meeting is over", "call me back",
            "I am at home"];

    static readonly string[] s_months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October"];

    static readonly string[] s_noTool =
    [
        "I have no tool for that.", "None of my tools can do that.", "I cannot do that: I have no tool for it.",
        "There is no tool for that here.",
    ];

    static readonly string[] s_errors = ["the service does not answer", "not allowed", "unknown value", "try again later"];

    public Draw Draw => draw;

    /// <param name="hasFittingTool">Else the request is for what none of the tools does.</param>
    /// <param name="tools">How many stand in the prompt; 0 draws one to three.</param>
    public SchemaItem Next(bool hasFittingTool, int tools = 0)
    {
        var count = tools > 0 ? tools : draw.Index(1, MaxTools);
        var chosen = draw.PickMany(purposes, hasFittingTool ? count : count + 1);
        var asked = chosen[0];
        var offered = draw.PickMany(hasFittingTool ? chosen : chosen[1..], count).Select(purpose => (purpose, Declare(purpose))).ToArray();
        ToolDeclaration[] declarations = [.. offered.Select(pair => pair.Item2.Tool)];
        var values = asked.Parameters.ToDictionary(parameter => parameter.Slot, Value, StringComparer.Ordinal);
        var request = Sentences.Capitalize(Fill(draw.Pick(asked.Requests), values));
        var prompt = Conversation.From(
            Message.System(ToolListText.Write(declarations)), Message.User(Typing.Careless(draw, request, keepsWords: true)));
        if (!hasFittingTool)
        {
            return new SchemaItem(prompt, declarations, null, null, draw.Pick(s_noTool));
        }

        var (tool, names) = offered.Single(pair => pair.purpose == asked).Item2;
        var call = new ToolCallPart(tool.Name, Arguments(asked, names, values));
        var (result, answer) = Result(tool.Name, asked, values);
        return new SchemaItem(prompt, declarations, call, result, answer);
    }

    /// <summary>What the tool says and nothing else, however unlikely it is.</summary>
    (ToolResultPart Result, string Answer) Result(string tool, InventedPurpose purpose, Dictionary<string, string> values)
    {
        switch (draw.Index(0, 9))
        {
            case 0:
                var fault = draw.Pick(s_errors);
                return (new ToolResultPart(tool, fault, IsError: true), draw.Pick(
                    $"That did not work: {fault}.", $"I could not do it: {fault}.", $"The tool reports an error: {fault}."));
            case 1:
                return (new ToolResultPart(tool, ""), draw.Pick("The tool gave no answer.", "Nothing came back.", "There is no result."));
            default:
                var text = Fill(draw.Pick(purpose.Results), values);
                return (new ToolResultPart(tool, text), Sentences.Capitalize(text) + ".");
        }
    }

    (ToolDeclaration Tool, string[] Names) Declare(InventedPurpose purpose)
    {
        var name = draw.Index(0, 2) switch
        {
            0 => draw.Pick(purpose.Names),
            1 => draw.InventedWord(),
            _ => $"{draw.InventedWord()}_{draw.InventedWord()}",
        };
        var names = new List<string>();
        foreach (var parameter in purpose.Parameters)
        {
            var free = parameter.Names.Where(candidate => !names.Contains(candidate)).ToArray();
            names.Add(draw.Chance(0.25) ? draw.InventedWord() : draw.Pick(free));
        }

        var properties = string.Join(',', purpose.Parameters.Zip(names, (parameter, key) =>
            $$"""{{Quote(key)}}:{"type":"{{(parameter.IsNumber ? "integer" : "string")}}"}"""));
        var schema = JsonElement.Parse(
            $$"""{"type":"object","properties":{{{properties}}},"required":[{{string.Join(',', names.Select(Quote))}}]}""");
        return (new ToolDeclaration(name, draw.Pick(purpose.Descriptions), schema), [.. names]);
    }

    static JsonElement Arguments(InventedPurpose purpose, string[] names, Dictionary<string, string> values) => JsonElement.Parse(
        "{" + string.Join(',', purpose.Parameters.Zip(names, (parameter, key) =>
            $"{Quote(key)}:{(parameter.IsNumber ? values[parameter.Slot] : Quote(values[parameter.Slot]))}")) + "}");

    static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    string Value(InventedParameter parameter) => parameter.Kind switch
    {
        "word" => draw.InventedWord(),
        "name" => draw.Chance(0.3) ? $"{draw.InventedName()} {draw.InventedName()}" : draw.InventedName(),
        "number" => draw.Number(2, 99).ToString(CultureInfo.InvariantCulture),
        "time" => $"{draw.Index(0, 23)}:{draw.Index(0, 59):00}",
        "date" => $"{draw.Index(1, 28)} {draw.Pick(s_months)}",
        "code" => $"{(char)('A' + draw.Index(0, 25))}{(char)('A' + draw.Index(0, 25))}{draw.Number(100, 9999)}",
        "text" => draw.Pick(s_texts),
        var choices => draw.Pick(choices.Split('|')),
    };

    string Fill(string template, Dictionary<string, string> values)
    {
        foreach (var (slot, value) in values)
        {
            template = template.Replace(slot, value, StringComparison.Ordinal);
        }

        return template.Replace("{number}", $"{draw.Number(2, 999)}", StringComparison.Ordinal)
            .Replace("{word}", draw.InventedName(), StringComparison.Ordinal)
            .Replace("{time}", $"{draw.Index(0, 23)}:{draw.Index(0, 59):00}", StringComparison.Ordinal);
    }
}
