using Microsoft.Extensions.DependencyInjection;
using Noos.Core;
using Noos.Cpus.Hub;
using Noos.Cpus.Library;

namespace Noos.Server.Pulls;

/// <summary>The models that are pulled from pages and by requests, one download each, whoever asks for it. Thread-safe.</summary>
/// <param name="services">With the library of models and the options of the hub; without one of them nothing can be pulled.</param>
/// <param name="time">Measures rates.</param>
public sealed class ModelPulls(IServiceProvider services, TimeProvider time) : IAsyncDisposable
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

    /// <summary>The pull of a model; null where none was asked for since the start.</summary>
    public ModelPull? Find(string reference)
    {
        var name = _hub is null ? reference : NameOf(Parse(reference, _hub), reference);
        lock (_lock)
        {
            return _pulls.GetValueOrDefault(name);
        }
    }

    /// <summary>Pulls a model in the background, or goes on with it; one under way is left alone.</summary>
    /// <param name="reference">OWNER/REPO, with :QUANTIZATION.</param>
    /// <exception cref="NoosException">It names no model of the hub (Invalid), or nothing can be pulled here (Refused).</exception>
    public ModelPull Begin(string reference)
    {
        var pull = Get(reference, watches: false);
        pull.Want();
        return pull;
    }

    /// <summary>The same for as long as the caller watches: who ends with <see cref="ModelPull.LeaveAsync"/>.</summary>
    /// <inheritdoc cref="Begin"/>
    internal ModelPull Watch(string reference) => Get(reference, watches: true);

    ModelPull Get(string reference, bool watches)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (_library is null || _hub is null)
        {
            throw new NoosException(ErrorKind.Refused, $"This server pulls no models; run 'noos pull {reference}' where it runs.");
        }

        var parsed = Parse(reference, _hub);
        var name = NameOf(parsed, reference);
        lock (_lock)
        {
            if (_pulls.TryGetValue(name, out var pull) && pull.Status.State != PullState.Running)
            {
                pull.Dispose();
                pull = null;
            }

            pull ??= _pulls[name] = new ModelPull(
                name, time, (note, token) => new ModelHub(_hub, time).PullAsync(parsed, _library.PullFolder, note, token));
            if (watches)
            {
                pull.Enter();
            }

            return pull;
        }
    }

    static ModelReference Parse(string reference, HubOptions hub)
    {
        var parsed = ModelReference.Parse(reference, hub.Endpoint);
        return parsed.Repository is not null ? parsed : throw new NoosException(
            // What is asked for over the network chooses no addresses of its own.
            $"A request may pull from the hub alone, such as OWNER/REPO:Q4_K_M; run 'noos pull {reference}' where this server runs.");
    }

    /// <summary>One name for all that mean the same.</summary>
    static string NameOf(ModelReference parsed, string reference) => !parsed.IsMain ? reference.Trim()
        : parsed.Wanted is null ? parsed.Repository!
        : $"{parsed.Repository}:{parsed.Wanted}";

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
