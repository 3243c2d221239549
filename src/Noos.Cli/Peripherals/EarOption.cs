using System.CommandLine;
using Noos.Core.Settings;
using Noos.Cpus.Library;
using Noos.Inference;
using Noos.Peripherals.Ear;

namespace Noos.Cli.Peripherals;

/// <summary>Which ear hears: one setting for all commands.</summary>
static class EarOption
{
    public static Option<string?> Create() => new("--ear")
    {
        Description =
            "Who hears: a file of whisper.cpp (ggml-NAME.bin), or the NAME of one that was pulled (default: $NOOS_EAR, else the largest "
            + "that is installed).",
        HelpName = "NAME",
    };

    /// <summary>The ear that is given, else the user's usual one.</summary>
    public static EarOptions Options(NoosSettings settings, string? given, int threads = 0) => new()
    {
        Name = string.IsNullOrWhiteSpace(given) ? settings.Ear : given,
        Folders = ModelLibraryOptions.From(settings).Folders,
        Inference = new InferenceOptions { Threads = threads, MaxKernelTier = KernelChoice.Parse(settings.Kernels) },
    };
}
