using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Noos.Testing;

/// <summary>
/// A model hub on this machine: a listing and redirects on one port, the bytes on another, as the real one has it. Real sockets, so that
/// a connection can be cut in the middle of a file.
/// </summary>
public sealed class LoopbackHub : IDisposable
{
    public const string Repository = "owner/Some-Model-GGUF";
    public const string Token = "hf_secret";

    readonly TcpListener _front = Listen();
    readonly TcpListener _store = Listen();
    readonly ConcurrentQueue<Func<Request, Answer?>> _moods = [];

    public LoopbackHub()
    {
        _ = ServeAsync(_front, "front", Front);
        _ = ServeAsync(_store, "store", Store);
    }

    public Uri Endpoint => new($"http://127.0.0.1:{Port(_front)}/");

    public Uri StoreAddress => new($"http://127.0.0.1:{Port(_store)}/");

    /// <summary>Content of the files by their path.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Sizes that the listing claims instead of the true ones; so for the checksums.</summary>
    public ConcurrentDictionary<string, long> ClaimedSizes { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, string> ClaimedChecksums { get; } = new(StringComparer.Ordinal);

    /// <summary>All requests in their order.</summary>
    public ConcurrentQueue<Request> Requests { get; } = [];

    public bool IsGated { get; set; }

    public bool HasTags { get; set; } = true;

    /// <summary>How the next request to the store is answered, in turn; null is as usual.</summary>
    public void Next(Func<Request, Answer?> mood) => _moods.Enqueue(mood);

    public IEnumerable<Request> ToStore => Requests.Where(request => request.Host == "store");

    public static byte[] Content(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        "GGUF"u8.CopyTo(bytes);
        return bytes;
    }

    public void Dispose()
    {
        _front.Stop();
        _store.Stop();
        _front.Dispose();
        _store.Dispose();
    }

    static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    Answer Front(Request request)
    {
        if (IsGated && request["Authorization"] != $"Bearer {Token}")
        {
            return new Answer(401) { Headers = { ["X-Error-Code"] = "GatedRepo" } };
        }

        if (request.Path == $"/api/models/{Repository}/revision/main?blobs=true")
        {
            return new Answer(200)
            {
                Headers = { ["Content-Type"] = "application/json" },
                Body = JsonSerializer.SerializeToUtf8Bytes(new
                {
                    sha = "abc123",
                    siblings = Files.Select(file => new
                    {
                        rfilename = file.Key,
                        size = ClaimedSizes.GetValueOrDefault(file.Key, file.Value.Length),
                        lfs = new
                        {
                            sha256 = ClaimedChecksums.GetValueOrDefault(file.Key,
                            Convert.ToHexStringLower(SHA256.HashData(file.Value))),
                            size = ClaimedSizes.GetValueOrDefault(file.Key, file.Value.Length)
                        },
                    }),
                }),
            };
        }

        var start = $"/{Repository}/resolve/abc123/";
        return request.Path.StartsWith(start, StringComparison.Ordinal)
            ? new Answer(302) { Headers = { ["Location"] = new Uri(StoreAddress, request.Path[start.Length..]).ToString() } }
            : new Answer(401) { Headers = { ["X-Error-Code"] = "RepoNotFound" } };
    }

    Answer Store(Request request)
    {
        if (_moods.TryDequeue(out var mood) && mood(request) is { } answer)
        {
            return answer;
        }

        if (!Files.TryGetValue(Uri.UnescapeDataString(request.Path.TrimStart('/')), out var content))
        {
            return new Answer(404);
        }

        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"";
        var ok = new Answer(200) { Body = content };
        if (HasTags)
        {
            ok.Headers["ETag"] = tag;
        }

        if (request["Range"] is not { } range || (request["If-Range"] is { } known && known != tag))
        {
            return ok;
        }

        var from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
        return from >= content.Length
            ? new Answer(416)
            : ok with
            {
                Status = 206,
                Body = content[from..],
                Headers = new(ok.Headers) { ["Content-Range"] = $"bytes {from}-{content.Length - 1}/{content.Length}" }
            };
    }

    async Task ServeAsync(TcpListener listener, string host, Func<Request, Answer> answer)
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await listener.AcceptTcpClientAsync(), host, answer);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    async Task AnswerAsync(TcpClient client, string host, Func<Request, Answer> answer)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                var path = (await reader.ReadLineAsync())?.Split(' ')[1];
                var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                while (await reader.ReadLineAsync() is { Length: > 0 } line)
                {
                    headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
                }

                if (path is not null)
                {
                    var request = new Request(host, path, headers);
                    Requests.Enqueue(request);
                    await answer(request).WriteAsync(stream);
                }
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // The client went away, as it may.
            }
        }
    }

    public sealed record Request(string Host, string Path, Dictionary<string, string> Headers)
    {
        public string? this[string header] => Headers.GetValueOrDefault(header);
    }

    public sealed record Answer(int Status)
    {
        public Dictionary<string, string> Headers { get; init; } = new(StringComparer.OrdinalIgnoreCase);

        public byte[] Body { get; init; } = [];

        /// <summary>Only so many bytes of the body are sent before the connection ends.</summary>
        public int? CutAt { get; init; }

        /// <summary>Completes before the connection ends.</summary>
        public Task Hold { get; init; } = Task.CompletedTask;

        public async Task WriteAsync(Stream stream)
        {
            var head = new StringBuilder()
                .Append(CultureInfo.InvariantCulture,
                    $"HTTP/1.1 {Status} Some reason\r\nContent-Length: {Body.Length}\r\nConnection: close\r\n");
            foreach (var (name, value) in Headers)
            {
                head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
            await stream.WriteAsync(Body.AsMemory(0, CutAt ?? Body.Length));
            await Hold;
        }
    }
}
