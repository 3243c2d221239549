using System.CommandLine;
using System.Globalization;
using Noos.Cli.Permissions;
using Noos.Cli.Timers;
using Noos.Core.Settings;
using Noos.Kernel.Accounts;
using Noos.Server.Accounts;

namespace Noos.Cli.Accounts;

/// <summary><c>noos key</c>: API keys, with or without a server that is up.</summary>
static class KeyCommand
{
    public static Command Create(NoosSettings settings)
    {
        var command = new CommandWithExamples(
            "key", "API keys, with which programs ask as one of the users.", "noos key add editor", "noos key add phone --user anna",
            "noos key list", "noos key revoke 3");
        command.Subcommands.Add(CreateAdd(settings));
        command.Subcommands.Add(CreateList(settings));
        command.Subcommands.Add(CreateRevoke(settings));
        return command;
    }

    static CommandWithExamples CreateAdd(NoosSettings settings)
    {
        var name = new Argument<string>("name") { Description = "What it is for." };
        var user = new Option<string?>("--user") { Description = "Whose key; the owner's where it is left out.", HelpName = "NAME" };
        var command = new CommandWithExamples(
            "add", "Make a key and print it, this once: only its digest is kept.", "noos key add editor",
            "noos key add phone --user anna", "export OPENAI_API_KEY=$(noos key add editor)");
        command.Arguments.Add(name);
        command.Options.Add(user);
        return AccountCommand.Complete(
            command, "Write one line of JSON: {\"key\", \"secret\"}.",
            parsed =>
            {
                var accounts = AccountCommand.Open(settings);
                var (key, secret) = accounts.AddKey(parsed.GetValue(user) ?? accounts.Owner!.Name, parsed.GetValue(name)!);
                return new NewKey(key, secret);
            },
            known => known.NewKey,
            made =>
            {
                var key = made.Key;
                Console.Error.WriteLine(
                    $"Key {key.Id} ({VisibleText.From(key.Name)}) of {VisibleText.From(key.Owner)}; it is not shown again "
                    + $"('noos key revoke {key.Id}' ends it).");

                // Alone on standard output, so that a variable can be set to it.
                return [made.Secret];
            });
    }

    static CommandWithExamples CreateList(NoosSettings settings)
    {
        var user = new Option<string?>("--user") { Description = "Only those of this user.", HelpName = "NAME" };
        var all = new Option<bool>("--all", "-a") { Description = "Those that were revoked, too." };
        var command = new CommandWithExamples(
            "list", "List the keys: whose each is, how it begins, and when it was last used.", "noos key list",
            "noos key list --all --json");
        command.Options.Add(user);
        command.Options.Add(all);
        return AccountCommand.Complete(
            command, "Write one line of JSON: {\"data\": [key, ...]}.",
            parsed => new KeyList(new AccountStore(settings.UserData.Folder).Keys(parsed.GetValue(user), parsed.GetValue(all))),
            known => known.KeyList,
            keys => keys.Data.Select(Describe)
                .Prepend($"{"ID",6}  {"USER",-20}  {"BEGINS",-12}  {"MADE",-16}  {"LAST USED",-16}  NAME"));
    }

    static CommandWithExamples CreateRevoke(NoosSettings settings)
    {
        var id = new Argument<long>("id") { Description = "The number of the key ('noos key list' lists them)." };
        var command = new CommandWithExamples("revoke", "End a key: it opens nothing from now on.", "noos key revoke 3");
        command.Arguments.Add(id);
        return AccountCommand.Complete(
            command, "Write the key as a line of JSON.",
            parsed => new AccountStore(settings.UserData.Folder).RevokeKey(parsed.GetValue(id)), known => known.ApiKey,
            key => [Describe(key)]);
    }

    static string Describe(ApiKey key) => string.Create(
        CultureInfo.InvariantCulture,
        $"{key.Id,6}  {VisibleText.From(key.Owner),-20}  {key.Prefix + "...",-12}  {TimersCommand.Local(key.Created),-16}  "
        + $"{TimersCommand.Local(key.LastUsed),-16}  {VisibleText.From(key.Name)}{(key.Revoked is null ? "" : "  (revoked)")}");
}
