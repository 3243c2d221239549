using System.Net;
using System.Net.Sockets;
using System.Text;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Cpus.Tests.Remote;

public sealed class RemoteModelTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    static async Task<NoosException> FailAsync(string address)
    {
        await using var cpu = ModelSource.OpenCpu(new NoosOptions { Model = address, ApiKey = "secret" });
        return await Assert.ThrowsAsync<NoosException>(async () =>
        {
            await foreach (var _ in cpu.RunAsync(new Turn(Conversation.From(Message.User("hi"))), Token))
            {
            }
        });
    }

    [Theory]
    [InlineData(400, ErrorKind.Invalid)]
    [InlineData(401, ErrorKind.Refused)]
    [InlineData(403, ErrorKind.Refused)]
    [InlineData(404, ErrorKind.NotFound)]
    [InlineData(429, ErrorKind.Busy)]
    [InlineData(500, ErrorKind.Unavailable)]
    [InlineData(503, ErrorKind.Unavailable)]
    public async Task Answer_of_the_endpoint_decides_the_kind(int status, ErrorKind kind)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, status);

        var failure = await FailAsync($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1#name");

        Assert.Equal(kind, failure.Kind);
        Assert.Contains($"({status})", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
        listener.Stop();
        await serving;
    }

    [Fact]
    public async Task Endpoint_that_cannot_be_reached_is_unavailable()
    {
        using var port = new ReservedPort();

        Assert.Equal(ErrorKind.Unavailable, (await FailAsync($"http://127.0.0.1:{port.Number}/v1#name")).Kind);
    }

    [Theory]
    [InlineData("data: {oops\n\n", "chat format")]
    [InlineData("<html>Welcome!</html>", "ended before it was complete")]
    [InlineData("""
        data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hel"}}]}


        """, "ended before it was complete")]
    public async Task Endpoint_that_answers_nonsense_or_stops_in_the_middle_is_unavailable(string body, string said)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, 200, body, "text/event-stream");

        var failure = await FailAsync($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1#name");

        Assert.Equal(ErrorKind.Unavailable, failure.Kind);
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
        listener.Stop();
        await serving;
    }

    /// <summary>Answers every request with the status until it is stopped; the client tries some of them again.</summary>
    static async Task ServeAsync(
        TcpListener listener, int status, string body = """{"error": {"message": "no"}}""", string type = "application/json")
    {
        try
        {
            while (true)
            {
                using var connection = await listener.AcceptTcpClientAsync(Token);
                var stream = connection.GetStream();
                _ = await stream.ReadAsync(new byte[1 << 16], Token);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\nConnection: "
                    + $"close\r\n\r\n{body}"), Token);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }
}
