using Noos.Core.Conversations;
using Noos.Tools.Code;
using Noos.Tools.Code.JavaScript;

namespace Noos.Tools.Tests.Code;

/// <summary>
/// One step of the engine looks at no limit: what it makes must be bounded before it is made. Bytes are counted and not seconds, those of
/// the whole program: nothing else runs meanwhile.
/// </summary>
[Collection(nameof(Alone))]
public sealed class ScriptWorkTests : IAsyncDisposable
{
    const long Memory = 128 << 20;

    readonly JavaScriptTool _tool = new(new CodeRuntime(new CodeOptions { ScriptMemory = Memory, Time = TimeSpan.FromMinutes(5) }));
    readonly CodeContext _context = new();

    [CollectionDefinition(nameof(Alone), DisableParallelization = true)]
    public sealed class Alone;

    [Theory]
    [InlineData("'x'.repeat(1e5).replace(/x/g, '$`')")]
    [InlineData("'x'.repeat(1e5).replace(/x/g, \"$'\")")]
    [InlineData("'x'.repeat(1e5).replace(/x/gu, '$`')")]
    [InlineData("'x'.repeat(1e5).replace(/(?<a>x)/g, '$`')")]
    [InlineData("'x'.repeat(1e5).replace(/.+/g, '$&'.repeat(1e5))")]
    [InlineData("'x'.repeat(1e5).replace(/(x+)/g, '$1'.repeat(1e5))")]
    [InlineData("'x'.repeat(1e5).replace('x', \"$'\".repeat(5e4))")]
    [InlineData("'x'.repeat(1e5).replaceAll('x', '$`')")]
    [InlineData("'x'.repeat(1e5).replaceAll(/x/g, \"$'\")")]
    [InlineData("'x'.repeat(1e5).replace(/x/g, 'y'.repeat(1e4))")]
    [InlineData("const y = 'y'.repeat(1e5); 'x'.repeat(1e4).replace(/x/g, () => y)")]
    [InlineData("RegExp.prototype[Symbol.replace].call(/x/g, 'x'.repeat(1e5), '$`')")]
    [InlineData("'x'.repeat(5e8)")]
    [InlineData("'x'.padStart(5e8, 'ab')")]
    [InlineData("'x'.padEnd(5e8)")]
    [InlineData("'x'.repeat(1e5).split('').join('y'.repeat(1e5))")]
    [InlineData("new Array(9000).fill(['x'.repeat(1e5)]).join()")]
    [InlineData("String(new Array(9000).fill(new String('x'.repeat(1e5))))")]
    [InlineData("Array.prototype.join.call({length: 9000, ...new Array(9000).fill('x'.repeat(1e5))})")]
    [InlineData("new Array(9000).fill('x'.repeat(1e5)).toLocaleString()")]
    [InlineData("new Uint8Array(9000).join('x'.repeat(1e5))")]
    [InlineData("new Uint8Array(6e7).toHex()")]
    [InlineData("JSON.stringify(new Array(9000).fill('x'.repeat(1e5)))")]
    [InlineData("JSON.stringify(new Array(9000).fill('x'.repeat(1e5)), [])")]
    [InlineData("JSON.stringify(new Array(9000).fill(new String('x'.repeat(1e5))), (_, value) => value)")]
    [InlineData("new Intl.ListFormat('en').format(new Array(9000).fill('x'.repeat(1e5)))")]
    public async Task Long_text_is_refused_before_it_is_made(string code)
    {
        await RunAsync("1");
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var text = await RunAsync($"{code}.length");

        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 2 * Memory);
        Assert.Matches("RangeError: Invalid string length|allocated more than", text);
    }

    public async ValueTask DisposeAsync()
    {
        await _tool.DisposeAsync();
        _context.Dispose();
    }

    async Task<string> RunAsync(string code)
    {
        var result = await _tool.InvokeAsync(CodeContext.Call(JavaScriptTool.Name, code), _context, TestContext.Current.CancellationToken);
        return string.Concat(result.Parts.OfType<TextPart>().Select(part => part.Text));
    }
}
