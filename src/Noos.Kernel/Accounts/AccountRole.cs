using System.Text.Json.Serialization;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Accounts;

/// <summary>What a person may do with the system itself.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<AccountRole>))]
public enum AccountRole
{
    /// <summary>Has conversations, files, facts and keys of their own, and sees those of nobody else.</summary>
    Member,

    /// <summary>Whose machine it is: manages accounts, and sees all processes. There is one.</summary>
    Owner,
}
