using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Tools.Code;
using Noos.Tools.Code.JavaScript;

namespace Noos.Tools.Tests.Code;

/// <summary>What a model gets from JavaScript, which needs nothing installed.</summary>
public sealed class JavaScriptToolTests : IAsyncDisposable
{
    readonly JavaScriptTool _tool = new(new CodeRuntime());
    readonly CodeContext _context = new();

    [Theory]
    [InlineData("1 + 2", "3")]
    [InlineData("console.log('a', 1, [1, 'b'], {x: null}); 'end'", "a 1 [ 1, \"b\" ] { x: null }\nend")]
    [InlineData("new Map([['a', 1]])", "Map(1) { \"a\" => 1 }")]
    [InlineData("[]", "[]")]
    [InlineData("const f = x => x * 2; f", "[Function: f]")]
    [InlineData("0.1 + 0.2", "0.30000000000000004")]
    [InlineData("2n ** 64n", "18446744073709551616n")]
    [InlineData("const o = {}; o.self = o; o", "{ self: [Circular] }")]
    [InlineData("let x = 1;", "(no output)")]
    public async Task Printed_text_and_last_value_come_back(string code, string expected) =>
        Assert.Equal(expected, Text(await RunAsync(code)));

    // The functions that make texts are bounded ones, which must not be told from those of the language.
    [Theory]
    [InlineData(@"'abc'.replace('b', '[$&$`$\']')", "a[bac]c")]
    [InlineData("'abc'.replace(/(b)(c)/, '$2$1$3$10$01')", "acb$3b0b")]
    [InlineData(@"'2020-01'.replace(/(?<y>\d+)-(?<m>\d+)/, '$<m>/$<y>$<z>')", "01/2020")]
    [InlineData("'aXbX'.replaceAll('X', '$$') + 'abc'.replaceAll('', '-')", "a$b$-a-b-c-")]
    [InlineData("'aaa'.replace(/a/g, (match, place) => place) + 'aab'.replace(/a/gu, '$&-')", "012a-a-b")]
    [InlineData("'x'.replace({[Symbol.replace]: (text, by) => text + by}, 'y')", "xy")]
    [InlineData("'a'.replace(new (class extends RegExp { [Symbol.replace]() { return 'own'; } })('a'), 'b')", "own")]
    [InlineData("const t = 'ab5cd'.repeat(100); t.replace(/5/g, '$`') === t.replace(/5/g, (_, place, all) => all.slice(0, place))",
        "true")]
    [InlineData("const l = '1,2,3,'.repeat(4); l.replace(/(?<d>[23])(,)/g, '$<d>$2$1$&$$' + '$0'.repeat(99)).slice(0, 12)",
        "1,2,22,$$0$0")]
    [InlineData("[1, [2, [3, null]], undefined, 'x'].join() + [1,,3].join('-')", "1,2,3,,,x1--3")]
    [InlineData("const c = [1]; c.push(c); c.join() + Array.prototype.join.call({length: 2, 0: 'a', 1: 'b'}, '+')", "1,a+b")]
    [InlineData("'x'.repeat(1.9) + 'x'.repeat(0) + '5'.padStart(3, '0') + 'a'.concat(1, null)", "x005a1null")]
    [InlineData("try { 'a'.repeat(-1) } catch (e) { e.name }", "RangeError")]
    [InlineData("try { ''.repeat.call(null) } catch (e) { e.name }", "TypeError")]
    [InlineData("JSON.stringify({a: 'x', b: [1, undefined], c: undefined}) + JSON.stringify({a: 1, b: 2}, ['b'])",
        "{\"a\":\"x\",\"b\":[1,null]}{\"b\":2}")]
    [InlineData("JSON.stringify({a: 1}, (key, value) => key ? value + 1 : value, 1) + JSON.stringify(undefined)",
        "{\n \"a\": 2\n}undefined")]
    [InlineData("new Uint8Array([1, 2]).join('-') + new Uint8Array([255]).toHex() + new Uint8Array([255]).toBase64()", "1-2ff/w==")]
    [InlineData("new Intl.ListFormat('en').format(['a', 'b']) + [1.5, 'a', null].toLocaleString('en')", "a and b1.5,a,")]
    [InlineData("let names = ''; for (const name in 'a') names += name; for (const name in [1]) names += name; names",
        "00")]
    public async Task Texts_are_made_as_the_language_says(string code, string expected) =>
        Assert.Equal(expected, Text(await RunAsync(code)));

    [Fact]
    public async Task Variables_live_on_and_may_be_declared_again()
    {
        await RunAsync("const total = 5; let name = 'a'; class Point {} ; function twice(x) { return 2 * x; }");
        await RunAsync("const total = 6; let name = 'b';");

        Assert.Equal("12 b", Text(await RunAsync("console.log(twice(total), name)")));
    }

    [Fact]
    public async Task Error_names_its_line_and_keeps_the_variables()
    {
        var failed = await RunAsync("var kept = 5;\nconsole.log('before');\nmissing.call();");

        Assert.True(failed.IsError);
        Assert.Equal("before\nReferenceError: missing is not defined (line 3)", Text(failed));
        Assert.Equal("5", Text(await RunAsync("kept")));
        Assert.StartsWith("SyntaxError: ", Text(await RunAsync("let = = 1")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Table_is_read_and_drawn()
    {
        await File.WriteAllTextAsync(
            _context.File("sales.csv"), "region;price;code\r\nnorth;10.5;007\r\n\"south; east\";20;\r\nnorth;30;x\r\n",
            TestContext.Current.CancellationToken);

        var result = await RunAsync("""
            const rows = readCsv('sales.csv');
            const groups = Object.groupBy(rows, row => row.region);
            const means = Object.entries(groups).map(([region, list]) =>
                ({region, mean: list.reduce((sum, row) => sum + row.price, 0) / list.length}));
            console.table(means);
            chart({type: 'bar', title: 'Mean <price>', data: means, x: 'region', y: 'mean'});
            rows[0]
            """);

        Assert.Equal(
            "region        mean\nnorth        20.25\nsouth; east     20\n{ region: \"north\", price: 10.5, code: \"007\" }\n"
            + "Files written: chart-1.svg (2 KiB)",
            Text(result));
        Assert.EndsWith("/chart-1.svg", Assert.IsType<ImagePart>(result.Parts[1]).Uri, StringComparison.Ordinal);
        var picture = await File.ReadAllTextAsync(_context.File("chart-1.svg"), TestContext.Current.CancellationToken);
        Assert.Contains("Mean &lt;price&gt;", picture, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_file_is_an_error_that_says_which_there_are()
    {
        await RunAsync("writeText('a.txt', 'one'); writeJson('b.json', [1]);");

        Assert.Equal(
            "Error: There is no file \"c.txt\" here; there are a.txt, b.json. (line 1)", Text(await RunAsync("readText('c.txt')")));
        Assert.Equal(
            "one [ 1 ] [ \"a.txt\", \"b.json\" ]", Text(await RunAsync("console.log(readText('a.txt'), readJson('b.json'), listFiles())")));
    }

    [Fact]
    public async Task Script_can_catch_what_the_host_refuses() =>
        Assert.Equal("caught", Text(await RunAsync("try { readText('nothing'); } catch (e) { console.log('caught'); }")));

    [Fact]
    public async Task Promises_are_settled() =>
        Assert.Equal("1\n2", Text(await RunAsync("(async () => { console.log(1); await null; console.log(2); })(); undefined")));

    [Fact]
    public async Task Stop_ends_the_cell_and_not_the_session()
    {
        using var stop = new CancellationTokenSource();
        await RunAsync("var kept = 5;");

        var running = RunAsync("console.log('begun'); while (true) {}", stop.Token);
        while (!_context.Reported.Contains("begun", StringComparison.Ordinal))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        var stopped = await running;

        Assert.Equal("begun\nStopped: it was stopped.", Text(stopped));
        Assert.Equal("5", Text(await RunAsync("kept")));
    }

    [Fact]
    public async Task Hundred_million_steps_are_stopped_by_their_number_or_time()
    {
        var result = await RunAsync("let n = 0; for (let i = 0; i < 1e9; i++) n += i; n");

        Assert.True(result.IsError);
        Assert.StartsWith("Stopped: it ", Text(result), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _tool.DisposeAsync();
        _context.Dispose();
    }

    Task<ToolResult> RunAsync(string code, CancellationToken? cancellationToken = null) => _tool.InvokeAsync(
        CodeContext.Call(JavaScriptTool.Name, code), _context, cancellationToken ?? TestContext.Current.CancellationToken).AsTask();

    static string Text(ToolResult result) => string.Concat(result.Parts.OfType<TextPart>().Select(part => part.Text));
}
