using System.Text.Json;
using Acornima;
using Acornima.Ast;
using Jint;
using Jint.Native;
using Jint.Runtime;
using Jint.Runtime.Interop;
using Noos.Core;
using Noos.Core.Text;
using Noos.Tools.Code.Charts;

namespace Noos.Tools.Code.JavaScript;

/// <summary>
/// A JavaScript engine (Jint) that keeps its variables from cell to cell. It is interpreted inside Noos, so nothing has to be installed and
/// nothing of the machine can be reached: scripts have the language, and a few functions that take and give texts. Time, statements,
/// allocations, recursion and regular expressions are limited. Each cell has a thread of its own, whose stack bounds what recurses inside.
/// </summary>
sealed class JavaScriptSession : ICodeSession
{
    const int StackLength = 8 << 20;
    const int MaxRecursion = 400;
    const uint MaxArrayLength = 10_000_000;
    const int MaxJsonDepth = 500;

    // A cell that allocated less has not left enough behind to be worth a full collection.
    const long ManyBytes = 64 << 20;
    const long MaxRetained = 256 << 20;

    static readonly TimeSpan s_regexTime = TimeSpan.FromSeconds(2);

    // So many threads may be left to operations that were given up; then nothing more is begun until one of them ends.
    const int MaxAbandoned = 2;
    static int s_abandoned;

    // A text may take this share of the bytes that a cell may allocate, two for a character: copied once or twice it is still within them.
    const int TextShare = 4;

    static readonly Lazy<string> s_prelude = new(() => ReadResource("prelude.js"));
    static readonly Lazy<string> s_bounds = new(() => ReadResource("bounds.js"));

    readonly ConversationFolder _folder;
    readonly CodeOptions _options;
    readonly Engine _engine;
    readonly CellDeadline _deadline;
    readonly JsValue _show;
    readonly JsValue _describe;
    CellOutput? _output;
    string? _end;
    long _retained;
    int _charts;

    public JavaScriptSession(ConversationFolder folder, CodeOptions options)
    {
        _folder = folder;
        _options = options;
        _engine = new Engine(engine =>
        {
            // Time is bounded by the deadline of each cell alone: what is run here first is ours, and late on a busy machine.
            engine.MaxStatements(options.ScriptStatements)
                .LimitMemory(options.ScriptMemory)
                .LimitRecursion(MaxRecursion)
                .MaxArraySize(MaxArrayLength)
                .MaxJsonParseDepth(MaxJsonDepth)
                .RegexTimeoutInterval(s_regexTime)
                // eval and new Function: what is run is what the gate was shown.
                .DisableStringCompilation()
                .Constraint(() => new CellDeadline());
            engine.Constraints.StackOverflowGuard = true;
            engine.Constraints.PromiseTimeout = options.Time;
            engine.AgentCanSuspend = false;
            engine.Interop.Enabled = false;
            engine.Interop.AllowGetType = false;
            engine.Interop.AllowSystemReflection = false;
            engine.Interop.AllowWrite = false;
            engine.Interop.ExceptionHandler = _ => false;
        });
        _deadline = _engine.Constraints.Find<CellDeadline>()!;
        Define("__print", 1, arguments => Print(arguments[0]));
        Define("__readText", 1, arguments => _folder.ReadText(arguments[0]));
        Define("__readTable", 1, arguments => CsvTable.ToJson(_folder.ReadText(arguments[0])));
        Define("__writeText", 2, arguments => Write(arguments[0], arguments[1]));
        Define("__listFiles", 0, _ => ListFiles());
        Define("__drawChart", 1, arguments => Draw(arguments[0]));
        _engine.SetValue("__maxText", options.ScriptMemory / TextShare / sizeof(char));
        _engine.Execute(s_bounds.Value);
        _engine.Execute(s_prelude.Value);
        // Taken here, where no script has run: what scripts do to the names and prototypes later does not reach these.
        _show = Take("__show");
        _describe = Take("__describe");
    }

    public bool IsAlive => _end is null;

    public async Task<CellResult> RunAsync(string code, Action<string>? report, TimeSpan time, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref s_abandoned) >= MaxAbandoned)
        {
            throw new NoosException(
                ErrorKind.Busy, "JavaScript is still busy with operations that cannot be stopped; use another tool, or try again later.");
        }

        var output = new CellOutput(_options.MaxOutput, _options.MaxPrinted, report);
        _output = output;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(time);
        var done = new TaskCompletionSource<CellResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var token = stop.Token;
        var thread = new Thread(() => done.SetResult(Run(code, output, time, token, cancellationToken)), StackLength)
        {
            IsBackground = true,
            Name = "noos-script",
        };
        thread.Start();
        try
        {
            return await done.Task.WaitAsync(time + _options.ScriptGrace, CancellationToken.None);
        }
        catch (TimeoutException) when (!done.Task.IsCompleted)
        {
            // Its thread ends when the operation does.
            Interlocked.Increment(ref s_abandoned);
            _ = done.Task.ContinueWith(_ => Interlocked.Decrement(ref s_abandoned), TaskScheduler.Default);
            _end = "one operation took too long";
            return new CellResult(output.ToString(), null, CellEnd.SessionEnded) { SessionEnd = _end };
        }
    }

    public ValueTask DisposeAsync()
    {
        // The engine is memory alone, and may still be at work.
        _end ??= "it was closed";
        return ValueTask.CompletedTask;
    }

    CellResult Run(string code, CellOutput output, TimeSpan time, CancellationToken stop, CancellationToken cancellationToken)
    {
        var before = GC.GetTotalMemory(forceFullCollection: false);
        var result = Evaluate(code, output, time, stop, cancellationToken);
        if (GC.GetAllocatedBytesForCurrentThread() > ManyBytes)
        {
            // What a budget of allocations does not bound: what many cells together leave behind.
            _retained += Math.Max(0, GC.GetTotalMemory(forceFullCollection: true) - before);
            if (_retained > MaxRetained)
            {
                _end = $"its variables took more than {ByteSize.Format(MaxRetained)}";
                return result with { SessionEnd = _end };
            }
        }

        return result;
    }

    CellResult Evaluate(string code, CellOutput output, TimeSpan time, CancellationToken stop, CancellationToken cancellationToken)
    {
        try
        {
            _deadline.Begin(time, stop);
            var value = _engine.Evaluate(WithVariables(code));
            if (!value.IsUndefined())
            {
                output.Append(_engine.Invoke(_show, value) is JsString shown ? $"{shown}\n" : "");
            }

            return new CellResult(output.ToString(), null, CellEnd.Completed);
        }
        catch (JavaScriptException e)
        {
            var place = e.Location.Start.Line > 0 ? $" (line {e.Location.Start.Line})" : "";
            return Failed($"{Describe(e)}{place}");
        }
        catch (Exception e) when (e is ParseErrorException or SyntaxErrorException)
        {
            return Failed($"SyntaxError: {e.Message}");
        }
        catch (OutputLimitException)
        {
            return Failed("Stopped: it printed without end.", CellEnd.TooLoud);
        }
        catch (Exception e) when (e is TimeoutException or ExecutionCanceledException or OperationCanceledException)
        {
            return Failed(
                cancellationToken.IsCancellationRequested
                    ? "Stopped: it was stopped."
                    : $"Stopped: it ran longer than {time.TotalSeconds:0.#} s.",
                CellEnd.TimedOut);
        }
        catch (MemoryLimitExceededException)
        {
            return Failed($"Stopped: it allocated more than {ByteSize.Format(_options.ScriptMemory)} of memory.");
        }
        catch (StatementsCountOverflowException)
        {
            return Failed($"Stopped: it executed more than {_options.ScriptStatements} statements.");
        }
        catch (RecursionDepthOverflowException)
        {
            return Failed($"RangeError: functions called each other more than {MaxRecursion} deep.");
        }
#pragma warning disable CA1031 // Whatever the engine throws is what the script made it throw: the model reads it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Failed(e.Message);
        }

        finally
        {
            _deadline.End();
        }

        CellResult Failed(string message, CellEnd end = CellEnd.Failed) => new(output.ToString(), message, end);
    }

    /// <summary>Name and message of an error, both of which a script may have made to run code: within the limits of the cell.</summary>
    string Describe(JavaScriptException error)
    {
        try
        {
            return _engine.Invoke(_describe, error.Error) is JsString text ? text.ToString() : "an error without a text";
        }
#pragma warning disable CA1031 // As above.
        catch (Exception)
#pragma warning restore CA1031
        {
            return "an error whose text cannot be read";
        }
    }

    static string ReadResource(string name)
    {
        using var stream = typeof(JavaScriptSession).Assembly.GetManifestResourceStream($"Noos.Tools.Code.JavaScript.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    JsValue Take(string name)
    {
        var value = _engine.GetValue(name);
        _engine.Execute($"delete globalThis.{name}");
        return value;
    }

    /// <summary>
    /// The code with <c>let</c> and <c>const</c> at its top level written as <c>var</c>: models repeat such lines from cell to cell, which
    /// the language forbids and notebooks allow.
    /// </summary>
    static string WithVariables(string code)
    {
        Script script;
        try
        {
            script = new Parser().ParseScript(code);
        }
        catch (ParseErrorException)
        {
            // The engine says what is wrong with it.
            return code;
        }

        var text = code.ToCharArray();
        foreach (var declaration in script.Body.OfType<VariableDeclaration>().Where(one => one.Kind != VariableDeclarationKind.Var))
        {
            var length = declaration.Kind == VariableDeclarationKind.Const ? 5 : 3;
            "var  ".AsSpan(0, length).CopyTo(text.AsSpan(declaration.Start));
        }

        return new string(text);
    }

    /// <summary>Gives scripts a function of the host: it takes texts and gives one, and its refusals are errors of the script.</summary>
    void Define(string name, int arguments, Func<string[], string?> run) =>
        _engine.SetValue(name, new ClrFunction(_engine, name, (_, given) =>
        {
            var texts = Enumerable.Range(0, arguments).Select(index => index < given.Length ? given[index].ToString() : "").ToArray();
            try
            {
                return run(texts) is { } text ? JsString.Create(text) : JsValue.Undefined;
            }
            catch (NoosException refusal)
            {
                throw new JavaScriptException(_engine.Intrinsics.Error, refusal.Message, refusal);
            }
        }));

    string? Print(string text)
    {
        _output!.Append(text);
        return _output.IsTooLong ? throw new OutputLimitException() : null;
    }

    string? Write(string name, string text)
    {
        var files = _folder.List();
        if (files.Values.Sum(file => file.Length) + text.Length > _options.Limits.FolderGrowth + ConversationFolder.MaxFileLength
            || files.Count > _options.Limits.FolderEntries)
        {
            throw new NoosException("The folder of this conversation is full; delete files first.");
        }

        _folder.WriteText(name, text);
        return null;
    }

    string ListFiles() =>
        JsonSerializer.Serialize([.. _folder.List().Keys.Order(StringComparer.Ordinal)], CodeJsonContext.Default.StringArray);

    string Draw(string json)
    {
        using var options = JsonDocument.Parse(json);
        var picture = SvgChart.Draw(Chart.Read(options.RootElement));
        var name = options.RootElement.TryGetProperty("file", out var file) && file.ValueKind == JsonValueKind.String
            ? Path.ChangeExtension(file.GetString()!, ".svg")
            : $"chart-{++_charts}.svg";
        Write(name, picture);
        return name;
    }

    sealed class OutputLimitException : Exception;
}
