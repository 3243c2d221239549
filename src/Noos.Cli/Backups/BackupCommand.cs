using System.CommandLine;
using System.Text.Json;
using Noos.Cli.Processes;
using Noos.Core.Settings;
using Noos.Core.Storage;
using Noos.Core.Text;
using Noos.Kernel.Backups;

namespace Noos.Cli.Backups;

/// <summary><c>noos backup</c> and <c>noos restore</c></summary>
static class BackupCommand
{
    public static Command Create(NoosSettings settings)
    {
        var file = new Argument<string>("file") { Description = "Where to write it; one that is there is replaced." };
        var json = CommandOutput.JsonOption("Write what is in it as a line of JSON.");
        var command = new CommandWithExamples(
            "backup", "Write all that is yours into one file: conversations, files, facts, accounts, settings; not the models. Works while "
            + "a server is up.", "noos backup noos.tar.gz", "noos backup /mnt/disk/noos-$(date +%F).tar.gz");
        command.Arguments.Add(file);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(file)!;
            var manifest = new HomeBackup(settings.UserData.Folder).Write(path);
            Console.Out.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(manifest, BackupJson.Default.BackupManifest)
                : $"{path}: {manifest.Files} files, {ByteSize.Format(new FileInfo(path).Length)}. Keep it as safe as what is in it.");
            return 0;
        });
        return command;
    }

    public static Command CreateRestore(NoosSettings settings)
    {
        var file = new Argument<string>("file") { Description = "What 'noos backup' has written." };
        var json = CommandOutput.JsonOption("Write what was restored as a line of JSON.");
        var command = new CommandWithExamples(
            "restore", "Put a backup in the place of what is in the home, which is kept in a folder beside it. No server may be up.",
            "noos restore noos.tar.gz", "NOOS_HOME=/new/home noos restore noos.tar.gz");
        command.Arguments.Add(file);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            RegularFile.Require(parsed.GetValue(file)!);
            var (manifest, kept) = new HomeBackup(settings.UserData.Folder).Restore(parsed.GetValue(file)!);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(manifest, BackupJson.Default.BackupManifest));
                return 0;
            }

            Console.Out.WriteLine($"{manifest.Files} files of {manifest.Created:yyyy-MM-dd HH:mm} UTC are in {settings.UserData.Folder}.");
            if (kept is not null)
            {
                Console.Out.WriteLine($"What was there before is in {kept}; remove it when you do not need it.");
            }

            return 0;
        });
        return command;
    }
}
