namespace Noos.Kernel.Accounts;

/// <summary>
/// A key with which programs of a person ask. The key itself is known to nobody but who made it: the disk has its digest.
/// </summary>
/// <param name="Id">Never used twice in one home.</param>
/// <param name="Owner">Whose.</param>
/// <param name="Name">What the person calls it.</param>
/// <param name="Prefix">How it begins, to tell it from others.</param>
public sealed record ApiKey(long Id, string Owner, string Name, string Prefix)
{
    public DateTimeOffset Created { get; init; }

    /// <summary>To the minute; null for never.</summary>
    public DateTimeOffset? LastUsed { get; init; }

    /// <summary>Since when it opens nothing; null while it does.</summary>
    public DateTimeOffset? Revoked { get; init; }
}
