using System.Globalization;
using Noos.Core.Conversations;
using Noos.Courses.Lessons;
using Noos.Courses.Reading;
using Noos.Tools.Lessons;

namespace Noos.Tools.Files.Course;

/// <summary>
/// Writes questions for files, with overviews and results in the shape of <see cref="FileOverview"/> and <see cref="ReadFileTool"/>: the
/// part that the overview names, a part by its number, a cell of a table, where a word is; and files that are shown whole, so that
/// nothing needs to be read.
/// </summary>
sealed class FileWriter(Draw draw, FilePhrases phrases, IEnumerator<ReadingItem> items)
{
    const string NotSaid = "The file does not say.";

    static readonly (string Ending, string Description, string Unit)[] s_formats =
        [("pdf", "PDF document", "page"), ("pptx", "PowerPoint presentation", "slide"), ("epub", "e-book (EPUB)", "chapter")];

    static readonly string[] s_columns = ["Name", "Town", "Price", "Colour", "Weight", "Amount", "Year", "Owner", "Height", "Code"];

    public CallLesson Next() => draw.Index(0, 99) switch
    {
        < 40 => Part(),
        < 55 => Place(),
        < 68 => Cell(),
        < 84 => Word(),
        _ => Whole(),
    };

    CallLesson Part()
    {
        while (true)
        {
            var item = NextItem();
            if (item.Passages.Count < 2)
            {
                continue;
            }

            var file = NextFile();
            // Headings stand where their passages begin, in the order of the passages.
            var places = Places(item.Passages.Count, file.Count);
            var headings = item.Passages.Select((_, index) => $"{file.Unit} {places[index]}: {item.Subjects[index].Trim('"')}");
            var asked = item.Answer is null ? AskedOf(item) : item.Passage;
            if (asked < 0)
            {
                continue;
            }

            var at = $"{file.Unit} {places[asked]}";
            var question = WordingTemplate.Fill(draw.Pick(phrases.Part), ("q", item.Question), ("f", file.Name));
            return new(
                "part", CallLesson.AskAbout(file.Name, file.Overview(string.Join('\n', headings)), question),
                Call(file.Name, ReadFileTool.At, at),
                Result($"[{file.Name}, {at}]\n{item.Passages[asked]}"),
                item.Answer is { } span ? $"{span} ({file.Name}, {at})" : NotSaid);
        }
    }

    CallLesson Place()
    {
        var (item, file) = (NextItem(), NextFile());
        var number = draw.Number(1, file.Count);
        var at = $"{file.Unit} {number}";
        var question = WordingTemplate.Fill(draw.Pick(phrases.Place), ("p", file.Unit), ("n", $"{number}"), ("f", file.Name));
        return new(
            "place", CallLesson.AskAbout(file.Name, file.Overview($"It begins: {NextItem().Passages[0]} ..."), question),
            Call(file.Name, ReadFileTool.At, at), Result($"[{file.Name}, {at}]\n{item.Passages[0]}"),
            $"{Sentences.First(item.Passages[0])} ({file.Name}, {at})");
    }

    CallLesson Cell()
    {
        var name = $"{draw.InventedWord()}.{draw.Pick("csv", "csv", "tsv")}";
        var columns = draw.PickMany(s_columns, draw.Index(2, 4));
        var rows = (int)draw.Number(200, 9000);
        string[] Row() => [.. columns.Select(column => Value(column))];
        var column = draw.Index(0, columns.Length - 1);
        var (number, wanted) = (draw.Number(2, rows + 1), Row());
        var described = string.Join(", ", columns.Select(Describe));
        var sample = string.Join('\n', Enumerable.Range(2, 2).Select(row => $"row {row}: {string.Join(" | ", Row())}"));
        var size = string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows and {columns.Length} columns");
        var kind = name.EndsWith("csv", StringComparison.Ordinal) ? "table (CSV)" : "table (TSV)";
        var overview = $"{name}: {kind}, {draw.Index(9, 400)} KiB, {size}\nColumns: {described}\n{sample}\n{Advice(name, "rows 2-21")} "
            + $"To calculate with all of it, open \"{name}\" in code.";
        var question = WordingTemplate.Fill(draw.Pick(phrases.Cell), ("c", columns[column]), ("n", $"{number}"), ("f", name));
        return new(
            "cell", CallLesson.AskAbout(name, overview, question), Call(name, ReadFileTool.At, $"row {number}"),
            Result($"[{name}, row {number}]\n{string.Join(" | ", columns)}\n{string.Join(" | ", wanted)}"),
            $"{wanted[column]} ({name}, row {number})");
    }

    CallLesson Word()
    {
        var (item, file) = (NextItem(), NextFile());
        var word = item.Subjects[0].Trim('"');
        var question = WordingTemplate.Fill(draw.Pick(phrases.Word), ("w", word), ("f", file.Name));
        var found = draw.Chance(0.25) ? [] : Places(draw.Index(1, 3), file.Count);
        var prompt = CallLesson.AskAbout(file.Name, file.Overview($"It begins: {NextItem().Passages[0]} ..."), question);
        var call = Call(file.Name, ReadFileTool.Search, word);
        if (found.Length == 0)
        {
            return new(
                "word", prompt, call, Result($"\"{word}\" is nowhere in {file.Name}; try fewer or other words."),
                Sentences.Capitalize($"{word} is nowhere in {file.Name}."));
        }

        var hits = string.Join('\n', found.Select(place =>
            $"[{file.Unit} {place}] {word} {draw.InventedWord()} {draw.InventedWord()} ..."));
        var times = found.Length == 1 ? "1 time" : $"{found.Length} times";
        return new(
            "word", prompt, call, Result($"\"{word}\" is {times} in {file.Name}:\n{hits}"),
            Sentences.Capitalize($"{word} is on {string.Join(" and ", found.Select(place => $"{file.Unit} {place}"))} ({file.Name})."));
    }

    CallLesson Whole()
    {
        var item = NextItem();
        while (item.Passages.Count > 2)
        {
            item = NextItem();
        }

        var name = $"{draw.InventedWord()}.pdf";
        var pages = string.Join('\n', item.Passages.Select((passage, index) => $"[page {index + 1}]\n{passage}"));
        var question = WordingTemplate.Fill(draw.Pick(phrases.Whole), ("q", item.Question), ("f", name));
        return new(
            "no call", CallLesson.AskAbout(name, $"{name}: PDF document, {draw.Index(2, 90)} KiB\n{pages}", question), null, null,
            item.Answer is { } span ? $"{span} ({name}, page {item.Passage + 1})" : NotSaid);
    }

    ReadingItem NextItem()
    {
        items.MoveNext();
        return items.Current;
    }

    /// <summary>The passage that a question without an answer is about; -1 where it is about none.</summary>
    static int AskedOf(ReadingItem item) => item.Subjects.Take(item.Passages.Count).ToList()
        .FindIndex(subject => item.Question.Contains(subject.Trim('"'), StringComparison.OrdinalIgnoreCase));

    GivenFile NextFile()
    {
        var (ending, description, unit) = draw.Pick(s_formats);
        var name = draw.Chance(0.5) ? draw.InventedWord() : $"{draw.InventedWord()}-{draw.Pick("report", "plan", "notes", "guide")}";
        return new GivenFile(
            $"{name}.{ending}", $"{description}, {draw.Index(80, 900)} KiB", unit, (int)draw.Number(12, unit == "page" ? 300 : 60));
    }

    /// <summary>Different places in ascending order.</summary>
    int[] Places(int count, int last)
    {
        var chosen = new SortedSet<int>();
        while (chosen.Count < count)
        {
            chosen.Add((int)draw.Number(1, last));
        }

        return [.. chosen];
    }

    string Value(string column) => column switch
    {
        "Price" => string.Create(CultureInfo.InvariantCulture, $"{draw.Number(1, 900)}.{draw.Index(1, 9)}"),
        "Weight" or "Amount" or "Height" => $"{draw.Number(1, 900)}",
        "Year" => $"{draw.Number(1900, 2030)}",
        "Code" => $"{draw.InventedWord()[..2].ToUpperInvariant()}{draw.Number(10, 99)}",
        _ => draw.InventedName(),
    };

    string Describe(string column) => column switch
    {
        "Price" or "Weight" or "Amount" or "Height" => $"{column} (number, {draw.Index(1, 9)} to {draw.Index(800, 900)})",
        "Year" => $"{column} (number, 1900 to 2030)",
        _ => $"{column} (text, such as {Value(column)}; {Value(column)})",
    };

    static string Advice(string name, string example) =>
        $"It is too long to be shown whole. To read in it: {ReadFileTool.Name} with \"{ReadFileTool.File}\": \"{name}\" and "
        + $"\"{ReadFileTool.At}\" (such as \"{example}\") or \"{ReadFileTool.Search}\" (words).";

    static ToolResultPart Result(string text) => new(ReadFileTool.Name, text);

    static ToolCallPart Call(string file, string argument, string value) =>
        ToolCourse.CreateCall(ReadFileTool.Name, (ReadFileTool.File, file), (argument, value));

    /// <summary>A file that is too long to be shown.</summary>
    sealed record GivenFile(string Name, string Description, string Unit, int Count)
    {
        public string Overview(string lines) =>
            $"{Name}: {Description}, {Count} {Unit}s\n{lines}\n{Advice(Name, $"{Unit} {Math.Max(1, (Count + 1) / 2)}")}";
    }
}
