namespace Noos.Kernel.Accounts;

/// <summary>A browser in which a person has logged in.</summary>
/// <param name="Id">Never used twice in one home.</param>
/// <param name="Owner">Whose.</param>
/// <param name="Agent">What the browser says it is; null where it said nothing.</param>
public sealed record LoginSession(long Id, string Owner, string? Agent)
{
    public DateTimeOffset Created { get; init; }

    /// <summary>To the hour.</summary>
    public DateTimeOffset LastUsed { get; init; }

    /// <summary>Later when it is used.</summary>
    public DateTimeOffset Expires { get; init; }
}
