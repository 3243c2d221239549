using Noos.Core;
using Noos.Inference.Kernels.Panels;
using Noos.Language.Gguf;

namespace Noos.Inference;

/// <summary>Which kernels compute: the fastest that the processor has, or those that a variable of the environment allows.</summary>
public static class KernelChoice
{
    /// <summary>Names the fastest kernels that may be used: for comparisons, or where a processor does not do what it says.</summary>
    public const string Variable = "NOOS_KERNELS";

    static readonly Dictionary<string, KernelTier> s_tiers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["portable"] = KernelTier.Portable,
        ["avx2"] = KernelTier.Avx2,
        ["avxvnni"] = KernelTier.AvxVnni,
        ["avx512vnni"] = KernelTier.Avx512Vnni,
    };

    static readonly Lazy<KernelTier> s_highest = new(() => Parse(Environment.GetEnvironmentVariable(Variable)));

    /// <summary>The values that <see cref="Variable"/> may have, from the slowest kernels to the fastest.</summary>
    public static IReadOnlyCollection<string> Names => s_tiers.Keys;

    /// <summary>The name of the kernels in use.</summary>
    /// <exception cref="NoosException">The variable has another value.</exception>
    public static string InUse
    {
        get
        {
            var tier = PanelKernels.Best(GgufTensorType.Q8_0)!.Tier;
            return s_tiers.First(entry => entry.Value == tier).Key;
        }
    }

    /// <exception cref="NoosException">The variable has another value.</exception>
    internal static KernelTier Highest => s_highest.Value;

    /// <exception cref="NoosException">There is no such name.</exception>
    internal static KernelTier Parse(string? name) =>
        string.IsNullOrEmpty(name) ? KernelTier.Avx512Vnni
        : s_tiers.TryGetValue(name, out var tier) ? tier
        : throw new NoosException($"The variable {Variable} is '{name}'; it must be one of {string.Join(", ", Names)}, or not set at all.");
}
