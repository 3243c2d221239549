namespace Noos.Corpus.Batches;

/// <summary>How workers share the work of a folder.</summary>
public sealed record WorkOptions
{
    /// <summary>Names this process in leases and manifests, such as <c>node7-4711</c>; two that run at once need different names.</summary>
    public string Worker { get; init; } = "worker";

    /// <summary>Threads of this process that work.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>A lease whose heart has not beaten for so long belongs to nobody; measured by the clock of who waits.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether the owner of a lease is known to be no more, so that nobody waits for it; null where nobody can know.</summary>
    public Func<string, bool>? IsGone { get; init; }

    /// <summary>How often a worker that finds nothing to do looks again.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMilliseconds(500);
}
