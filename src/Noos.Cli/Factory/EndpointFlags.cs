using System.CommandLine;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Cpus;
using Noos.Factory.Models;
using Noos.Factory.Policies;

namespace Noos.Cli.Factory;

/// <summary>Which engine elsewhere draws the answers of a policy.</summary>
sealed class EndpointFlags
{
    readonly Option<string?> _endpoint = new("--endpoint")
    {
        Description = "Let an engine elsewhere draw the answers: the address of OpenAI-compatible completions with token ids and "
            + "log-probabilities, such as vLLM's http://localhost:8000/v1#model.",
        HelpName = "ADDRESS",
    };

    readonly Option<string?> _weights = new("--endpoint-weights")
    {
        Description = "The file from which that engine takes the policy's weights (default: endpoint.gguf in the folder of the run).",
        HelpName = "FILE",
    };

    readonly Option<string?> _reload = new("--endpoint-reload")
    {
        Description = "Asked (POST, with model and path) to take the weights in whenever they are new.",
        HelpName = "ADDRESS",
    };

    EndpointFlags()
    {
    }

    public static EndpointFlags Create() => new();

    public IReadOnlyList<Option> All => [_endpoint, _weights, _reload];

    /// <returns>Null where our own engine draws.</returns>
    /// <exception cref="NoosException">An address is none.</exception>
    public EndpointSampler? Open(
        ParseResult parsed, TrainableModel model, string folder, SamplerOptions options, NoosSettings settings)
    {
        if (parsed.GetValue(_endpoint) is not { } address)
        {
            return null;
        }

        var endpoint = ToUri(address);
        return new EndpointSampler(model, options, new EndpointSamplerOptions(
            new Uri(endpoint.GetLeftPart(UriPartial.Path)), ModelSource.NameOf(address),
            Path.GetFullPath(parsed.GetValue(_weights) ?? Path.Combine(folder, "endpoint.gguf")))
        {
            Reload = parsed.GetValue(_reload) is { } reload ? ToUri(reload) : null,
            ApiKey = settings.OpenAIApiKey,
        });
    }

    static Uri ToUri(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        ? uri
        : throw new NoosException($"'{address}' is no web address; write it like http://localhost:8000/v1#model.");
}
