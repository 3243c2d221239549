using Noos.Core;

namespace Noos.Cpus.Library;

/// <summary>Tries again what failed on the way, waiting longer each time, until many attempts one after another brought nothing.</summary>
/// <param name="note">Hears why it waits.</param>
sealed class Retries(HubOptions options, Action<string> note)
{
    int _failures;
    bool _wasReached;

    /// <summary>Something came: patience begins anew.</summary>
    public void Progressed() => (_failures, _wasReached) = (0, true);

    /// <param name="next">What the user can do when all attempts failed; the end of the sentence.</param>
    /// <exception cref="NoosException">All attempts failed.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> attempt, string next, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (TransientException failure)
            {
                await WaitAsync(failure, next, cancellation);
            }
        }
    }

    async Task WaitAsync(TransientException failure, string next, CancellationToken cancellation)
    {
        _failures++;
        if (failure.IsUnreachable && !_wasReached)
        {
            throw new NoosException($"{Capital(failure.Message)}; check the internet connection, then {next}.", failure);
        }

        if (_failures >= options.MostFailures)
        {
            throw new NoosException($"{Capital(failure.Message)}, also after {_failures} attempts; {next}.", failure);
        }

        var wait = failure.RetryAfter ?? options.FirstRetryDelay * (1 << (_failures - 1)) * (0.75 + (0.5 * Random.Shared.NextDouble()));
        if (wait > options.MostRetryDelay)
        {
            throw new NoosException($"{Capital(failure.Message)} and to come back in {Math.Ceiling(wait.TotalMinutes):N0} minutes; then {next}.", failure);
        }

        note($"{failure.Message}; trying again in {Math.Ceiling(wait.TotalSeconds):N0} s");
        await Task.Delay(wait, cancellation);
    }

    static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
