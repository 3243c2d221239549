using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Noos.Corpus.Crawling.Rendering;

/// <summary>
/// A Chromium that is spoken to over its pipe: JSON messages of the DevTools protocol (https://chromedevtools.github.io/devtools-protocol),
/// each with a zero byte behind it. No port is opened, so nobody else can speak to it. Every failure is an <see cref="IOException"/>.
/// Thread-safe; a task of its own reads until the browser ends.
/// </summary>
sealed class DevToolsPipe : IAsyncDisposable
{
    // A message that is longer holds a page that nobody wants.
    const int MaxMessageBytes = 64 << 20;

    readonly Process _process;
    readonly SemaphoreSlim _writing = new(1, 1);
    readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _answers = new();
    readonly Channel<DevToolsEvent> _events = Channel.CreateUnbounded<DevToolsEvent>();
    readonly Task _reading;
    int _lastId;

    DevToolsPipe(Process process)
    {
        _process = process;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>What the browser tells unasked.</summary>
    public ChannelReader<DevToolsEvent> Events => _events.Reader;

    /// <summary>Begins a browser.</summary>
    /// <param name="command">Program and arguments.</param>
    public static DevToolsPipe Start(IReadOnlyList<string> command)
    {
        // Chromium reads at descriptor 3 and writes at 4, which only a shell can make of standard input and output.
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null", "sh", .. command])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        try
        {
            return new DevToolsPipe(Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException("The browser cannot be started.", e);
        }
    }

    /// <summary>Sends a command and waits for its result.</summary>
    /// <param name="method">Such as <c>Page.enable</c>.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="session">Of the page that it is for; null for the browser.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<JsonElement> SendAsync(
        string method, JsonObject parameters, string? session, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answers[id] = answer;
        try
        {
            if (_reading.IsCompleted)
            {
                throw new IOException("The browser has ended.");
            }

            var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
            if (session is not null)
            {
                message["sessionId"] = session;
            }

            byte[] bytes = [.. Encoding.UTF8.GetBytes(message.ToJsonString()), 0];
            await _writing.WaitAsync(cancellationToken);
            try
            {
                // Half a message would spoil the next one, so it is written whole whatever happens.
                await _process.StandardInput.BaseStream.WriteAsync(bytes, CancellationToken.None).AsTask().WaitAsync(cancellationToken);
                await _process.StandardInput.BaseStream.FlushAsync(CancellationToken.None);
            }
            finally
            {
                _writing.Release();
            }

            return await answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _answers.TryRemove(id, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // With its children: renderers outlive the browser otherwise.
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself.
        }

        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
        _writing.Dispose();
    }

    async Task ReadAsync()
    {
        var fault = "The browser has ended.";
        try
        {
            var stream = _process.StandardOutput.BaseStream;
            using var message = new MemoryStream();
            var buffer = new byte[1 << 16];
            while (await stream.ReadAsync(buffer) is > 0 and var count)
            {
                for (var rest = buffer.AsMemory(0, count); !rest.IsEmpty;)
                {
                    var end = rest.Span.IndexOf((byte)0);
                    message.Write((end < 0 ? rest : rest[..end]).Span);
                    rest = end < 0 ? default : rest[(end + 1)..];
                    if (message.Length > MaxMessageBytes)
                    {
                        throw new IOException("The browser says too much.");
                    }

                    if (end >= 0)
                    {
                        Take(message.GetBuffer().AsMemory(0, (int)message.Length));
                        message.SetLength(0);
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or JsonException or ObjectDisposedException or InvalidOperationException)
        {
            fault = e.Message;
        }

        _events.Writer.TryComplete(new IOException(fault));
        foreach (var answer in _answers.Values)
        {
            answer.TrySetException(new IOException(fault));
        }
    }

    void Take(ReadOnlyMemory<byte> message)
    {
        using var document = JsonDocument.Parse(message);
        var root = document.RootElement;
        if (root.TryGetProperty("id", out var id))
        {
            if (_answers.TryGetValue(id.GetInt32(), out var answer))
            {
                if (root.TryGetProperty("error", out var error))
                {
                    answer.TrySetException(new IOException(error.GetRawText()));
                }
                else
                {
                    answer.TrySetResult(root.GetProperty("result").Clone());
                }
            }
        }
        else if (root.TryGetProperty("method", out var method))
        {
            _events.Writer.TryWrite(new DevToolsEvent(
                method.GetString() ?? "", root.TryGetProperty("sessionId", out var session) ? session.GetString() : null,
                root.TryGetProperty("params", out var parameters) ? parameters.Clone() : default));
        }
    }
}

/// <summary>What a browser tells unasked.</summary>
/// <param name="Method">Such as <c>Page.loadEventFired</c>.</param>
/// <param name="Session">Of the page that it is about; null for the browser.</param>
/// <param name="Parameters">What there is to know.</param>
readonly record struct DevToolsEvent(string Method, string? Session, JsonElement Parameters);
