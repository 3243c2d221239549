using System.CommandLine;
using System.Globalization;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Kernel.Accounts;
using Noos.Server;

namespace Noos.Cli.Accounts;

/// <summary><c>--login</c> and <c>--requests-per-minute</c> of <c>noos up</c>: who must log in, and how often one may ask.</summary>
sealed class LoginOption
{
    const string Remote = "remote";
    const string Always = "always";
    const string Never = "never";

    readonly Option<string> _login = new("--login")
    {
        Description =
            "Who must log in: remote (everybody, once the server listens beyond this machine), always (on this machine, too), never "
            + "(whoever reaches the port is the owner).",
        DefaultValueFactory = _ => Remote,
    };

    readonly Option<int> _requests = new("--requests-per-minute")
    {
        Description = "Requests per minute that one user may send by login or API key; 0 for no limit.",
        DefaultValueFactory = _ => new ServerOptions().RequestsPerMinute,
    };

    public static LoginOption AddTo(Command command)
    {
        var option = new LoginOption();
        option._login.AcceptOnlyFromAmong(Remote, Always, Never);
        option._requests.Validators.Add(result =>
        {
            if (result.TryGetValue<int>(out var count) && count < 0)
            {
                result.AddError("The requests per minute must be 0 or more.");
            }
        });
        command.Options.Add(option._login);
        command.Options.Add(option._requests);
        return option;
    }

    /// <summary>The options of the server with what the command line says.</summary>
    public ServerOptions ApplyTo(ServerOptions server, ParseResult parsed) => server with
    {
        RequiresLogin = parsed.GetRequiredValue(_login) switch
        {
            Always => true,
            Never => false,
            _ => !server.IsLoopback,
        },
        RequestsPerMinute = parsed.GetValue(_requests),
    };

    /// <summary>Where everybody must log in somebody must be able to: else asks for a password of the owner.</summary>
    /// <exception cref="NoosException">Nobody could log in, and there is no terminal to ask (Refused).</exception>
    public static void RequirePassword(AccountStore accounts, Account owner, NoosSettings settings, ServerOptions server)
    {
        if (settings.OwnerPassword is { } given && !owner.HasPassword)
        {
            accounts.SetPassword(owner.Name, given);
            return;
        }

        if (!server.RequiresLogin || accounts.List().Any(account => account.HasPassword) || accounts.Keys().Count > 0)
        {
            return;
        }

        if (Console.IsInputRedirected)
        {
            throw new NoosException(
                ErrorKind.Refused,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Whoever reaches {server.Host} must log in, and {owner.Name} has no password yet; set one with 'noos user password' "
                    + $"or NOOS_PASSWORD, then start again."));
        }

        Console.Error.WriteLine($"Others will reach this Noos at {server.Host}, so everybody must log in.");
        accounts.SetPassword(owner.Name, PasswordPrompt.ReadNew($"A password for {owner.Name}, its owner:"));
    }
}
