using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Cli.Permissions;
using Noos.Cli.Processes;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Core.Tools;
using Noos.Cpus;
using Noos.Cpus.Library;
using Noos.Cpus.Local;
using Noos.Tools;

namespace Noos.Cli.Chat;

/// <summary><c>noos tools</c>: what a model may call. Nothing is started, and no weights are read.</summary>
static class ToolsCommand
{
    static readonly JsonSerializerOptions s_json =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(NoosSettings settings)
    {
        var model = ModelOptions.ModelOption();
        var json = CommandOutput.JsonOption(
            "Write one line of JSON: {\"model\", \"data\": [{\"name\", \"description\", \"needs\", \"repeatable\", \"offered\", "
            + "\"parameters\"}, ...]}.");
        var command = new CommandWithExamples(
            "tools", "List the tools: what each does, what it must be allowed to do, and whether the model is offered it.", "noos tools",
            "noos tools --model qwen3-0.6b --json", "noos ask --tool search \"Who was George Washington?\"");
        command.Options.Add(model);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            var (name, taught) = Model(parsed, model, settings);
            Row[] rows = [.. Toolbox.Create(ToolboxSettings.From(settings)).Select(tool => Row.From(tool, taught))];
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(new { model = name, data = rows }, s_json));
            }
            else
            {
                Write(name, rows, Console.Out);
            }

            return 0;
        });
        return command;
    }

    /// <summary>The model at hand and what it was taught; nameless where none is chosen and none is found.</summary>
    static (string? Name, IReadOnlyList<string>? Taught) Model(ParseResult parsed, Option<string?> model, NoosSettings settings)
    {
        var chosen = ModelOptions.Chosen(parsed, model, settings);
        try
        {
            var path = ModelSource.FindFile(new NoosOptions { Model = chosen, Library = ModelLibraryOptions.From(settings) });
            return path is null ? (ModelSource.NameOf(chosen!), null) : (ModelSource.NameOf(path), TaughtTools.Read(path));
        }
        catch (NoosException) when (chosen is null)
        {
            // The tools are there without a model, too.
            return (null, null);
        }
    }

    static void Write(string? model, Row[] rows, TextWriter output)
    {
        var (name, needs) = (rows.Max(row => row.Name.Length), rows.Max(row => row.Allowed.Length));
        foreach (var row in rows)
        {
            output.WriteLine(VisibleText.From(
                $"{(row.Offered ? '*' : ' ')} {row.Name.PadRight(name)}  {row.Allowed.PadRight(needs)}  {row.Summary}"));
        }

        output.WriteLine(model is null
            ? "No model was found; a model is offered what its file says it was taught."
            : $"* is offered to {VisibleText.From(model)} without being asked for; --tool NAME offers others.");
    }

    sealed record Row(
        string Name, string Description, IReadOnlyList<string> Needs, bool Repeatable, bool Offered, JsonElement Parameters)
    {
        /// <summary>What it must be allowed to do.</summary>
        internal string Allowed => Needs.Count == 0 ? "-" : string.Join(", ", Needs);

        /// <summary>The first sentence of the description.</summary>
        internal string Summary =>
            Description.AsSpan().IndexOfAny('\n', '\r') is var line and >= 0 ? Sentence(Description[..line]) : Sentence(Description);

        public static Row From(ITool tool, IReadOnlyList<string>? taught) => new(
            tool.Declaration.Name, tool.Declaration.Description, [.. tool.Needs.Select(need => need.Name)], tool.IsRepeatable,
            taught?.Contains(tool.Declaration.Name) ?? true, tool.Declaration.Parameters);

        static string Sentence(string text) => text.IndexOf(". ", StringComparison.Ordinal) is var end and >= 0 ? text[..(end + 1)] : text;
    }
}
