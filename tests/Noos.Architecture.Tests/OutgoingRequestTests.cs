using System.Text.RegularExpressions;

namespace Noos.Architecture.Tests;

/// <summary>
/// Every request leaves through <c>Noos.Core/Network/EgressGuard.cs</c>, which checks where it goes: whoever opens a connection of his own
/// would go around all of it.
/// </summary>
public sealed partial class OutgoingRequestTests
{
    const string Guard = "src/Noos.Core/Network/EgressGuard.cs";

    static readonly string[] s_listeners =
    [
        // Asks the system for a free port, and connects to nothing.
        "src/Noos.Cli/Models/LlamaServer.cs",
        // Takes in the workers of a training, and connects to nothing.
        "src/Noos.Training/Distributed/WorkerListener.cs",
    ];

    [Fact]
    public void Connections_are_opened_in_one_place() =>
        Assert.Equal([Guard], FilesWith(ConnectionOpened(), "src").Except(s_listeners));

    [Fact]
    public void Ports_are_only_listened_on_elsewhere() =>
        Assert.All(s_listeners, path => Assert.DoesNotMatch(ClientOpened(), File.ReadAllText(Path.Combine(Repository.Root, path))));

    /// <summary>The official client makes a connection of its own where it is given none.</summary>
    [Fact]
    public void Clients_of_other_libraries_are_given_a_way_out() =>
        Assert.All(FilesWith(ForeignClient(), "src"), path =>
            Assert.Contains("Transport = ", File.ReadAllText(Path.Combine(Repository.Root, path)), StringComparison.Ordinal));

    static IEnumerable<string> FilesWith(Regex forbidden, string folder) => Repository.Sources(folder)
        .Where(path => forbidden.IsMatch(File.ReadAllText(path)))
        .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'));

    [GeneratedRegex(
        @"\bnew (HttpClient|SocketsHttpHandler|HttpClientHandler|HttpMessageInvoker|WinHttpHandler|Socket|TcpClient|TcpListener|UdpClient"
        + @"|ClientWebSocket|WebClient|SmtpClient|NamedPipeClientStream|Ping)\b|\bHttpClient \w+ = new\("
        + @"|\bWebRequest\.Create|\bDns\.(Get|Begin)"
        + @"|\bAddHttpClient\b|\bHttpClientPipelineTransport\.Shared\b|\bQuicConnection\b",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex ConnectionOpened();

    [GeneratedRegex(@"\bnew (HttpClient|SocketsHttpHandler|HttpClientHandler|Socket|TcpClient|UdpClient|ClientWebSocket)\b",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex ClientOpened();

    [GeneratedRegex(
        @"\bnew (OpenAIClient|ChatClient|OpenAIClientOptions)\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex ForeignClient();
}
