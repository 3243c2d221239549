using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Noos.Cli.Processes;
using Noos.Core.Settings;
using Noos.Kernel.Accounts;
using Noos.Server.Accounts;

namespace Noos.Cli.Accounts;

/// <summary>
/// The frame of the commands of people and keys: what one has done is told in lines, or with <c>--json</c> as the API tells it.
/// </summary>
static class AccountCommand
{
    static readonly AccountJson s_json =
        new(new JsonSerializerOptions(AccountJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The accounts; the owner's is there from now on.</summary>
    public static AccountStore Open(NoosSettings settings)
    {
        var accounts = new AccountStore(settings.UserData.Folder);
        accounts.EnsureOwner(settings.User);
        return accounts;
    }

    /// <param name="command">Gets <c>--json</c>, behind its other options, and what happens.</param>
    /// <param name="json">What <c>--json</c> writes, for <c>--help</c>.</param>
    /// <param name="run">Does it.</param>
    /// <param name="type">How the result is written.</param>
    /// <param name="describe">The result in lines.</param>
    public static CommandWithExamples Complete<T>(
        CommandWithExamples command, string json, Func<ParseResult, CancellationToken, Task<T>> run,
        Func<AccountJson, JsonTypeInfo<T>> type, Func<T, IEnumerable<string>> describe)
    {
        var wantsJson = CommandOutput.JsonOption(json);
        command.Options.Add(wantsJson);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var result = await run(parsed, cancellationToken);
            foreach (var line in parsed.GetValue(wantsJson) ? [JsonSerializer.Serialize(result, type(s_json))] : describe(result))
            {
                Console.Out.WriteLine(line);
            }

            return 0;
        });
        return command;
    }

    /// <summary>The same where nothing is waited for.</summary>
    public static CommandWithExamples Complete<T>(
        CommandWithExamples command, string json, Func<ParseResult, T> run, Func<AccountJson, JsonTypeInfo<T>> type,
        Func<T, IEnumerable<string>> describe) =>
        Complete(command, json, (parsed, _) => Task.FromResult(run(parsed)), type, describe);
}
