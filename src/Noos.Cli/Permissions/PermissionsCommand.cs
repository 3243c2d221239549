using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Noos.Cli.Processes;
using Noos.Core.Settings;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Server.Permissions;

namespace Noos.Cli.Permissions;

/// <summary><c>noos permissions</c>, with <c>allow</c>, <c>refuse</c> and <c>revoke</c></summary>
static class PermissionsCommand
{
    static readonly PermissionJson s_json =
        new(new JsonSerializerOptions(PermissionJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static Command Create(NoosSettings settings)
    {
        var all = new Option<bool>("--all") { Description = "Also permissions that were revoked." };
        var json = CommandOutput.JsonOption("Write each question and each permission as a line of JSON.");
        var command = new CommandWithExamples(
            "permissions", "Show which questions wait for you, and what you have allowed or refused for longer than one call.",
            "noos permissions", "noos permissions allow 12", "noos permissions allow 12 --always",
            "noos permissions refuse 12 --reason \"Use the other file.\"", "noos permissions revoke 3");
        command.Options.Add(all);
        command.Options.Add(json);
        command.Subcommands.Add(CreateDecision(settings, isGranted: true));
        command.Subcommands.Add(CreateDecision(settings, isGranted: false));
        command.Subcommands.Add(CreateRevoke(settings));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var home = await Homes.OpenToReadAsync(settings, cancellationToken);
            var waiting = await home.ApprovalsAsync(cancellationToken);
            var rules = (await home.PermissionsAsync(cancellationToken))
                .Where(rule => parsed.GetValue(all) || rule.Revoked is null).ToArray();
            if (parsed.GetValue(json))
            {
                foreach (var entry in waiting)
                {
                    WriteJson(entry, known => known.JournalEntry);
                }

                foreach (var rule in rules)
                {
                    WriteJson(rule, known => known.PermissionRule);
                }

                return 0;
            }

            foreach (var entry in waiting)
            {
                Console.Out.Write($"Process {entry.Process} waits: ");
                PermissionQuestion.Write(Console.Out, (ApprovalAsked)entry.Event);
                Console.Out.WriteLine($"  noos permissions allow {entry.Process}   or   noos permissions refuse {entry.Process}");
            }

            if (waiting.Count == 0)
            {
                Console.Out.WriteLine("No question waits.");
            }

            foreach (var rule in rules)
            {
                Console.Out.WriteLine(Describe(rule));
            }

            if (rules.Length == 0)
            {
                Console.Out.WriteLine("Nothing is allowed or refused for longer than one call.");
            }

            return 0;
        });
        return command;
    }

    static CommandWithExamples CreateDecision(NoosSettings settings, bool isGranted)
    {
        var process = CommandOutput.ProcessArgument();
        var conversation = new Option<bool>("--conversation") { Description = "In this conversation and its sub-agents from now on." };
        var always = new Option<bool>("--always") { Description = isGranted ? "From now on everywhere." : "Never again, anywhere." };
        var reason = new Option<string?>("--reason") { Description = "What the model is told." };
        var json = CommandOutput.JsonOption("Write the process as a line of JSON.");
        var command = isGranted
            ? new CommandWithExamples(
                "allow", "Allow what a process asks for, once unless you say for longer.", "noos permissions allow 12",
                "noos permissions allow 12 --conversation", "noos permissions allow 12 --always")
            : new CommandWithExamples(
                "refuse", "Refuse what a process asks for, this time unless you say for longer.", "noos permissions refuse 12",
                "noos permissions refuse 12 --reason \"Use the other file.\"", "noos permissions refuse 12 --always");
        command.Arguments.Add(process);
        command.Options.Add(conversation);
        command.Options.Add(always);
        if (!isGranted)
        {
            command.Options.Add(reason);
        }

        command.Options.Add(json);
        command.Validators.Add(result =>
        {
            if (result.GetValue(conversation) && result.GetValue(always))
            {
                result.AddError("Give --conversation or --always, not both.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var scope = parsed.GetValue(always) ? ApprovalScope.Always
                : parsed.GetValue(conversation) ? ApprovalScope.Conversation
                : ApprovalScope.Once;
            await using var home = await Homes.OpenAsync(settings, cancellationToken);
            var id = parsed.GetValue(process);
            // Bound to the call that is shown here: another one that waits by then is not meant.
            var asked = (await home.ApprovalsAsync(cancellationToken)).FirstOrDefault(entry => entry.Process == id)?.Event as ApprovalAsked;
            var decided = await home.DecideAsync(
                id, new Approval(isGranted, scope, isGranted ? null : parsed.GetValue(reason)), asked?.Call.CallId, cancellationToken);
            if (parsed.GetValue(json))
            {
                CommandOutput.WriteJson(decided);
                return 0;
            }

            Console.Out.WriteLine(
                $"{id} {(isGranted ? "allowed" : "refused")}{(asked is null ? "" : $": {EventText.OneLine(asked.Effect)}")}");
            if (home.Model is null)
            {
                await Console.Error.WriteLineAsync("No server is up, so it goes on with the next 'noos up'.");
            }

            return 0;
        });
        return command;
    }

    static CommandWithExamples CreateRevoke(NoosSettings settings) => NumbersCommand.Create(
        settings,
        new CommandWithExamples(
            "revoke", "Take permissions back, or refusals for good: from now on you are asked again.", "noos permissions revoke 3",
            "noos permissions revoke 3 4 5"),
        "The numbers of the permissions ('noos permissions' lists them).", "Write each permission as a line of JSON.", "revoked",
        (home, id, cancellationToken) => home.RevokeAsync(id, cancellationToken), rule => WriteJson(rule, known => known.PermissionRule));

    static string Describe(PermissionRule rule) => string.Create(
        CultureInfo.InvariantCulture,
        $"{rule.Id,5}  {rule.Created.ToLocalTime():yyyy-MM-dd HH:mm}  {(rule.IsGranted ? "allowed" : "never"),-7}  "
        + $"{(rule.Process is { } process ? $"in {process}" : "always"),-8}  {rule.Capability} {rule.Kind.ToString().ToLowerInvariant()}"
        + $"{(rule.IsExact ? $", exactly: {VisibleText.From(rule.Sentence).ReplaceLineEndings(" ")}" : "")}"
        + $"{(rule.Revoked is { } revoked ? $" (revoked {revoked.ToLocalTime():yyyy-MM-dd HH:mm})" : "")}");

    static void WriteJson<T>(T value, Func<PermissionJson, JsonTypeInfo<T>> type) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(value, type(s_json)));
}
