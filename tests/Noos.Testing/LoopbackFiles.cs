using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Noos.Testing;

/// <summary>
/// Files over HTTP with ranges, as object stores have them. Real sockets, so that an answer can be cut in its middle; and it can ask for
/// patience.
/// </summary>
public sealed class LoopbackFiles : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public LoopbackFiles()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}/"));

    /// <summary>Content by path, without the first slash.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>What was asked for: path and range.</summary>
    public ConcurrentQueue<(string Path, string? Range)> Requests { get; } = new();

    /// <summary>So many answers, of those to come, end after this share of their bytes.</summary>
    public int Cuts { get; set; }

    /// <summary>So many answers, of those to come, are 503.</summary>
    public int Refusals { get; set; }

    public void Dispose() => _listener.Dispose();

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
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
                await using var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
                if (await reader.ReadLineAsync() is not { } line)
                {
                    return;
                }

                string? range = null;
                while (await reader.ReadLineAsync() is { Length: > 0 } field)
                {
                    range = field.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase) ? field["Range: bytes=".Length..] : range;
                }

                var path = line.Split(' ')[1].TrimStart('/');
                Requests.Enqueue((path, range));
                await stream.WriteAsync(Answer(path, range));
            }
            catch (IOException)
            {
                // The client has had enough.
            }
        }
    }

    byte[] Answer(string path, string? range)
    {
        if (Refusals > 0)
        {
            Refusals--;
            return Bytes("503 Slow Down", "", []);
        }

        if (!Files.TryGetValue(path, out var content))
        {
            return Bytes("404 Not Found", "", []);
        }

        if (range is null)
        {
            return Cut(Bytes("200 OK", "", content));
        }

        var ends = range.Split('-');
        var from = int.Parse(ends[0], CultureInfo.InvariantCulture);
        var to = ends[1].Length > 0 ? Math.Min(content.Length - 1, int.Parse(ends[1], CultureInfo.InvariantCulture)) : content.Length - 1;
        return from >= content.Length
            ? Bytes("416 Range Not Satisfiable", $"Content-Range: bytes */{content.Length}\r\n", [])
            : Cut(Bytes("206 Partial Content", $"Content-Range: bytes {from}-{to}/{content.Length}\r\n", content[from..(to + 1)]));
    }

    byte[] Cut(byte[] answer)
    {
        if (Cuts == 0)
        {
            return answer;
        }

        Cuts--;
        return answer[..(200 + ((answer.Length - 200) / 2))];
    }

    static byte[] Bytes(string status, string headers, byte[] content) =>
    [
        .. Encoding.Latin1.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {content.Length}\r\nConnection: close\r\n{headers}\r\n"),
        .. content,
    ];
}
