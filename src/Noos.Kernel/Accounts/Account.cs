using System.Text.Json.Serialization;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Accounts;

/// <summary>A person who uses the system.</summary>
/// <param name="Id">Never used twice in one home.</param>
/// <param name="Name">The owner of the person's processes, facts and permissions.</param>
/// <param name="Role">What the person may do with the system.</param>
public sealed record Account(long Id, string Name, AccountRole Role)
{
    /// <summary>There is a password to log in with.</summary>
    public bool HasPassword { get; init; }

    public AccountLimits Limits { get; init; } = new();

    public DateTimeOffset Created { get; init; }

    /// <summary>What the person's requests may see.</summary>
    [JsonIgnore]
    public Principal Principal => new(Name, Role == AccountRole.Owner);
}
