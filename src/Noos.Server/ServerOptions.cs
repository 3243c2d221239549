using System.Net;
using Noos.Core;
using Noos.Kernel.Processes;
using Noos.Kernel.Responses;

namespace Noos.Server;

/// <summary>Where the server listens, and what a request may cost.</summary>
public sealed record ServerOptions
{
    public const int DefaultPort = 7060;

    /// <summary>
    /// IP address to bind, or "localhost". A loopback address also means that only requests for a host name of this machine are answered;
    /// anything else lets others on the network use the model.
    /// </summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port to bind; 0 takes a free one.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Largest request body in bytes; a longer one is refused with 413.</summary>
    public long MaxRequestLength { get; init; } = 1 << 20;

    /// <summary>Largest file in bytes that is given to a conversation by its own request; a longer one is refused with 403.</summary>
    public long MaxFileLength { get; init; } = GivenFiles.UsualMaxLength;

    /// <summary>Where files of <c>/v1/files</c> lie; null keeps them only as long as the server runs.</summary>
    public string? UploadFolder { get; init; }

    /// <summary>Bytes that all of them may take together; more are refused with 403.</summary>
    public long MaxUploadBytes { get; init; } = 10L << 30;

    /// <summary>
    /// The index whose pages of crawls are shown as they were fetched, to the owner; null for none.
    /// </summary>
    public string? IndexPath { get; init; }

    /// <summary>
    /// The home whose journal keeps what <c>/v1/responses</c> has answered, for those that continue it; null keeps it only as long as the
    /// server runs.
    /// </summary>
    public string? ResponseFolder { get; init; }

    /// <summary>How many responses are kept, and how long.</summary>
    public ResponseLimits Responses { get; init; } = new();

    /// <summary>
    /// Pages of these origins (<c>https://chat.example.org</c>, <c>chrome-extension://ID</c>, <c>tauri://localhost</c>) may use the server
    /// too, and their host names may be asked for; <c>*</c> lets all in.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>A text is an origin as browsers send it (scheme, host, port and nothing more), or <c>*</c>.</summary>
    public static bool IsOrigin(string text) => text == "*" || (Uri.TryCreate(text, UriKind.Absolute, out var address)
        && text.Contains("://", StringComparison.Ordinal) && address is { Host.Length: > 0, PathAndQuery: "/" or "", Fragment: "" }
        && address.UserInfo.Length == 0);

    /// <summary>What is said of a text that is none.</summary>
    public static string NoOrigin(string text) =>
        $"'{text}' is no origin; write scheme and host as in https://chat.example.org or chrome-extension://ID, or * for all.";

    /// <summary>While a stream waits for the next token it sends a comment so often; zero sends none.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Everybody must log in or send an API key, also on this machine; needs an <see cref="Kernel.Accounts.AccountStore"/> in the services.
    /// Without it whoever asks from this machine is the owner.
    /// </summary>
    public bool RequiresLogin { get; init; }

    /// <summary>Requests per minute of one account, by login or API key, unless its own limits say otherwise; 0 for no limit.</summary>
    public int RequestsPerMinute { get; init; } = 600;

    /// <summary>Who sends it as a bearer token is the owner; null for nobody. Commands find it in the home.</summary>
    public string? CommandKey { get; init; }

    /// <summary>Serves metrics at <c>/metrics</c>, for the owner and for programs with a key of the owner.</summary>
    public bool HasMetrics { get; init; }

    /// <summary>OTEL_* variables: where metrics and traces are sent with <see cref="HasMetrics"/>; empty for nowhere.</summary>
    public IReadOnlyDictionary<string, string> OpenTelemetry { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Tells this start from others: a command asks for it, to know the server of its home. Null for no such thing.</summary>
    public string? Instance { get; init; }

    /// <summary>Only this machine reaches the server.</summary>
    /// <exception cref="NoosException">The host is no IP address.</exception>
    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>"localhost" is two addresses; one port of both can only be had where it is named.</summary>
    internal bool ListensOnBothLoopbacks => Host == "localhost" && Port != 0;

    /// <summary>The address that <see cref="Host"/> names.</summary>
    /// <exception cref="NoosException">It names none.</exception>
    internal IPAddress Address => IPAddress.TryParse(Host == "localhost" ? "127.0.0.1" : Host, out var address)
        ? address
        : throw new NoosException($"\"{Host}\" is no address to listen on; give an IP address such as 127.0.0.1 or 0.0.0.0.");
}
