using System.Globalization;
using Noos.Core.Conversations;
using Noos.Courses.Lessons;
using Noos.Tools.Code.JavaScript;
using Noos.Tools.Code.Python;
using Noos.Tools.Lessons;

namespace Noos.Tools.Code.Course;

/// <summary>
/// Writes requests that code answers, with results as the sandbox prints them: numbers of the columns of a table, for each group or in all,
/// charts of them, letters of words; a mistake that is mended; and tables that are shown whole, of which a cell is read off.
/// </summary>
sealed class CodeWriter(Draw draw, CodePhrases phrases)
{
    static readonly string[] s_groups = ["Region", "Town", "Category", "Product", "Team", "Shop", "Colour", "Customer"];
    static readonly string[] s_values = ["Price", "Amount", "Cost", "Weight", "Sales", "Points", "Hours", "Profit"];

    public CallLesson Next() => draw.Index(0, 99) switch
    {
        < 30 => Grouped(),
        < 50 => Column(),
        < 65 => Chart(),
        < 85 => Word(),
        < 92 => Mended(),
        _ => Shown(),
    };

    CallLesson Grouped()
    {
        var table = NextTable();
        var operation = draw.Pick(TableOperation.All);
        var lines = table.Lines(operation);
        return new(
            "groups", Given(table, table.Question(draw.Pick(phrases.Grouped), operation)), Python(table.GroupedCode(operation)),
            Result(PythonTool.Name, string.Join('\n', lines.Select(line => $"{line.Group} {line.Number}"))),
            Sentences.Capitalize($"{string.Join(", ", lines.Select(line => $"{line.Group}: {line.Number}"))}."))
        { File = table.Csv };
    }

    CallLesson Column()
    {
        var table = NextTable();
        var operation = draw.Pick(TableOperation.All);
        var number = operation.Print([.. table.Rows.Select(row => row.Number)]);
        return new(
            "column", Given(table, table.Question(draw.Pick(phrases.Column), operation)), Python(table.ColumnCode(operation)),
            Result(PythonTool.Name, number), $"The {operation.Name} {table.Value} is {number}.")
        { File = table.Csv };
    }

    /// <summary>The second call of a chart: the numbers are there, in a file.</summary>
    CallLesson Chart()
    {
        var table = NextTable();
        var operation = draw.Pick(TableOperation.All);
        var lines = table.Lines(operation);
        var printed = string.Join('\n', lines.Select(line => $"{line.Group} {line.Number}"));
        var prompt = Given(table, table.Question(draw.Pick(phrases.Chart), operation));
        var title = $"{Sentences.Capitalize(operation.Name)} {table.Value} per {table.Group}";
        var chart = $"chart({{type: 'bar', title: '{title}', data: readCsv('result.csv'), x: '{table.Group}', y: '{table.Value}'}})";
        prompt = new Conversation([
            .. prompt.Messages, Message.Assistant(Python(table.ChartCode(operation))),
            Message.Tool(Result(PythonTool.Name, $"{printed}\nFiles written: result.csv (1 KiB)")),
        ]);
        return new(
            "chart", prompt, Call(JavaScriptTool.Name, chart), Result(JavaScriptTool.Name, "Files written: chart-1.svg (2 KiB)"),
            Sentences.Capitalize($"{string.Join(", ", lines.Select(line => $"{line.Group}: {line.Number}"))}. The chart shows it."));
    }

    CallLesson Word()
    {
        var word = draw.InventedWord() + (draw.Chance(0.4) ? draw.InventedWord() : "");
        var (question, code) = draw.Pick(phrases.Words);
        var output = code switch
        {
            _ when code.Contains("[::-1]", StringComparison.Ordinal) => new string([.. word.Reverse()]),
            _ when code.Contains("len(", StringComparison.Ordinal) => $"{word.Length}",
            _ when code.Contains("upper", StringComparison.Ordinal) => word.ToUpperInvariant(),
            _ when code.Contains("sorted", StringComparison.Ordinal) => new string([.. word.Order()]),
            _ => $"{word.Count(letter => letter == code[code.IndexOf("count(\"", StringComparison.Ordinal) + 7])}",
        };
        return new(
            "word", Conversation.From(Message.User(WordingTemplate.Fill(question, ("w", word)))),
            Python(WordingTemplate.Fill(code, ("w", word))), Result(PythonTool.Name, output), output);
    }

    /// <summary>The first try had a column wrong; its error says so, and the second try is right.</summary>
    CallLesson Mended()
    {
        var table = NextTable();
        var operation = draw.Pick(TableOperation.All);
        var wrong = table with { Value = draw.Chance(0.5) ? table.Value.ToLowerInvariant() : table.Value + "s" };
        var prompt = Given(table, table.Question(draw.Pick(phrases.Column), operation));
        prompt = new Conversation([
            .. prompt.Messages, Message.Assistant(Python(wrong.ColumnCode(operation))),
            Message.Tool(new ToolResultPart(PythonTool.Name, $"KeyError: '{wrong.Value}'", IsError: true)),
        ]);
        var number = operation.Print([.. table.Rows.Select(row => row.Number)]);
        return new(
            "mended", prompt, Python(table.ColumnCode(operation)), Result(PythonTool.Name, number),
            $"The {operation.Name} {table.Value} is {number}.")
        { File = table.Csv };
    }

    CallLesson Shown()
    {
        var table = NextTable(rows: draw.Index(2, 5), isDistinct: true);
        var (key, number) = draw.Pick(table.Rows);
        var rows = string.Join('\n', table.Rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Group} | {row.Number}")));
        var whole = $"{table.File}: table (CSV), 1 KiB\n[rows 2-{table.Rows.Count + 1}]\n{table.Group} | {table.Value}\n{rows}";
        var question = WordingTemplate.Fill(draw.Pick(phrases.Shown), ("v", table.Value), ("k", key), ("f", table.File));
        return new("no call", CallLesson.AskAbout(table.File, whole, question), null, null, number.ToString(CultureInfo.InvariantCulture));
    }

    Table NextTable(int? rows = null, bool isDistinct = false)
    {
        var names = new List<string>();
        for (var count = rows ?? draw.Index(2, 4); names.Count < count;)
        {
            names.Add(draw.InventedName());
        }

        var length = rows ?? draw.Index(12, 40);
        var hasFraction = draw.Chance(0.5);
        var table = new List<(string, decimal)>();
        for (var row = 0; row < length; row++)
        {
            var group = isDistinct || row < names.Count ? names[row] : draw.Pick<string>(names);
            table.Add((group, draw.Number(1, 900) + (hasFraction ? draw.Index(1, 9) / 10m : 0)));
        }

        return new Table($"{draw.InventedWord()}.csv", draw.Pick(s_groups), draw.Pick(s_values), table);
    }

    static Conversation Given(Table table, string question)
    {
        var numbers = table.Rows.Select(row => row.Number).ToList();
        var sample = table.Rows.Take(3).Select((row, index) =>
            string.Create(CultureInfo.InvariantCulture, $"row {index + 2}: {row.Group} | {row.Number}"));
        var overview = string.Create(
            CultureInfo.InvariantCulture,
            $"{table.File}: table (CSV), {Math.Max(9, numbers.Count)} KiB, {numbers.Count} rows and 2 columns\n"
            + $"Columns: {table.Group} (text, such as {table.Rows[0].Group}; {table.Rows[1].Group}), "
            + $"{table.Value} (number, {numbers.Min()} to {numbers.Max()})\n{string.Join('\n', sample)}\n"
            + $"It is too long to be shown whole. To calculate with all of it, open \"{table.File}\" in code.");
        return CallLesson.AskAbout(table.File, overview, question);
    }

    static ToolResultPart Result(string tool, string text) => new(tool, text);

    static ToolCallPart Python(string code) => Call(PythonTool.Name, code);

    static ToolCallPart Call(string tool, string code) => ToolCourse.CreateCall(tool, CodeTool.Argument, code);

    /// <summary>A table with a column of names and one of numbers.</summary>
    sealed record Table(string File, string Group, string Value, IReadOnlyList<(string Group, decimal Number)> Rows)
    {
        public (string Name, string Content) Csv => (File, $"{Group},{Value}\n" + string.Concat(Rows.Select(row =>
            string.Create(CultureInfo.InvariantCulture, $"{row.Group},{row.Number}\n"))));

        public string Question(string template, TableOperation operation) => Sentences.Capitalize(WordingTemplate.Fill(
            template, ("o", operation.Name), ("v", Value), ("g", Group), ("f", File)));

        public List<(string Group, string Number)> Lines(TableOperation operation) => [.. Rows
            .GroupBy(row => row.Group, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, operation.Print([.. group.Select(row => row.Number)])))];

        public string ColumnCode(TableOperation operation) => $"""
            import csv
            values = [float(row["{Value}"]) for row in csv.DictReader(open("{File}"))]
            print({operation.Code})
            """;

        public string GroupedCode(TableOperation operation) => $"""
            import csv
            from collections import defaultdict
            found = defaultdict(list)
            for row in csv.DictReader(open("{File}")):
                found[row["{Group}"]].append(float(row["{Value}"]))
            for name, values in sorted(found.items()):
                print(name, {operation.Code})
            """;

        public string ChartCode(TableOperation operation) => $$"""
            import csv
            from collections import defaultdict
            found = defaultdict(list)
            for row in csv.DictReader(open("{{File}}")):
                found[row["{{Group}}"]].append(float(row["{{Value}}"]))
            with open("result.csv", "w") as out:
                print("{{Group}},{{Value}}", file=out)
                for name, values in sorted(found.items()):
                    print(name, {{operation.Code}})
                    print(f"{name},{{{operation.Code}}}", file=out)
            """;
    }
}
