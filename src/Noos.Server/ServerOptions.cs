using System.Net;
using Noos.Core;

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

    /// <summary>The address that <see cref="Host"/> names.</summary>
    /// <exception cref="NoosException">It names none.</exception>
    internal IPAddress Address => IPAddress.TryParse(Host == "localhost" ? "127.0.0.1" : Host, out var address)
        ? address
        : throw new NoosException($"\"{Host}\" is no address to listen on; give an IP address such as 127.0.0.1 or 0.0.0.0.");
}
