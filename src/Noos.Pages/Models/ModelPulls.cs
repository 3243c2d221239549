using Microsoft.Extensions.DependencyInjection;
using Noos.Core;
using Noos.Cpus.Hub;
using Noos.Cpus.Library;

namespace Noos.Pages.Models;

/// <summary>The models that are pulled from pages, one download each, whoever asks for it. Thread-safe.</summary>
sealed class ModelPulls(IServiceProvider services, TimeProvider time) : IAsyncDisposable
{
    readonly ModelLibrary? _library = services.GetService<ModelLibrary>();

    // Only where the server listens to this machine alone: whoever else is on the network does not fill the disk.
    readonly HubOptions? _hub = services.GetService<HubOptions>();

    readonly Lock _lock = new();
    readonly Dictionary<string, ModelPull> _pulls = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Models can be pulled from pages of this server.</summary>
    public bool CanPull => _library is not null && _hub is not null;

    /// <summary>All models on this machine; none where nobody says where they lie.</summary>
    public ModelLibrary? Library => _library;

    /// <summary>The address of the hub, for people.</summary>
    public string HubName => _hub?.Endpoint.Authority ?? "";

    /// <summary>Those since the start.</summary>
    public IReadOnlyList<ModelPull> List()
    {
        lock (_lock)
        {
            return [.. _pulls.Values.OrderBy(pull => pull.Reference, StringComparer.Ordinal)];
        }
    }

    /// <summary>Why nothing can be pulled now, in a sentence; null where it can.</summary>
    public Task<string?> FindProblemAsync(CancellationToken cancellationToken) => CanPull
        ? new ModelHub(_hub!, time).FindProblemAsync(cancellationToken)
        : Task.FromResult<string?>("Models are pulled where this server runs, with 'noos pull NAME', because others can reach it.");

    /// <summary>Pulls a model, or goes on with it; one under way is left alone.</summary>
    /// <param name="reference">OWNER/REPO, with :QUANTIZATION.</param>
    /// <exception cref="NoosException">It names no model of the hub (Invalid), or nothing can be pulled here (Refused).</exception>
    public ModelPull Begin(string reference)
    {
        if (_library is null || _hub is null)
        {
            throw new NoosException(ErrorKind.Refused, $"This server pulls no models; run 'noos pull {reference}' where it runs.");
        }

        var parsed = ModelReference.Parse(reference, _hub.Endpoint);
        if (parsed.Repository is null)
        {
            // What is asked for over the network chooses no addresses of its own.
            throw new NoosException($"The page pulls from the hub alone, such as OWNER/REPO:Q4_K_M; run 'noos pull {reference}'.");
        }

        lock (_lock)
        {
            if (_pulls.TryGetValue(reference, out var known))
            {
                if (known.Status.State == PullState.Running)
                {
                    return known;
                }

                known.Dispose();
            }

            return _pulls[reference] = new ModelPull(
                reference, time, (note, token) => new ModelHub(_hub, time).PullAsync(parsed, _library.PullFolder, note, token));
        }
    }

    /// <summary>Stops what is under way; the next start goes on with it when it is asked for.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var pull in List())
        {
            await pull.StopAsync();
            await pull.Work;
            pull.Dispose();
        }
    }
}
