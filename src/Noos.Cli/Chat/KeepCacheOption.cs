using System.CommandLine;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Kernel.Agents;

namespace Noos.Cli.Chat;

/// <summary><c>--keep-cache</c> and <c>--keep-cache-size</c></summary>
sealed class KeepCacheOption(NoosSettings settings)
{
    readonly Option<bool> _option = new("--keep-cache")
    {
        Description =
            "Keep what the model has read on disk, so that conversations go on after a restart without reading them again (in the "
            + "user's data folder; only local models).",
    };

    readonly Option<long?> _size = MemorySizeOption.Create(
        "--keep-cache-size",
        "With --keep-cache: how much is kept on disk, such as 500M or 4G, the latest conversations first (default: 1G).");

    public static KeepCacheOption AddTo(Command command, NoosSettings settings)
    {
        var option = new KeepCacheOption(settings);
        command.Options.Add(option._option);
        command.Options.Add(option._size);
        return option;
    }

    /// <exception cref="NoosException">It is asked for, and the model is that of a server, which decided at its start.</exception>
    public void RequireNone(ParseResult parsed)
    {
        if (parsed.GetValue(_option))
        {
            throw new NoosException(
                $"A server is up, and its start decides about {_option.Name}; leave it out here, or stop the server and give it to "
                + "'noos up'.");
        }
    }

    /// <summary>Restores in the background; saves when disposed. Null if not asked for.</summary>
    /// <exception cref="NoosException">It is asked for of a model elsewhere.</exception>
    public PersistedPrefixCache? Begin(ParseResult parsed, Assistant assistant) => !parsed.GetValue(_option) ? null
        : assistant.Cpu.GetService(typeof(LanguageModel)) is LanguageModel model
            ? new PersistedPrefixCache(model, Path.Combine(settings.UserData.Folder, "caches"), Console.Error.WriteLine,
                parsed.GetValue(_size) ?? PersistedPrefixCache.DefaultMaxBytes)
            : throw new NoosException(
                $"The option {_option.Name} needs a model on this computer; leave it out, or choose a file with --model.");
}
