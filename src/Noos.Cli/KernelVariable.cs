using Noos.Inference;
using Noos.Inference.Kernels.Panels;

namespace Noos.Cli;

/// <summary>The variable of the environment that holds all commands to kernels no faster than it says.</summary>
static class KernelVariable
{
    public const string Name = "NOOS_KERNELS";

    /// <exception cref="Core.NoosException">The variable names no kernels.</exception>
    public static KernelTier Read() => KernelChoice.Parse(Environment.GetEnvironmentVariable(Name));
}
