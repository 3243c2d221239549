using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Noos.Core;

namespace Noos.Bench.Pages;

/// <summary>
/// An open tab without a browser: fetches a page, opens its circuit as blazor.web.js does (SignalR over a web socket, the protocol
/// "blazorpack"), answers what the server asks of scripts with nothing, and acknowledges every batch of drawings. For the server it is a
/// tab like any other; nothing is drawn, only the texts of each batch are handed on.
/// </summary>
sealed partial class CircuitTab : IAsyncDisposable
{
    static readonly Dictionary<string, string> s_noHeaders = [];

    // The server lets go of who is silent for 30 seconds.
    static readonly TimeSpan s_ping = TimeSpan.FromSeconds(10);

    readonly ClientWebSocket _socket = new();
    readonly CancellationTokenSource _stop = new();
    readonly SemaphoreSlim _sending = new(1);
    readonly HttpClient _http;
    readonly Action<IReadOnlyList<string>> _take;
    readonly TaskCompletionSource _drawn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly string _circuitCall = "0";
    Task _work = Task.CompletedTask;
    Task _pings = Task.CompletedTask;
    string? _circuit;

    CircuitTab(HttpClient http, Action<IReadOnlyList<string>> take) => (_http, _take) = (http, take);

    /// <summary>Why the circuit ended by itself; null while it has not.</summary>
    public string? Failure { get; private set; }

    /// <summary>Opens a page and waits until it is drawn.</summary>
    /// <param name="http">Its base address is the server.</param>
    /// <param name="path">Of the page.</param>
    /// <param name="take">Gets the texts of each batch, in their order, on the thread that reads.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<CircuitTab> OpenAsync(
        HttpClient http, string path, Action<IReadOnlyList<string>> take, CancellationToken cancellationToken)
    {
        var html = await http.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken);
        var tab = new CircuitTab(http, take);
        try
        {
            await tab.StartAsync(html, new Uri(http.BaseAddress!, path), cancellationToken);
            return tab;
        }
        catch
        {
            await tab.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_work, _pings);
        _socket.Dispose();
        if (_circuit is not null)
        {
            // What a browser says when a tab is closed: else the server would keep its circuit for minutes.
            using var form = new MultipartFormDataContent { { new StringContent(_circuit), "circuitId" } };
            using var answer = await _http.PostAsync(new Uri("_blazor/disconnect", UriKind.Relative), form);
        }

        _stop.Dispose();
        _sending.Dispose();
    }

    [GeneratedRegex("<!--Blazor:(?<marker>{.*?})-->", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Marker();

    [GeneratedRegex("<!--Blazor-Server-Component-State:(?<state>.*?)-->", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex State();

    async Task StartAsync(string html, Uri page, CancellationToken cancellationToken)
    {
        var markers = Marker().Matches(html).Select(match => match.Groups["marker"].Value)
            .Where(marker => marker.Contains("\"type\":", StringComparison.Ordinal));
        var operations = markers.Select((marker, index) => string.Create(
            CultureInfo.InvariantCulture, $$"""{"type":"add","ssrComponentId":{{index + 1}},"marker":{{marker}}}"""));
        using var negotiated = JsonDocument.Parse(await (await _http.PostAsync(
            new Uri("_blazor/negotiate?negotiateVersion=1", UriKind.Relative), content: null, cancellationToken))
            .Content.ReadAsStringAsync(cancellationToken));
        var token = negotiated.RootElement.GetProperty("connectionToken").GetString();
        await _socket.ConnectAsync(
            new UriBuilder(new Uri(_http.BaseAddress!, "_blazor")) { Scheme = "ws", Query = "id=" + token }.Uri, cancellationToken);
        await _socket.SendAsync(
            "{\"protocol\":\"blazorpack\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true,
            cancellationToken);
        _work = Task.Run(ReadAsync, CancellationToken.None);
        _pings = PingAsync();
        await SendAsync([1L, s_noHeaders, _circuitCall, "StartCircuit",
            new object?[] { _http.BaseAddress!.ToString(), page.ToString(), "[]", State().Match(html).Groups["state"].Value }]);
        await CallAsync("UpdateRootComponents", $$"""{"batchId":1,"operations":[{{string.Join(',', operations)}}]}""", "");
        await _drawn.Task.WaitAsync(TimeSpan.FromMinutes(1), cancellationToken);
    }

    Task CallAsync(string method, params object?[] arguments) => SendAsync([1L, s_noHeaders, null, method, arguments]);

    async Task SendAsync(object?[] message)
    {
        var body = new List<byte>();
        MessagePack.Write(body, message);
        var framed = new List<byte>(body.Count + 5);
        for (var rest = body.Count; ; rest >>= 7)
        {
            framed.Add((byte)(rest < 128 ? rest : (rest & 127) | 128));
            if (rest < 128)
            {
                break;
            }
        }

        framed.AddRange(body);
        await _sending.WaitAsync(_stop.Token);
        try
        {
            await _socket.SendAsync(framed.ToArray(), WebSocketMessageType.Binary, endOfMessage: true, _stop.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    async Task ReadAsync()
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        var isGreeted = false;
        try
        {
            while (true)
            {
                buffer.ResetWrittenCount();
                ValueWebSocketReceiveResult result;
                do
                {
                    result = await _socket.ReceiveAsync(buffer.GetMemory(1 << 16), _stop.Token);
                    buffer.Advance(result.Count);
                }
                while (!result.EndOfMessage);

                if (result.MessageType == WebSocketMessageType.Close)
                {
                    Failure = $"closed: {_socket.CloseStatusDescription}";
                    _drawn.TrySetException(new NoosException($"The circuit was {Failure}."));
                    return;
                }

                var data = buffer.WrittenMemory;
                if (!isGreeted)
                {
                    isGreeted = true;
                    data = data[(data.Span.IndexOf((byte)0x1e) + 1)..];
                }

                await TakeAsync(data);
            }
        }
        catch (Exception e) when (_stop.IsCancellationRequested && e is OperationCanceledException or WebSocketException)
        {
            _drawn.TrySetCanceled();
        }
        catch (Exception e) when (e is WebSocketException or InvalidDataException or NoosException)
        {
            Failure = e.Message;
            _drawn.TrySetException(e);
        }
    }

    async Task PingAsync()
    {
        using var timer = new PeriodicTimer(s_ping);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await SendAsync([6L]);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or InvalidOperationException)
        {
            // The tab is closed, or the circuit has ended, which the reader tells.
        }
    }

    async Task TakeAsync(ReadOnlyMemory<byte> data)
    {
        while (!data.IsEmpty)
        {
            var (length, at) = (0, 0);
            for (var shift = 0; ; shift += 7)
            {
                var one = data.Span[at++];
                length |= (one & 127) << shift;
                if (one < 128)
                {
                    break;
                }
            }

            var rest = data.Span.Slice(at, length);
            data = data[(at + length)..];
            if (MessagePack.Read(ref rest) is object?[] message)
            {
                await HandleAsync(message);
            }
        }
    }

    Task HandleAsync(object?[] message)
    {
        switch (message)
        {
            case [1L, _, _, "JS.RenderBatch", object?[] and [long number, byte[] batch], ..]:
                _take(TextsOf(batch));
                return CallAsync("OnRenderCompleted", number, null);
            case [1L, _, _, "JS.BeginInvokeJS", object?[] and [long handle, ..], ..]:
                return CallAsync(
                    "EndInvokeJSFromDotNet", handle, true, string.Create(CultureInfo.InvariantCulture, $"[{handle},true,null]"));
            case [1L, _, _, "JS.EndUpdateRootComponents", ..]:
                _drawn.TrySetResult();
                return Task.CompletedTask;
            case [1L, _, _, "JS.Error", object?[] and [var error, ..], ..]:
                throw new NoosException($"The circuit failed: {error}");
            case [3L, _, _, 3L, string circuit, ..]:
                _circuit = circuit;
                return Task.CompletedTask;
            case [3L, _, _, 1L, var error, ..]:
                throw new NoosException($"The circuit was refused: {error}");
            case [7L, var error, ..]:
                throw new NoosException($"The server ended the circuit: {error}");
            default:
                return Task.CompletedTask;
        }
    }

    /// <summary>
    /// The table of texts at the end of a batch (RenderBatchWriter of ASP.NET Core): the last of five offsets says where it begins; its
    /// entries say where a text lies, with its length before it.
    /// </summary>
    static List<string> TextsOf(byte[] batch)
    {
        const int Offsets = 20;
        var end = batch.Length - Offsets;
        var texts = new List<string>();
        for (var at = BitConverter.ToInt32(batch, batch.Length - 4); at < end; at += 4)
        {
            var start = BitConverter.ToInt32(batch, at);
            var length = 0;
            for (var shift = 0; ; shift += 7)
            {
                var one = batch[start++];
                length |= (one & 127) << shift;
                if (one < 128)
                {
                    break;
                }
            }

            texts.Add(Encoding.UTF8.GetString(batch, start, length));
        }

        return texts;
    }
}
