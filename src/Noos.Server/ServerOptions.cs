namespace Noos.Server;

/// <summary>Where the server listens, and what a request may cost.</summary>
public sealed record ServerOptions
{
    public const int DefaultPort = 7060;

    /// <summary>Address to bind. Anything but the loopback address lets others on the network use the model.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port to bind; 0 takes a free one.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Largest request body in bytes.</summary>
    public long MaximumRequestLength { get; init; } = 1 << 20;
}
