using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using ModelContextProtocol.Authentication;

namespace Noos.Cli.Mcp;

/// <summary>
/// Has a person log in with a browser: shows the address, and waits on a loopback port for the browser to come back with the code
/// (RFC 8252, section 7.3).
/// </summary>
sealed class BrowserLogin : IDisposable
{
    const string Thanks = "Done. You can close this page and go back to the terminal.";
    const int MaxRequest = 16_384;

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly TextWriter _output;

    public BrowserLogin(TextWriter output)
    {
        _output = output;
        _listener.Start();
    }

    /// <summary>Where the browser comes back to.</summary>
    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/callback");

    public async Task<AuthorizationResult?> AskAsync(AuthorizationCallbackContext context, CancellationToken cancellationToken)
    {
        await _output.WriteLineAsync($"Open this address to log in:\n  {context.AuthorizationUri.AbsoluteUri}");
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync(cancellationToken);
            var query = QueryHelpers.ParseQuery(await ReadQueryAsync(client, cancellationToken));
            if (query.TryGetValue("code", out var code))
            {
                return new AuthorizationResult
                {
                    Code = code,
                    State = query.GetValueOrDefault("state"),
                    Iss = query.GetValueOrDefault("iss"),
                };
            }

            if (query.ContainsKey("error"))
            {
                return null;
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>The query of the request; browsers also ask for other things, such as an icon.</summary>
    static async Task<string> ReadQueryAsync(TcpClient client, CancellationToken cancellationToken)
    {
        await using var stream = client.GetStream();
        var request = new StringBuilder();
        var buffer = new byte[1024];
        while (!request.ToString().Contains("\r\n", StringComparison.Ordinal) && request.Length < MaxRequest
            && await stream.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            request.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        var answer = $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {Thanks.Length}\r\nConnection: close\r\n\r\n{Thanks}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), cancellationToken);
        var target = request.ToString().Split(' ') is [_, var path, ..] ? path : "";
        return target.IndexOf('?') is >= 0 and var start ? target[start..] : "";
    }
}
