using Noos.Core;

namespace Noos.Cpus.Library;

/// <summary>Where models are pulled from, and how patiently.</summary>
public sealed record HubOptions
{
    const string EndpointVariable = "HF_ENDPOINT";
    const string TokenVariable = "HF_TOKEN";
    const string DefaultEndpoint = "https://huggingface.co";

    public required Uri Endpoint { get; init; }

    /// <summary>Opens private repositories; sent to <see cref="Endpoint"/> only, and never in the clear.</summary>
    public string? Token { get; init; }

    /// <summary>Before the second attempt; doubled before each further one.</summary>
    public TimeSpan FirstRetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Attempts one after another that brought not a byte.</summary>
    public int MostFailures { get; init; } = 6;

    /// <summary>The longest wait that a server may ask for.</summary>
    public TimeSpan MostRetryDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A connection that brings nothing for so long counts as cut.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>By HF_ENDPOINT and HF_TOKEN, as other programs read them.</summary>
    /// <param name="endpoint">Goes before HF_ENDPOINT.</param>
    /// <exception cref="NoosException">The endpoint is no web address.</exception>
    public static HubOptions FromEnvironment(string? endpoint = null)
    {
        var chosen = Given(endpoint) ?? Given(Environment.GetEnvironmentVariable(EndpointVariable)) ?? DefaultEndpoint;
        return Uri.TryCreate(chosen.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? new HubOptions { Endpoint = address, Token = Given(Environment.GetEnvironmentVariable(TokenVariable)) }
            : throw new NoosException($"'{chosen}' is no web address of a model hub; write it like {DefaultEndpoint} (--endpoint or {EndpointVariable}).");
    }

    static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
