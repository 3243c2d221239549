using Noos.Core.Conversations;
using Noos.Tools.Code;
using Noos.Tools.Code.JavaScript;

namespace Noos.Tools.Tests.Code;

/// <summary>
/// Attempts of scripts to reach the runtime, the file system or the network, or to take all time and memory of the program that interprets
/// them. A native stack overflow or a lack of memory would end this very test.
/// </summary>
public sealed class ScriptEscapeTests : IAsyncDisposable
{
    const string Sign = "ESCAPED";

    // Half a second is little on a busy machine, even for a short script: it is asked again.
    const string TooShort = "it ran longer than 0.5 s.";

    // Far beyond what one cell may take, and the time to stop it in, on a busy machine.
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    readonly JavaScriptTool _tool = new(new CodeRuntime(new CodeOptions
    {
        Time = TimeSpan.FromSeconds(0.5),
        // On a busy machine an operation of a second takes many; one without a bound takes minutes on any.
        ScriptGrace = TimeSpan.FromMinutes(1),
        ScriptMemory = 256 << 20,
        ScriptStatements = 20_000_000,
        MaxPrinted = 1 << 20,
    }));

    readonly CodeContext _context = new();

    public static TheoryData<string, string> Attempts => new()
    {
        { "namespace of the runtime", "System.IO.File.ReadAllText('/etc/passwd'); escaped()" },
        { "import of a namespace", "importNamespace('System'); escaped()" },
        { "host object", "for (const name of ['clr', 'host', 'System', 'require', 'process', 'Deno', 'fetch', 'XMLHttpRequest', "
            + "'__print', '__readText', '__drawChart']) if (typeof globalThis[name] !== 'undefined') escaped(name)" },
        { "type of a host function", "readText.GetType(); escaped()" },
        { "reflection by a property", "if (readText.Method || readText.Target || [].GetType || ''.GetType) escaped()" },
        { "function constructor", "Function('return 1')(); escaped()" },
        { "constructor of a constructor", "(() => 1).constructor('return 1')(); escaped()" },
        { "constructor of a host function", "readText.constructor('return 1')(); escaped()" },
        { "asynchronous function constructor", "(async () => 1).constructor('return 1')(); escaped()" },
        { "generator function constructor", "(function* () {}).constructor('return 1')(); escaped()" },
        { "eval", "eval('escaped()')" },
        { "indirect eval", "(0, eval)('escaped()')" },
        { "realm", "new ShadowRealm().evaluate('1'); escaped()" },
        { "module", "import('/etc/passwd').then(() => escaped())" },
        { "caller", "(function f() { if (f.caller || f.arguments?.callee?.caller) escaped(); })()" },
        { "parent folder", "readText('../secret.txt'); escaped()" },
        { "whole path", "readText('/etc/passwd'); escaped()" },
        { "path with a null", "readText('a\\u0000/../../secret'); escaped()" },
        { "symbolic link", "readText('link'); escaped()" },
        { "folder behind a symbolic link", "readText('linked/passwd'); escaped()" },
        { "pipe without a writer", "readText('pipe'); escaped()" },
        { "device", "readText('../../dev/zero'); escaped()" },
        { "file in the parent folder", "writeText('../planted', 'x'); escaped()" },
        { "file at a whole path", "writeText('/tmp/noos-planted-by-a-script', 'x'); escaped()" },
        { "file through a symbolic link", "writeText('link', 'x'); escaped()" },
        { "chart elsewhere", "chart({values: [1], file: '../planted.svg'}); escaped()" },
        { "chart with a script", "chart({values: [1], title: '</text><script>alert(1)</script>'}); "
            + "if (readText('chart-1.svg').includes('<script')) escaped()" },
        { "object as a path", "readText({toString() { return '../secret.txt'; }}); escaped()" },
        { "disk full", "const big = 'x'.repeat(1 << 20); for (let i = 0; i < 2000; i++) writeText('f' + i, big); escaped()" },
        { "one long file", "writeText('long', 'x'.repeat(300 << 20)); escaped()" },
        { "loop without end", "while (true) {}" },
        { "empty loop without end", "for (;;);" },
        { "loop in a comparison", "[3, 2, 1].sort(() => { while (true) {} })" },
        { "loop in a replacement", "'aaa'.replace(/a/g, () => { while (true) {} })" },
        { "loop in a getter of the result", "({get x() { while (true) {} }})" },
        { "loop in a thrown object", "throw {toString() { while (true) {} }}" },
        { "loop in the message of an error", "const e = new Error('x'); "
            + "Object.defineProperty(e, 'message', {get() { while (true) {} }}); throw e" },
        { "loop in a proxy of the result", "new Proxy({}, {ownKeys() { while (true) {} }})" },
        { "loop in a generator", "[...(function* () { while (true) yield 1; })()]" },
        { "loop of promises", "const again = () => Promise.resolve().then(again); again(); undefined" },
        { "loop in an unfinished promise", "await0 = async () => { while (true) await null; }; await0(); undefined" },
        { "loop in a setter of JSON", "JSON.parse('[1,2]', function () { while (true) {} })" },
        { "catastrophic expression", "/^(a+)+$/.test('a'.repeat(40) + 'b')" },
        { "catastrophic expression in a split", "('a'.repeat(40) + 'b').split(/(?:a|a)*c/)" },
        { "catastrophic replacement", "('a'.repeat(30000)).replace(/a*a*a*a*b/g, '')" },
        { "long string", "'x'.repeat(2 ** 30); escaped()" },
        { "doubled string", "let s = 'x'; while (true) s += s" },
        { "doubled string that is looked at", "let s = 'x'; for (let i = 0; i < 40; i++) { s += s; s.charCodeAt(5); } escaped()" },
        { "padded string", "'x'.padStart(2 ** 30, 'ab'); escaped()" },
        { "joined string", "new Array(5000).join('x'.repeat(1e6)); escaped()" },
        { "string of replacements", "'x'.repeat(1e5).replace(/x/g, 'y'.repeat(1e5)); escaped()" },
        { "string of all replacements", "'x'.repeat(1e5).replaceAll('x', 'y'.repeat(1e5)); escaped()" },
        { "string of replaced groups", "'x'.repeat(1e5).replace(/x/g, '$`'); escaped()" },
        { "raw string", "String.raw({raw: new Array(20000).fill('x'.repeat(1e5))}); escaped()" },
        { "concatenated string", "''.concat(...new Array(10000).fill('x'.repeat(1e6))); escaped()" },
        { "long array", "new Array(4294967295).fill(1); escaped()" },
        { "array from a length", "Array.from({length: 1e9}); escaped()" },
        { "array by its length", "const a = []; a.length = 4294967295; a.fill(0); escaped()" },
        { "spread of a long array", "const a = new Array(1e7); Math.max(...a); escaped()" },
        { "flattened array", "let a = [1]; for (let i = 0; i < 40; i++) a = [a, a]; a.flat(Infinity); escaped()" },
        { "array buffer", "new ArrayBuffer(2 ** 33); escaped()" },
        { "many array buffers", "const all = []; for (let i = 0; i < 64; i++) all.push(new ArrayBuffer(2 ** 28)); escaped()" },
        { "typed array", "new Float64Array(2 ** 31 - 1); escaped()" },
        { "growing array buffer", "const b = new ArrayBuffer(8, {maxByteLength: 2 ** 33}); b.resize(2 ** 33); escaped()" },
        { "many objects", "const all = []; while (true) all.push({a: 1, b: [1, 2, 3]})" },
        { "many keys", "const all = {}; for (let i = 0; ; i++) all['key' + i] = i" },
        { "large power", "(9n ** 9n) ** 999999999n; escaped()" },
        { "large shift", "1n << 99999999999n; escaped()" },
        { "doubled integer", "let n = 3n; for (let i = 0; i < 60; i++) n *= n; escaped()" },
        { "text of a large integer", "(3n ** 600000n).toString(); undefined" },
        { "text of a large integer by threes", "(3n ** 600000n).toString(3); escaped()" },
        { "deep recursion", "function f() { return f() + 1; } f(); escaped()" },
        { "deep recursion of constructors", "function F() { return new F(); } new F(); escaped()" },
        { "deep recursion of getters", "const o = {get x() { return this.x; }}; o.x; escaped()" },
        { "deep recursion of conversions", "const o = {toString() { return '' + o; }}; '' + o; escaped()" },
        { "deep recursion of proxies", "let p = {}; for (let i = 0; i < 100000; i++) p = new Proxy(p, {}); p.x" },
        { "deep recursion of bound functions", "let f = () => 1; for (let i = 0; i < 100000; i++) f = f.bind(null); f()" },
        { "deep recursion of sorts", "const f = () => [2, 1].sort(f); f(); escaped()" },
        { "deep chain of prototypes", "let o = {}; for (let i = 0; i < 200000; i++) o = Object.create(o); o.missing" },
        { "deep text of JSON", "JSON.parse('['.repeat(200000)); escaped()" },
        { "deep object as JSON", "let o = {}; for (let i = 0; i < 200000; i++) o = {o}; JSON.stringify(o)" },
        { "deep array as a string", "let a = []; for (let i = 0; i < 200000; i++) a = [a]; String(a)" },
        { "deep array that is flattened", "let a = []; for (let i = 0; i < 200000; i++) a = [a]; a.flat(Infinity)" },
        { "deep array as the result", "let a = []; for (let i = 0; i < 200000; i++) a = [a]; a" },
        { "deep copy", "let a = []; for (let i = 0; i < 200000; i++) a = [a]; structuredClone(a)" },
        { "deep expression", "(".PadRight(50_000, '(') },
        { "deep array of the source", new string('[', 50_000) + new string(']', 50_000) },
        { "deep negation of the source", new string('!', 100_000) + "1" },
        { "deep sum of the source", "1" + string.Concat(Enumerable.Repeat("+1", 60_000)) },
        { "deep member of the source", "a" + string.Concat(Enumerable.Repeat(".a", 60_000)) },
        { "deep template of the source", string.Concat(Enumerable.Repeat("`${", 20_000)) },
        { "deep functions of the source", string.Concat(Enumerable.Repeat("()=>", 50_000)) + "1" },
        { "deep blocks of the source", new string('{', 100_000) },
        { "deep expression of a regular expression", "/" + new string('(', 20_000) + "a" + new string(')', 20_000) + "/.test('a')" },
        { "waiting without end", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); escaped()" },
        { "printing without end", "while (true) console.log('x'.repeat(1000))" },
        { "polluted prototypes", "Object.prototype.toString = Array.prototype.map = String.prototype.includes = JSON.stringify = "
            + "JSON.parse = () => { while (true) {} }; "
            + "Object.defineProperty(Object.prototype, 'then', {get() { while (true) {} }}); ({})" },
        { "polluted functions of the host", "globalThis.__show = () => { while (true) {} }; 1" },
        { "result that is no text", "globalThis.__show = () => ({}); 1" },
    };

    [Theory]
    [MemberData(nameof(Attempts))]
    public async Task Attempt_fails(string attempt, string code)
    {
        await File.WriteAllTextAsync(_context.File("own.txt"), "own", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(_context.File("link"), "/etc/passwd");
        File.CreateSymbolicLink(_context.File("linked"), "/etc");
        using (var pipe = System.Diagnostics.Process.Start("/usr/bin/mkfifo", _context.File("pipe")))
        {
            await pipe.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var text = await RunAsync($"function escaped(how) {{ console.log('{Sign}', how ?? ''); }}; {code}");
        TestContext.Current.SendDiagnosticMessage("{0}: {1}", attempt, text.Length > 300 ? text[..300] : text);

        Assert.DoesNotContain(Sign, text, StringComparison.Ordinal);
        // An operation that looks at no limit would take a processor for as long as it likes.
        Assert.DoesNotContain("one operation took too long", text, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", text, StringComparison.Ordinal);
        Assert.False(File.Exists("/tmp/noos-planted-by-a-script"));
        Assert.False(File.Exists(_context.File("../planted")) || File.Exists(_context.File("../planted.svg")));
        Assert.True(new FileInfo("/etc/passwd").Length > 1);

        // The tool goes on: with the session, or with a new one that is said to be new.
        string read;
        do
        {
            read = await RunAsync("readText('own.txt')");
        }
        while (read.EndsWith(TooShort, StringComparison.Ordinal));
        Assert.EndsWith("own", read, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _tool.DisposeAsync();
        _context.Dispose();
    }

    async Task<string> RunAsync(string code)
    {
        var result = await _tool.InvokeAsync(
            CodeContext.Call(JavaScriptTool.Name, code), _context, TestContext.Current.CancellationToken)
            .AsTask().WaitAsync(s_patience);
        return string.Concat(result.Parts.OfType<TextPart>().Select(part => part.Text));
    }
}
