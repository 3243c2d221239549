using System.CommandLine;
using Noos.Core.Settings;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Kernel.Agents;

namespace Noos.Cli.Chat;

/// <summary><c>--keep-cache</c></summary>
sealed class KeepCacheOption(NoosSettings settings)
{
    readonly Option<bool> _option = new("--keep-cache")
    {
        Description =
            "Keep what the model has read on disk, so that conversations go on after a restart without reading them again (in the "
            + "user's data folder; only local models).",
    };

    public static KeepCacheOption AddTo(Command command, NoosSettings settings)
    {
        var option = new KeepCacheOption(settings);
        command.Options.Add(option._option);
        return option;
    }

    /// <summary>Restores in the background; saves when disposed. Null if not asked for.</summary>
    public PersistedPrefixCache? Begin(ParseResult parsed, Assistant assistant) => parsed.GetValue(_option)
        && assistant.Cpu.GetService(typeof(LanguageModel)) is LanguageModel model
        ? new PersistedPrefixCache(model, Path.Combine(settings.UserData.Folder, "caches"), Console.Error.WriteLine)
        : null;
}
