using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Tools.Code.Sandboxing;

namespace Noos.Tools.Code.Python;

/// <summary>
/// A Python process in a sandbox, which keeps its variables from cell to cell. Requests and replies are lines of JSON on its standard
/// input and output; what the code prints comes on standard error, ended by a mark of the cell. The process belongs to the code: whatever
/// it says is limited in length and believed only as output.
/// </summary>
sealed class PythonSession : ICodeSession
{
    const int MaxReply = 1 << 20;

    static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(20);
    static readonly TimeSpan s_grace = TimeSpan.FromSeconds(3);

    // Compiled into the command line: the sandbox needs no file of ours.
    static readonly Lazy<string> s_worker = new(() =>
    {
        using var stream = typeof(PythonSession).Assembly.GetManifestResourceStream("Noos.Tools.Code.Python.worker.py")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    readonly ISandboxSession _process;
    readonly CodeOptions _options;
    readonly Task _outputPump;
    readonly byte[] _replyBuffer = new byte[16 << 10];
    readonly List<byte> _replyBytes = [];
    volatile CellReader? _reader;
    int _cells;

    PythonSession(ISandboxSession process, CodeOptions options)
    {
        _process = process;
        _options = options;
        _outputPump = PumpOutputAsync();
    }

    public bool IsAlive => !_process.Ended.IsCompleted;

    /// <summary>Starts Python and waits until it is ready.</summary>
    /// <exception cref="NoosException">It cannot be started.</exception>
    public static async Task<PythonSession> StartAsync(
        ISandbox sandbox, PythonInterpreter python, string folder, CodeOptions options, CancellationToken cancellationToken)
    {
        var session = new PythonSession(
            sandbox.Start(new SandboxProgram(python.Path, ["-I", "-B", "-X", "utf8", "-c", s_worker.Value], folder)
            {
                ReadOnlyFolders = python.Folders,
                Limits = options.Limits,
                Environment = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["MPLBACKEND"] = "Agg",
                    // Each thread of these libraries has memory of its own.
                    ["OPENBLAS_NUM_THREADS"] = "2",
                    ["OMP_NUM_THREADS"] = "2",
                },
            }),
            options);
        var start = new CellReader("", new CellOutput(options.MaxOutput, options.MaxPrinted, report: null));
        session._reader = start;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(s_startTime);
            if (await session.ReadReplyAsync(patience.Token) is { } reply && reply.TryGetProperty("ready", out _))
            {
                return session;
            }

            var end = await session._process.Ended;
            await session._outputPump;
            var said = start.Output.ToString().Trim() is { Length: > 0 } words ? $": {words.Split('\n')[^1]}" : "";
            throw new NoosException(ErrorKind.Unavailable, $"Python cannot be started, {end}{said}; 'noos doctor' says what is missing.");
        }
        catch (Exception e)
        {
            await session.DisposeAsync();
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new NoosException(
                    ErrorKind.Unavailable, "Python did not start in time; try again when the machine has less to do.", e);
            }

            throw;
        }
    }

    public async Task<CellResult> RunAsync(string code, Action<string>? report, TimeSpan time, CancellationToken cancellationToken)
    {
        var number = ++_cells;
        var mark = $"\u001e{RandomNumberGenerator.GetHexString(32)}\u001e";
        var output = new CellOutput(_options.MaxOutput, _options.MaxPrinted, report);
        var reader = new CellReader(mark, output);
        _reader = reader;
        _process.IsBusy = true;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, reader.TooLoud);
        stop.CancelAfter(time);
        try
        {
            await SendAsync(WriteRequest(number, code, mark), stop.Token);
            var reply = await ReadCellReplyAsync(number, stop.Token);
            return reply is { } answer ? await FinishAsync(answer, reader, stop.Token) : await EndedAsync(output);
        }
        catch (OperationCanceledException)
        {
            return await StopAsync(number, reader, time, cancellationToken);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The pipe is broken: the process has ended.
            return await EndedAsync(output);
        }
        finally
        {
            _process.IsBusy = false;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>Interrupts a cell as Ctrl-C does; one that takes no notice loses its session.</summary>
    async Task<CellResult> StopAsync(int number, CellReader reader, TimeSpan time, CancellationToken cancellationToken)
    {
        var why = reader.Output.IsTooLong ? "it printed without end"
            : cancellationToken.IsCancellationRequested ? "it was stopped"
            : string.Create(CultureInfo.InvariantCulture, $"it ran longer than {time.TotalSeconds:0.#} s");
        var end = reader.Output.IsTooLong ? CellEnd.TooLoud : CellEnd.TimedOut;
        using var grace = new CancellationTokenSource(s_grace);
        try
        {
            var interrupt = string.Create(CultureInfo.InvariantCulture, $"{{\"interrupt\":{number}}}\n");
            await SendAsync(Encoding.UTF8.GetBytes(interrupt), grace.Token);
            if (await ReadCellReplyAsync(number, grace.Token) is { } reply)
            {
                var result = await FinishAsync(reply, reader, grace.Token);
                // It may have come to its end just then.
                return result.Error == "KeyboardInterrupt" ? result with { Error = $"Stopped: {why}.", End = end } : result;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // It takes no notice.
        }

        _process.Kill(why);
        return await EndedAsync(reader.Output);
    }

    async Task<CellResult> EndedAsync(CellOutput output)
    {
        if (await Task.WhenAny(_process.Ended, Task.Delay(s_grace)) != _process.Ended)
        {
            // A process that closes its output without ending is of no more use.
            _process.Kill("it closed its connection");
        }

        var reason = await _process.Ended;
        await _outputPump;
        return new CellResult(output.ToString(), null, CellEnd.SessionEnded) { SessionEnd = reason };
    }

    async Task<CellResult> FinishAsync(JsonElement reply, CellReader reader, CancellationToken cancellationToken)
    {
        await reader.IsComplete.WaitAsync(cancellationToken);
        var error = reply.TryGetProperty("error", out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;
        return new CellResult(reader.Output.ToString(), error, error is null ? CellEnd.Completed : CellEnd.Failed);
    }

    async Task SendAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        await _process.Input.WriteAsync(line, cancellationToken);
        await _process.Input.FlushAsync(cancellationToken);
    }

    /// <summary>The reply to a cell; those to cells that were given up before are passed over. Null where the process has ended.</summary>
    async Task<JsonElement?> ReadCellReplyAsync(int number, CancellationToken cancellationToken)
    {
        while (await ReadReplyAsync(cancellationToken) is { } reply)
        {
            if (reply.ValueKind == JsonValueKind.Object && reply.TryGetProperty("id", out var id)
                && id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out var answered) && answered == number)
            {
                return reply;
            }
        }

        return null;
    }

    async Task<JsonElement?> ReadReplyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_replyBytes.IndexOf((byte)'\n') is >= 0 and var end)
            {
                var line = _replyBytes.GetRange(0, end).ToArray();
                _replyBytes.RemoveRange(0, end + 1);
                return TryParse(line);
            }

            // What is read but not complete is kept, so a reply whose reader was cancelled is read on by the next.
            var count = _replyBytes.Count > MaxReply ? 0 : await _process.Output.ReadAsync(_replyBuffer, cancellationToken);
            if (count == 0)
            {
                return null;
            }

            _replyBytes.AddRange(_replyBuffer.AsSpan(0, count));
        }
    }

    static JsonElement? TryParse(byte[] line)
    {
        try
        {
            return JsonElement.Parse(line);
        }
        catch (JsonException)
        {
            // The code has written into the pipe: it has only spoiled its own session.
            return null;
        }
    }

    static byte[] WriteRequest(int number, string code, string mark)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", number);
            writer.WriteString("code", code);
            writer.WriteString("mark", mark);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    async Task PumpOutputAsync()
    {
        var buffer = new byte[16 << 10];
        try
        {
            while (await _process.Error.ReadAsync(buffer) is > 0 and var count)
            {
                _reader?.Read(buffer.AsSpan(0, count));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process has ended.
        }

        _reader?.Flush();
    }

#pragma warning disable CA1001 // Its source of cancellation has neither a timer nor a wait handle: there is nothing to dispose of.
    /// <summary>Takes the output of one cell until its mark.</summary>
    sealed class CellReader(string mark, CellOutput output)
    {
        readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly CancellationTokenSource _tooLoud = new();
        readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
        string _held = "";

        public CellOutput Output => output;

        public Task IsComplete => _complete.Task;

        /// <summary>Cancelled when more is printed than may be.</summary>
        public CancellationToken TooLoud => _tooLoud.Token;

        public void Read(ReadOnlySpan<byte> bytes)
        {
            if (_complete.Task.IsCompleted)
            {
                // A thread, or a program in the background, that prints between two cells.
                return;
            }

            var characters = new char[bytes.Length + 1];
            var count = _decoder.GetChars(bytes, characters, flush: false);
            var text = _held + new string(characters, 0, count);
            var end = mark.Length == 0 ? -1 : text.IndexOf(mark, StringComparison.Ordinal);
            if (end >= 0)
            {
                output.Append(text.AsSpan(0, end));
                _complete.TrySetResult();
                return;
            }

            // The mark may come in two pieces; only what could be its beginning is held back, so that output is shown at once.
            var start = mark.Length == 0 ? -1 : text.LastIndexOf(mark[0]);
            var held = start >= 0 && text.Length - start < mark.Length ? text.Length - start : 0;
            output.Append(text.AsSpan(0, text.Length - held));
            _held = text[^held..];
            if (output.IsTooLong && !_tooLoud.IsCancellationRequested)
            {
                _tooLoud.Cancel();
            }
        }

        public void Flush()
        {
            output.Append(_held);
            _held = "";
            _complete.TrySetResult();
        }
    }
#pragma warning restore CA1001
}
