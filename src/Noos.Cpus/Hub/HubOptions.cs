using Noos.Core;
using Noos.Core.Settings;

namespace Noos.Cpus.Hub;

/// <summary>Where models are pulled from, and how patiently.</summary>
public sealed record HubOptions
{
    const string DefaultEndpoint = "https://huggingface.co";

    public required Uri Endpoint { get; init; }

    /// <summary>Opens private repositories; sent to <see cref="Endpoint"/> only, and never in the clear.</summary>
    public string? Token { get; init; }

    /// <summary>
    /// Hosts that may be reached although they are not on the public internet, as <c>host:port</c>: where a mirror keeps its files. The
    /// endpoint itself, and an address that was asked for by name, are.
    /// </summary>
    public IReadOnlyList<string> PrivateHosts { get; init; } = [];

    /// <summary>Before the second attempt; doubled before each further one, and spread by a quarter up and down.</summary>
    public TimeSpan FirstRetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After so many attempts one after another that brought not a byte, it fails.</summary>
    public int MaxFailures { get; init; } = 6;

    /// <summary>The longest wait that a server may ask for; when it asks for more, it fails.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A connection that brings nothing for so long counts as cut.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The hub and the token that the user set, as other programs read them too.</summary>
    /// <param name="settings">The user's settings.</param>
    /// <param name="endpoint">Goes before the endpoint of the settings.</param>
    /// <exception cref="NoosException">The endpoint is no web address.</exception>
    public static HubOptions From(NoosSettings settings, string? endpoint = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var chosen = string.IsNullOrWhiteSpace(endpoint) ? settings.HubEndpoint ?? DefaultEndpoint : endpoint.Trim();
        return Uri.TryCreate(chosen.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? new HubOptions { Endpoint = address, Token = settings.HubToken }
            : throw new NoosException(
                $"'{chosen}' is no web address of a model hub; write it like {DefaultEndpoint} (--endpoint or HF_ENDPOINT).");
    }
}
