using System.Text.Json.Serialization;
using Noos.Kernel.Accounts;

namespace Noos.Server.Accounts;

/// <summary>A person as the API shows it.</summary>
/// <param name="Name">The owner of the person's processes, facts and permissions.</param>
/// <param name="Role">What the person may do with the system.</param>
/// <param name="HasPassword">There is a password to log in with.</param>
/// <param name="Limits">What the person may use; not there for the owner, who has none.</param>
/// <param name="Created">When the account was made.</param>
/// <param name="Usage">What the person has used.</param>
public sealed record UserEntry(
    string Name, AccountRole Role, bool HasPassword, AccountLimits? Limits, DateTimeOffset Created, AccountUsage Usage)
{
    public static UserEntry From(Account account, AccountStore accounts)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(accounts);
        return new UserEntry(
            account.Name, account.Role, account.HasPassword, account.Role == AccountRole.Owner ? null : account.Limits, account.Created,
            accounts.Usage(account.Name));
    }
}

/// <param name="Data">The owner first.</param>
public sealed record UserList(IReadOnlyList<UserEntry> Data);

/// <param name="User">Who asks; not there for nobody.</param>
/// <param name="Login">How that is known.</param>
/// <param name="LoginRequired">Whether everybody must log in, also on this machine.</param>
public sealed record MeAnswer(UserEntry? User, VisitorKind Login, bool LoginRequired);

/// <param name="Data">In the order in which they were made.</param>
public sealed record KeyList(IReadOnlyList<ApiKey> Data);

/// <summary>A new key.</summary>
/// <param name="Key">As it is listed.</param>
/// <param name="Secret">The key itself, shown this once.</param>
public sealed record NewKey(ApiKey Key, string Secret);

/// <param name="Data">Those used last first.</param>
public sealed record SessionList(IReadOnlyList<LoginSession> Data);

/// <summary>What <c>/api/users</c> and its neighbours answer, as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(UserEntry))]
[JsonSerializable(typeof(UserList))]
[JsonSerializable(typeof(MeAnswer))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(NewKey))]
[JsonSerializable(typeof(LoginSession))]
[JsonSerializable(typeof(SessionList))]
public sealed partial class AccountJson : JsonSerializerContext;
