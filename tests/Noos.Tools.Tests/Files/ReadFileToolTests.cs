using System.Text;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Testing;
using Noos.Tools.Code;
using Noos.Tools.Code.JavaScript;
using Noos.Tools.Files;

namespace Noos.Tools.Tests.Files;

/// <summary>The tool behind the real gate.</summary>
public sealed class ReadFileToolTests : IDisposable
{
    readonly TemporaryFolder _home = new();
    readonly string _folder;
    readonly ToolGate _gate = new(new ToolLimits());

    public ReadFileToolTests() => _folder = _home.CreateFolder("conversation");

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Small_file_is_shown_whole_behind_its_places()
    {
        Write("sales.csv", SampleFiles.Csv);
        Write("plan.pdf", SampleFiles.Pdf(true, "First page", "Second page"));

        var sales = await ReadAsync("sales.csv");
        var plan = await ReadAsync("plan.pdf");

        Assert.StartsWith(
            "sales.csv: table (CSV), 1 KiB\n[rows 2-5]\nRegion | Product | Price | Sold\nNorth | Lamp", sales, StringComparison.Ordinal);
        Assert.Contains("[page 1]\nFirst page\n[page 2]\nSecond page", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_table_is_shown_by_its_columns_and_read_by_rows()
    {
        Write("sales.csv", "Region,Price,Sold\n" + string.Concat(Enumerable.Range(0, 5000).Select(number =>
            $"{(number % 2 == 0 ? "North" : "South")},{number}.5,2024-01-{1 + (number % 28):00}\n")));

        var overview = await ReadAsync("sales.csv");
        var rows = await ReadAsync("sales.csv", at: "rows 4000-4002");

        Assert.Contains("5,000 rows and 3 columns", overview, StringComparison.Ordinal);
        Assert.Contains(
            "Columns: Region (text, such as North; South), Price (number, 0.5 to 4999.5), Sold (date, 2024-01-01 to 2024-01-28)", overview,
            StringComparison.Ordinal);
        Assert.Contains("row 2: North | 0.5 | 2024-01-01", overview, StringComparison.Ordinal);
        Assert.Contains("\"at\" (such as \"rows 2-21\")", overview, StringComparison.Ordinal);
        Assert.Contains("open \"sales.csv\" in code", overview, StringComparison.Ordinal);
        Assert.Equal(
            "[sales.csv, rows 4000-4002]\nRegion | Price | Sold\nNorth | 3998.5 | 2024-01-23\nSouth | 3999.5 | 2024-01-24\n"
            + "North | 4000.5 | 2024-01-25", rows);
    }

    [Theory]
    [InlineData("text.txt", "line 1")]
    [InlineData("table.csv", "row 2")]
    [InlineData("minified.json", "line 1")]
    [InlineData("pages.pdf", "page 1")]
    [InlineData("one-page.pdf", "page 1")]
    public async Task Reading_on_from_place_to_place_shows_all(string name, string first)
    {
        var words = string.Join(' ', Enumerable.Range(0, 3000).Select(number => $"word{number}"));
        Write(name, name switch
        {
            "text.txt" => Encoding.UTF8.GetBytes(words.Replace(' ', '\n')),
            "table.csv" => Encoding.UTF8.GetBytes("Word,Length\n" + words.Replace(" ", ",1\n", StringComparison.Ordinal) + ",1\n"),
            "minified.json" => Encoding.UTF8.GetBytes($"{{\"a\": \"{words}\"}}"),
            "pages.pdf" => SampleFiles.Pdf(true, [.. words.Split(' ').Chunk(500).Select(page => string.Join('\n', page.Chunk(10)
                .Select(line => string.Join(' ', line))))]),
            _ => SampleFiles.Pdf(true, string.Join('\n', words.Split(' ').Chunk(10).Select(line => string.Join(' ', line)))),
        });

        var all = new StringBuilder();
        var at = first;
        for (var call = 0; call < 40 && at is not null; call++)
        {
            var text = await ReadAsync(name, at);
            Assert.StartsWith($"[{name}, ", text, StringComparison.Ordinal);
            Assert.True(text.Length <= 4000);
            var more = text.IndexOf("(More: \"at\": \"", StringComparison.Ordinal);
            all.Append(more < 0 ? text : text[..more]).Append('\n');
            at = more < 0 ? null : text[(more + "(More: \"at\": \"".Length)..^"\")".Length];
        }

        Assert.Null(at);
        for (var number = 0; number < 3000; number += 7)
        {
            Assert.Contains($"word{number}", name is "minified.json" or "one-page.pdf" ? Join(all.ToString()) : all.ToString(),
                StringComparison.Ordinal);
        }

        // Where a piece ends in the middle of a word.
        static string Join(string text) => string.Concat(text.Split('\n').Where(line => !line.StartsWith('[')));
    }

    [Fact]
    public async Task Words_are_found_with_their_places()
    {
        Write("book.pdf", SampleFiles.Pdf(false, "It was a dark night.", "The lighthouse keeper slept.", "The keeper woke."));
        Write("sales.csv", SampleFiles.Csv);

        Assert.Equal(
            "\"keeper\" is 2 times in book.pdf:\n[page 2] The lighthouse keeper slept.\n[page 3] The keeper woke.",
            await ReadAsync("book.pdf", search: "keeper"));
        Assert.Equal(
            "\"north chair\" is 1 time in sales.csv:\n[row 4] North | Chair | 45.25 | 2024-03-04",
            await ReadAsync("sales.csv", search: "north chair"));
        Assert.Contains("nowhere in sales.csv", await ReadAsync("sales.csv", search: "whale"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sheet Staff 2024", "Hugo | TRUE")]
    [InlineData("Staff 2024", "Hugo | TRUE")]
    [InlineData("sheet Sales, row 3", "South & East")]
    [InlineData("sheet Sales, rows 6-9", "West | 7")]
    public async Task Sheets_are_read_by_name(string at, string expected)
    {
        Write("book.xlsx", SampleFiles.Spreadsheet());
        Assert.Contains(expected, await ReadAsync("book.xlsx", at), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("page 2")]
    [InlineData("Page 2.")]
    [InlineData("2")]
    [InlineData("pages 2-2")]
    [InlineData("p. 2")]
    [InlineData("[page 2]")]
    public async Task Places_are_understood_as_people_write_them(string at)
    {
        Write("plan.pdf", SampleFiles.Pdf(true, "First page", "Second page", "Third page"));
        var text = await ReadAsync("plan.pdf", at);
        Assert.StartsWith("[plan.pdf, page 2]\nSecond page", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entry_of_an_archive_is_read_by_its_name()
    {
        Write("all.zip", SampleFiles.Zip(("notes/a b 3.txt", "hello"u8.ToArray()), ("b.csv", Encoding.UTF8.GetBytes(SampleFiles.Csv))));
        Assert.Contains("hello", await ReadAsync("all.zip", "entry notes/a b 3.txt"), StringComparison.Ordinal);
        Assert.Contains("45.25", await ReadAsync("all.zip", "entry b.csv, rows 4-4"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_are_one_sentence_that_says_what_there_is()
    {
        Write("sales.csv", SampleFiles.Csv);
        Write("broken.pdf", "%PDF-1.4 nothing");

        Assert.Contains("there are \"broken.pdf\", \"sales.csv\"", await FailAsync("sails.txt"), StringComparison.Ordinal);
        Assert.Contains("damaged", await FailAsync("broken.pdf"), StringComparison.Ordinal);
        Assert.Contains("There is no page 7", await FailAsync("sales.csv", at: "page 7"), StringComparison.Ordinal);
        Directory.Delete(_folder, recursive: true);
        Assert.Contains("No file was given", await FailAsync("sales.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_may_be_nearly_right()
    {
        Write("Sales 2024.csv", SampleFiles.Csv);
        Assert.Contains("45.25", await ReadAsync("sales 2024.CSV"), StringComparison.Ordinal);
        Assert.Contains("45.25", await ReadAsync("data/Sales 2024.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_outside_the_folder_needs_a_person_and_so_does_a_link_to_one()
    {
        var secret = _home.File("secret.txt");
        await File.WriteAllTextAsync(secret, "the secret", Token);
        File.CreateSymbolicLink(Path.Combine(_folder, "notes.txt"), secret);

        foreach (var path in (string[])[secret, "../secret.txt", "notes.txt"])
        {
            Assert.Contains("permission of a person", await FailAsync(path), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_read_is_labelled_as_of_a_file()
    {
        Write("sales.csv", SampleFiles.Csv);
        var outcome = await CallAsync("sales.csv", null, null);
        Assert.Equal(Origin.File, outcome.Result.Origin);
    }

    [Fact]
    public async Task Model_that_is_given_a_table_reads_it_and_answers_with_the_place()
    {
        Write("sales.csv", "Region,Price\n" + string.Concat(Enumerable.Range(0, 900).Select(number => $"R{number},{number}\n")));
        var cpu = new ScriptedCpu(
            [ScriptedCpu.Call("1", "read_file", """{"file": "sales.csv"}""")],
            [ScriptedCpu.Call("2", "read_file", """{"file": "sales.csv", "at": "rows 700-701"}""")],
            [new TextDelta("R698 costs 698 (sales.csv, row 700).")]);
        await using var assistant = new Assistant(cpu, [new ReadFileTool()]);

        var events = await assistant.AnswerAsync(
            new Turn(Conversation.From(Message.User("What does R698 cost?"))), _folder, Token).ToListAsync(Token);

        var read = cpu.Turns[^1].Conversation.Messages.Where(message => message.Role == Role.Tool).Select(Text).ToArray();
        Assert.Contains("900 rows and 2 columns", read[0], StringComparison.Ordinal);
        Assert.Equal("[sales.csv, rows 700-701]\nRegion | Price\nR698 | 698\nR699 | 699", read[1]);
        Assert.NotEmpty(events);

        static string Text(Message message) => ((ToolResultPart)message.Parts[0]).Text;
    }

    [Fact]
    public async Task Model_reads_a_table_calculates_with_all_of_it_and_draws()
    {
        var folder = Path.Combine(_home.Path, "asked");
        await using (var content = new MemoryStream(Encoding.UTF8.GetBytes(SampleFiles.Csv)))
        {
            await Kernel.Processes.GivenFiles.StoreAsync(folder, "sales.csv", content, cancellationToken: Token);
        }

        var cpu = new ScriptedCpu(
            [ScriptedCpu.Call("1", "read_file", """{"file": "sales.csv"}""")],
            [ScriptedCpu.Call("2", "javascript", JsonSerializer.Serialize(new
            {
                code = """
                    const groups = Object.groupBy(readCsv('sales.csv'), row => row.Region);
                    const means = Object.entries(groups).map(([region, rows]) =>
                        ({region, mean: rows.reduce((sum, row) => sum + row.Price, 0) / rows.length}));
                    chart({type: 'bar', title: 'Average price', data: means, x: 'region', y: 'mean'});
                    console.table(means);
                    """,
            }))],
            [new TextDelta("North 28.875, South 11, East 80 (sales.csv, rows 2-5).")]);
        await using var assistant = new Assistant(cpu, [new ReadFileTool(), new JavaScriptTool(new CodeRuntime())]);

        _ = await assistant.AnswerAsync(
            new Turn(Conversation.From(Message.User("What is the average price per region? Draw it."))), folder, Token).ToListAsync(Token);

        var results = cpu.Turns[^1].Conversation.Messages.Where(message => message.Role == Role.Tool)
            .SelectMany(message => message.Parts).OfType<ToolResultPart>().Select(result => result.Text).ToArray();
        Assert.Contains("[rows 2-5]\nRegion | Product | Price | Sold", results[0], StringComparison.Ordinal);
        Assert.Contains("North   28.875", results[1], StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "chart-1.svg")), results[1]);
    }

    void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content);

    void Write(string name, byte[] content) => File.WriteAllBytes(Path.Combine(_folder, name), content);

    async Task<string> ReadAsync(string file, string? at = null, string? search = null)
    {
        var outcome = await CallAsync(file, at, search);
        Assert.False(outcome.Result.IsError, Text(outcome.Result));
        return Text(outcome.Result);
    }

    async Task<string> FailAsync(string file, string? at = null)
    {
        var outcome = await CallAsync(file, at, search: null);
        Assert.True(outcome.Result.IsError, Text(outcome.Result));
        return Text(outcome.Result);
    }

    ValueTask<ToolOutcome> CallAsync(string file, string? at, string? search)
    {
        var arguments = new Dictionary<string, string> { ["file"] = file };
        if (at is not null)
        {
            arguments["at"] = at;
        }

        if (search is not null)
        {
            arguments["search"] = search;
        }

        return _gate.InvokeAsync(
            new ReadFileTool(), new ToolCallPart("read_file", JsonSerializer.SerializeToElement(arguments)),
            new Caller("1") { Folder = _folder }, Token);
    }

    static string Text(ToolResult result) => string.Concat(result.Parts.OfType<TextPart>().Select(part => part.Text));
}
