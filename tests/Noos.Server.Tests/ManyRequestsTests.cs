using System.Net;
using System.Net.Sockets;
using System.Text;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Testing;

namespace Noos.Server.Tests;

/// <summary>More requests at once than the model answers together, from clients that send head and body apart.</summary>
public sealed class ManyRequestsTests : IDisposable
{
    const int Requests = 64;

    readonly TinyModel _file = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_are_answered_and_the_server_stays_awake(bool stream)
    {
        await using var server = await RunningServer.StartAsync(new LocalCpu(LanguageModel.Load(_file.Path)));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var asked = Task.WhenAll(Enumerable.Range(0, Requests).Select(index => AskAsync(server.Address, index, stream)));

        var health = 0;
        while (!asked.IsCompleted)
        {
            using var response = await server.Http.GetAsync(new Uri("health", UriKind.Relative), Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            health++;
        }

        Assert.All(await asked, answer =>
        {
            Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
            Assert.Contains(stream ? "data: [DONE]" : "\"completion_tokens\":", answer, StringComparison.Ordinal);
        });
        Assert.True(health > 0);
    }

    public void Dispose() => _file.Dispose();

    static async Task<string> AskAsync(Uri address, int index, bool stream)
    {
        var body = $$"""
            {"messages":[{"role":"user","content":"Tell me story {{index}}."}],"max_tokens":30,"stream":{{(stream ? "true" : "false")}}}
            """;
        var head = $"POST /v1/chat/completions HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n";
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Token);
        await using var connection = client.GetStream();
        await connection.WriteAsync(Encoding.UTF8.GetBytes(head), Token);
        await Task.Yield();
        await connection.WriteAsync(Encoding.UTF8.GetBytes(body), Token);
        using var reader = new StreamReader(connection);
        return await reader.ReadToEndAsync(Token);
    }
}
