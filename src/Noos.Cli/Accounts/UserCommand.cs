using System.CommandLine;
using System.Globalization;
using Noos.Cli.Permissions;
using Noos.Cli.Processes;
using Noos.Cli.Timers;
using Noos.Core.Settings;
using Noos.Kernel.Accounts;
using Noos.Server.Accounts;

namespace Noos.Cli.Accounts;

/// <summary><c>noos user</c>: the people of the home, with or without a server that is up.</summary>
static class UserCommand
{
    public static Command Create(NoosSettings settings)
    {
        var command = new CommandWithExamples(
            "user", "Who may use this Noos, and how much.", "noos user list", "noos user add anna", "noos user password",
            "noos user limit anna --tokens-per-day 200000 --files 2G", "noos user remove anna");
        command.Subcommands.Add(CreateList(settings));
        command.Subcommands.Add(CreateAdd(settings));
        command.Subcommands.Add(CreatePassword(settings));
        command.Subcommands.Add(CreateLimit(settings));
        command.Subcommands.Add(CreateRemove(settings));
        return command;
    }

    static CommandWithExamples CreateList(NoosSettings settings) => AccountCommand.Complete(
        new CommandWithExamples("list", "List the users and what they used today.", "noos user list", "noos user list --json"),
        "Write one line of JSON: {\"data\": [user, ...]}.",
        _ =>
        {
            var accounts = new AccountStore(settings.UserData.Folder);
            return new UserList([.. accounts.List().Select(account => UserEntry.From(account, accounts))]);
        },
        known => known.UserList,
        users => users.Data.Select(Describe)
            .Prepend($"{"NAME",-20}  {"ROLE",-6}  {"LOGIN",-8}  {"TOKENS TODAY",12}  {"PROCESSES",9}  SINCE"));

    static CommandWithExamples CreateAdd(NoosSettings settings)
    {
        var name = NameArgument("What the user is called: letters, digits, '.', '-' and '_'.");
        var hasNone = new Option<bool>("--no-password") { Description = "No login with a password: only API keys ('noos key add')." };
        var limits = new LimitOptions();
        var command = new CommandWithExamples(
            "add", "Add a user, with conversations, files, facts and keys of their own. Asks for a password (or reads a line of it).",
            "noos user add anna", "noos user add builder --no-password --requests-per-minute 60");
        command.Arguments.Add(name);
        command.Options.Add(hasNone);
        limits.AddTo(command);
        return Complete(settings, command, (accounts, parsed) =>
        {
            var wanted = parsed.GetValue(name)!;
            var password = parsed.GetValue(hasNone) ? null : PasswordPrompt.ReadNew($"A password for {wanted}:");
            return accounts.Add(wanted, password, limits.Read(parsed, new AccountLimits()));
        });
    }

    static CommandWithExamples CreatePassword(NoosSettings settings)
    {
        var name = NameArgument("Whose; the owner's where it is left out.");
        name.Arity = ArgumentArity.ZeroOrOne;
        var command = new CommandWithExamples(
            "password", "Give a user another password, and end the sessions with the old one.", "noos user password",
            "noos user password anna", "noos user password anna < secret.txt");
        command.Arguments.Add(name);
        return Complete(settings, command, (accounts, parsed) =>
        {
            var account = parsed.GetValue(name) is { } wanted ? accounts.Get(wanted) : accounts.Owner!;
            return accounts.SetPassword(account.Name, PasswordPrompt.ReadNew($"A new password for {account.Name}:"));
        });
    }

    static CommandWithExamples CreateLimit(NoosSettings settings)
    {
        var name = NameArgument("Whose.");
        var limits = new LimitOptions();
        var command = new CommandWithExamples(
            "limit", "Say what a user may use. What is not named stays as it is.", "noos user limit anna --tokens-per-day 200000",
            "noos user limit anna --tokens-per-day none", "noos user limit anna --allow mcp:wiki --deny code");
        command.Arguments.Add(name);
        limits.AddTo(command);
        return Complete(settings, command, (accounts, parsed) =>
        {
            var account = accounts.Get(parsed.GetValue(name)!);
            return accounts.SetLimits(account.Name, limits.Read(parsed, account.Limits));
        });
    }

    static CommandWithExamples CreateRemove(NoosSettings settings)
    {
        var name = NameArgument("Who.");
        var forgets = new Option<bool>("--forget")
        {
            Description = "Forget the user's conversations, files and facts, too; this cannot be undone. Else they stay with the owner.",
        };
        var command = new CommandWithExamples(
            "remove", "Remove a user: sessions and keys open nothing any more, and what runs for the user ends.", "noos user remove anna",
            "noos user remove anna --forget");
        command.Arguments.Add(name);
        command.Options.Add(forgets);
        return AccountCommand.Complete(
            command, "Write the user, as it was, as a line of JSON.",
            async (parsed, cancellationToken) =>
            {
                var accounts = new AccountStore(settings.UserData.Folder);
                var user = UserEntry.From(accounts.Get(parsed.GetValue(name)!), accounts);
                await using var home = await Homes.OpenAsync(settings, cancellationToken);
                await home.RemoveUserAsync(user.Name, parsed.GetValue(forgets), cancellationToken);
                return user;
            },
            known => known.UserEntry, user => [Describe(user)]);
    }

    static Argument<string> NameArgument(string description) => new("name") { Description = description };

    /// <summary>A command that makes or changes one user.</summary>
    static CommandWithExamples Complete(
        NoosSettings settings, CommandWithExamples command, Func<AccountStore, ParseResult, Account> change) => AccountCommand.Complete(
        command, "Write the user as a line of JSON.",
        parsed =>
        {
            var accounts = AccountCommand.Open(settings);
            return UserEntry.From(change(accounts, parsed), accounts);
        },
        known => known.UserEntry, user => [Describe(user)]);

    static string Describe(UserEntry user) => string.Create(
        CultureInfo.InvariantCulture,
        $"{VisibleText.From(user.Name),-20}  {user.Role.ToString().ToLowerInvariant(),-6}  {(user.HasPassword ? "password" : "-"),-8}  "
        + $"{user.Usage.TokensIn + user.Usage.TokensOut,12}  {user.Usage.Processes,9}  {TimersCommand.Local(user.Created)}  "
        + $"{(user.Limits is { } limits ? LimitOptions.Describe(limits) : "")}").TrimEnd();
}
