using Noos.Core;

namespace Noos.Cpus.Hub;

/// <summary>
/// Exponential backoff: tries again what failed on the way, waiting longer each time, until many attempts one after another brought
/// nothing. For one piece of work at a time.
/// </summary>
/// <param name="options">How often, and how long to wait.</param>
/// <param name="time">Measures the waits.</param>
/// <param name="note">Hears why it waits.</param>
sealed class Retries(HubOptions options, TimeProvider time, Action<string> note)
{
    int _failures;
    bool _wasReached;

    /// <summary>Something came: patience begins anew.</summary>
    public void Progressed() => (_failures, _wasReached) = (0, true);

    /// <param name="next">What the user can do when all attempts failed; the end of the sentence.</param>
    /// <param name="attempt">Throws <see cref="TransientException"/> where another attempt makes sense.</param>
    /// <exception cref="NoosException">
    /// All attempts failed: <see cref="ErrorKind.Unavailable"/>, or <see cref="ErrorKind.Busy"/> where the server asks for fewer requests.
    /// </exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> attempt, string next, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (TransientException failure)
            {
                await WaitAsync(failure, next, cancellationToken);
            }
        }
    }

    async Task WaitAsync(TransientException failure, string next, CancellationToken cancellationToken)
    {
        _failures++;
        if (failure.IsUnreachable && !_wasReached)
        {
            // A wrong address and no network do not pass by waiting; a connection that worked a moment ago may come back.
            throw new NoosException(failure.Kind, $"{Capital(failure.Message)}; check the internet connection, then {next}.", failure);
        }

        if (_failures >= options.MaxFailures)
        {
            throw new NoosException(failure.Kind, $"{Capital(failure.Message)}, also after {_failures} attempts; {next}.", failure);
        }

        // Spread, so that all whom one failure of the server cut off do not come back in the same moment.
        var wait = failure.RetryAfter ?? options.FirstRetryDelay * (1 << (_failures - 1)) * (0.75 + (0.5 * Random.Shared.NextDouble()));
        if (wait > options.MaxRetryDelay)
        {
            throw new NoosException(
                failure.Kind, $"{Capital(failure.Message)} and to come back in {Math.Ceiling(wait.TotalMinutes):N0} minutes; then {next}.",
                failure);
        }

        note($"{failure.Message}; trying again in {Math.Ceiling(wait.TotalSeconds):N0} s");
        await Task.Delay(wait, time, cancellationToken);
    }

    static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
