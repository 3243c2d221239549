using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Noos.Bench.Pages;

/// <summary>
/// A model behind an OpenAI-compatible endpoint that writes at a given rate, all streams with the same beat as an engine that computes them
/// as one batch. What it says is Markdown whose words are numbered (<c>w0 w1 w2</c>), so that whoever reads can tell that none is missing.
/// </summary>
sealed partial class ScriptedEndpoint : IAsyncDisposable
{
    const int MaxHead = 1 << 16;

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly ConcurrentDictionary<ScriptedStream, byte> _streams = new();
    readonly CancellationTokenSource _stop = new();
    readonly double _rate;
    readonly int _tokens;
    readonly Task _accepts;
    readonly Thread _beat;

    /// <param name="rate">Tokens per second of each stream.</param>
    /// <param name="tokens">Of each answer.</param>
    public ScriptedEndpoint(double rate, int tokens)
    {
        (_rate, _tokens) = (rate, tokens);
        _listener.Start();
        _accepts = Task.Run(AcceptAsync);
        _beat = new Thread(Beat) { IsBackground = true, Name = "scripted" };
        _beat.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Streams that were begun, by the number that their question ends with.</summary>
    public ConcurrentDictionary<long, ScriptedStream> ByQuestion { get; } = new();

    /// <summary>The word with a number, with what belongs between it and the one before.</summary>
    public static string Word(int number) => (number % 480, number) switch
    {
        (_, 0) => "w0",
        // A line of code, a heading, a list, and prose between.
        (0, _) => $"\n\n```csharp\nvar w{number}",
        ( > 0 and < 40, _) => number % 8 == 0 ? $";\nvar w{number}" : $" + w{number}",
        (40, _) => $";\n```\n\n## w{number}",
        (41, _) => $"\n\n- w{number}",
        ( > 41 and < 90, _) => number % 12 == 0 ? $"\n- **w{number}**" : $" w{number}",
        _ => number % 60 == 0 ? $".\n\nw{number}" : number % 17 == 0 ? $", *w{number}*" : $" w{number}",
    };

    /// <summary>A whole answer.</summary>
    public static string Text(int tokens) => string.Concat(Enumerable.Range(0, tokens).Select(Word));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepts;
        _beat.Join();
        _stop.Dispose();
    }

    [GeneratedRegex("Content-Length: *(?<length>[0-9]+)", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex ContentLength();

    // Of the last message of the request: the text of a question is "Question 17".
    [GeneratedRegex("Question (?<number>[0-9]+)", RegexOptions.RightToLeft, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Question();

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                client.NoDelay = true;
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                while (await ReadAsync(stream) is { } body)
                {
                    var head = Encoding.UTF8.GetBytes(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
                    await stream.WriteAsync(head, _stop.Token);
                    var question = long.Parse(Question().Match(body).Groups["number"].Value, CultureInfo.InvariantCulture);
                    var scripted = new ScriptedStream(client.Client, _tokens, _rate);
                    ByQuestion[question] = scripted;
                    _streams[scripted] = 0;
                    await scripted.Ended.WaitAsync(_stop.Token);
                    _streams.TryRemove(scripted, out _);
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Whoever asked has gone.
        }
    }

    async Task<string?> ReadAsync(NetworkStream stream)
    {
        var (buffer, length) = (new byte[MaxHead], 0);
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), _stop.Token);
            if (read == 0)
            {
                return null;
            }

            length += read;
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                continue;
            }

            var head = Encoding.ASCII.GetString(buffer, 0, end);
            var size = int.Parse(ContentLength().Match(head).Groups["length"].Value, CultureInfo.InvariantCulture);
            var body = new byte[size];
            var had = length - end - 4;
            buffer.AsSpan(end + 4, had).CopyTo(body);
            await stream.ReadExactlyAsync(body.AsMemory(had), _stop.Token);
            return Encoding.UTF8.GetString(body);
        }
    }

    void Beat()
    {
        var watch = Stopwatch.StartNew();
        for (var beat = 1L; !_stop.IsCancellationRequested; beat++)
        {
            foreach (var (stream, _) in _streams)
            {
                stream.Advance();
            }

            var pause = (beat / _rate) - watch.Elapsed.TotalSeconds;
            if (pause > 0)
            {
                Thread.Sleep(TimeSpan.FromSeconds(pause));
            }
        }
    }
}

/// <summary>One answer of <see cref="ScriptedEndpoint"/>.</summary>
/// <param name="socket">Where it goes.</param>
/// <param name="tokens">How many it has.</param>
/// <param name="rate">Tokens per second.</param>
sealed class ScriptedStream(Socket socket, int tokens, double rate)
{
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly long[] _sent = new long[tokens];
    readonly long _began = Stopwatch.GetTimestamp();
    int _next;

    /// <summary>Completes with the answer, or when whoever asked has gone.</summary>
    public Task Ended => _ended.Task;

    /// <summary>When a token was sent, as <see cref="Stopwatch.GetTimestamp"/> says it.</summary>
    public long SentAt(int token) => Volatile.Read(ref _sent[token]);

    /// <summary>Sends the tokens that are due.</summary>
    public void Advance()
    {
        if (_ended.Task.IsCompleted)
        {
            return;
        }

        var due = Math.Min(tokens, (int)(Stopwatch.GetElapsedTime(_began).TotalSeconds * rate));
        var text = new StringBuilder();
        var now = Stopwatch.GetTimestamp();
        for (; _next < due; _next++)
        {
            _sent[_next] = now;
            var word = ScriptedEndpoint.Word(_next).Replace("\n", "\\n", StringComparison.Ordinal);
            AppendChunk(text, "{\"content\":\"" + word + "\"}", "null");
        }

        if (_next == tokens)
        {
            AppendChunk(text, "{}", "\"stop\"");
            text.Append("e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n");
        }

        try
        {
            if (text.Length > 0)
            {
                socket.Send(Encoding.UTF8.GetBytes(text.ToString()));
            }

            if (_next == tokens)
            {
                _ended.TrySetResult();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _ended.TrySetResult();
        }
    }

    static void AppendChunk(StringBuilder text, string delta, string reason)
    {
        var data = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"scripted\",\"choices\":["
            + "{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":" + reason + "}]}\n\n";
        text.Append(CultureInfo.InvariantCulture, $"{data.Length:x}\r\n{data}\r\n");
    }
}
