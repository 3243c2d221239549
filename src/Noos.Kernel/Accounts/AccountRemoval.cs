using Noos.Core.Facts;
using Noos.Kernel.Processes;
using Noos.Kernel.Teaching;

namespace Noos.Kernel.Accounts;

/// <summary>Removes a member from a home: first what runs for the person, then the account.</summary>
/// <param name="accounts">The accounts.</param>
/// <param name="table">The processes.</param>
/// <param name="facts">What is remembered.</param>
public sealed class AccountRemoval(AccountStore accounts, ProcessTable table, IFactStore facts)
{
    /// <summary>
    /// Ends all processes and timers of a member, so that nothing of theirs runs when nobody limits it any more, and then removes the
    /// account.
    /// </summary>
    /// <param name="name">Who is removed.</param>
    /// <param name="forgets">Forgets the person's conversations, files, facts and permissions, too; it cannot be taken back.</param>
    /// <param name="cancellationToken">Between two processes.</param>
    /// <returns>The account as it was.</returns>
    /// <exception cref="Noos.Core.NoosException">There is no such account (NotFound), or it is the owner's (Invalid).</exception>
    public async Task<Account> RunAsync(string name, bool forgets, CancellationToken cancellationToken = default)
    {
        var account = accounts.Get(name);
        if (account.Role == AccountRole.Owner)
        {
            return accounts.Remove(name);
        }

        // Nobody logs in any more while it goes on.
        foreach (var session in accounts.Sessions(account.Name))
        {
            accounts.EndSession(account.Name, session.Id);
        }

        foreach (var key in accounts.Keys(account.Name))
        {
            accounts.RevokeKey(key.Id);
        }

        var processes = table.List(new ProcessFilter { Owner = account.Name, IncludesEnded = forgets });
        foreach (var process in processes.Where(process => process.Parent is null))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await (forgets ? table.DeleteAsync(process.Id, cancellationToken) : table.KillAsync(process.Id, "the account was removed"));
        }

        foreach (var permission in table.Permissions(account.Name).Where(permission => permission.Revoked is null))
        {
            await table.RevokeAsync(permission.Id, account.Name, cancellationToken);
        }

        // Who has the name next agrees for themselves.
        new TeachingStore(table).SetConsent(account.Name, isGiven: false);
        foreach (var fact in forgets ? facts.List(account.Name).Concat(facts.List(account.Name, FactState.Forgotten)) : [])
        {
            facts.Purge(account.Name, fact.Id);
        }

        return accounts.Remove(account.Name);
    }
}
