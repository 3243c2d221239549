using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Noos.Core;
using Noos.Kernel.Accounts;
using Noos.Kernel.Processes;
using Noos.Server.Accounts;

namespace Noos.Pages.Hosting;

/// <summary>Who looks at a page: the one place where the pages learn whose processes may be seen and touched.</summary>
sealed class PageVisitor(PageProcesses processes, PagesOptions options, IServiceProvider services)
{
    readonly AccountStore? _accounts = services.GetService<AccountStore>();
    Principal? _principal;
    long? _session;
    bool _isInPerson;

    /// <summary>
    /// On whose behalf the page asks: whoever opened its connection. In a host without accounts all processes are one person's.
    /// </summary>
    /// <exception cref="NoosException">Nobody knows who that is, or the account is gone (Refused).</exception>
    public Principal Principal
    {
        get
        {
            _principal ??= Find();

            // A page may be open for long: account and session are asked for each time.
            if (_session is { } session && _accounts!.Sessions(_principal.Owner).All(one => one.Id != session))
            {
                throw Unknown();
            }

            return _accounts?.Owner is null || _principal.Owner == AccountStore.Unnamed ? _principal
                : _accounts.Find(_principal.Owner)?.Principal ?? throw Unknown();
        }
    }

    /// <summary>
    /// Whose conversations are listed: the visitor's own. The owner of the machine may open those of others, and does not read over their
    /// shoulders. Null for all, where there are no people.
    /// </summary>
    public string? ListedOwner => _accounts?.Owner is null || Principal.Owner == AccountStore.Unnamed ? null : Principal.Owner;

    /// <summary>The people of the machine; null where nobody has an account.</summary>
    public AccountStore? Accounts => _accounts?.Owner is null ? null : _accounts;

    /// <summary>In which session the visitor has logged in; null without one.</summary>
    public long? Session => Principal is null ? null : _session;

    /// <summary>The visitor is a person, and not a program with an API key.</summary>
    public bool IsInPerson => Principal is not null && _isInPerson;

    /// <summary>The same for a request that is no page.</summary>
    public PageVisitor For(HttpContext http)
    {
        (_principal, _session) = (_accounts is null ? null : http.GetVisitor().Principal, null);
        return this;
    }

    /// <summary>A process of this visitor; null where there is none with this id, or it is another's.</summary>
    public ProcessRecord? Find(long process)
    {
        try
        {
            return processes.Table.Get(process, Principal);
        }
        catch (NoosException e) when (e.Kind == ErrorKind.NotFound)
        {
            return null;
        }
    }

    Principal Find()
    {
        if (_accounts is null)
        {
            return new Principal(options.Owner, IsAdministrator: true);
        }

        // Of a page it is known when it begins, so nothing is waited for.
        var state = services.GetRequiredService<AuthenticationStateProvider>().GetAuthenticationStateAsync();
        if (!state.IsCompletedSuccessfully || Visitor.FindPrincipal(state.Result.User) is not { } principal)
        {
            throw Unknown();
        }

        (_session, _isInPerson) = (Visitor.FindSession(state.Result.User), Visitor.IsPerson(state.Result.User));
        return principal;
    }

    static NoosException Unknown() => new(ErrorKind.Refused, "You are not logged in any more; load the page again.");
}
