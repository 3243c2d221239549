using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Noos.Testing;

/// <summary>A request as it came over the wire.</summary>
/// <param name="Host">The host header, without the port.</param>
/// <param name="Path">With the query.</param>
/// <param name="Raw">Every byte, as Latin-1.</param>
public sealed record LoopbackRequest(string Method, string Host, string Path, string Raw);

/// <summary>What is answered.</summary>
public sealed record LoopbackResponse(string Body, int Status = 200, string? Headers = null)
{
    public static LoopbackResponse Redirect(string location, int status = 302) => new("", status, $"Location: {location}\r\n");
}

/// <summary>
/// The internet on this machine: one listener that is every host, and the names that lead to it. Keeps all that anybody sent, and every
/// name that was looked up.
/// </summary>
public sealed class LoopbackWeb : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();

    public LoopbackWeb()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    public ConcurrentQueue<LoopbackRequest> Requests { get; } = new();

    public ConcurrentQueue<string> LookedUp { get; } = new();

    /// <summary>Connections that were opened, whatever was sent.</summary>
    public int Connections => Volatile.Read(ref _connections);

    int _connections;

    /// <summary>Answers; called from any thread.</summary>
    public Func<LoopbackRequest, LoopbackResponse> Respond { get; set; } = _ => new LoopbackResponse("ok");

    /// <summary>Leads every name here.</summary>
    public Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        LookedUp.Enqueue(name);
        return Task.FromResult<IPAddress[]>([IPAddress.Loopback]);
    }

    public string Address(string host, string path = "/") => $"http://{host}:{Port}{path}";

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Disposed.
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                if (await ReadAsync(stream) is { } request)
                {
                    Requests.Enqueue(request);
                    var response = Respond(request);
                    var body = Encoding.UTF8.GetBytes(response.Body);
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(
                        $"HTTP/1.1 {response.Status} x\r\nContent-Length: {body.Length}\r\nConnection: close\r\n{response.Headers}\r\n"));
                    await stream.WriteAsync(body);
                }
            }
            catch (IOException)
            {
                // The client has had enough.
            }
        }
    }

    async Task<LoopbackRequest?> ReadAsync(NetworkStream stream)
    {
        var raw = new StringBuilder();
        var buffer = new byte[8192];
        int end, length = 0;
        while ((end = raw.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0 || raw.Length < end + 4 + length)
        {
            var count = await stream.ReadAsync(buffer, _stop.Token);
            if (count == 0)
            {
                return null;
            }

            raw.Append(Encoding.Latin1.GetString(buffer, 0, count));
            length = int.TryParse(Header(raw.ToString(), "Content-Length"), out var given) ? given : 0;
        }

        var text = raw.ToString();
        var line = text.Split(' ', 3);
        return new LoopbackRequest(line[0], (Header(text, "Host") ?? "").Split(':')[0], line[1], text);
    }

    static string? Header(string request, string name) => request.Split("\r\n\r\n")[0].Split("\r\n").Skip(1)
        .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}
