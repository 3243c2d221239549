using Noos.Core;
using Noos.Inference.Kernels.Panels;
using Noos.Language.Gguf;

namespace Noos.Inference;

/// <summary>
/// Names for <see cref="InferenceOptions.MaxKernelTier"/>: for comparisons, or where a processor does not do what it says.
/// </summary>
public static class KernelChoice
{
    static readonly Dictionary<string, KernelTier> s_tiers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["portable"] = KernelTier.Portable,
        ["avx2"] = KernelTier.Avx2,
        ["avxvnni"] = KernelTier.AvxVnni,
        ["avx512vnni"] = KernelTier.Avx512Vnni,
    };

    /// <summary>The names, from the slowest kernels to the fastest.</summary>
    public static IReadOnlyCollection<string> Names => s_tiers.Keys;

    /// <summary>The tier of a name, in any case; the fastest one for null and the empty string.</summary>
    /// <exception cref="NoosException">There is no such name (Invalid).</exception>
    public static KernelTier Parse(string? name) =>
        string.IsNullOrEmpty(name) ? KernelTier.Avx512Vnni
        : s_tiers.TryGetValue(name, out var tier) ? tier
        : throw new NoosException($"There are no kernels '{name}'; choose one of {string.Join(", ", Names)}, or none for the fastest.");

    /// <summary>The name of the kernels that this machine uses if none faster than <paramref name="maxTier"/> are allowed.</summary>
    public static string NameInUse(KernelTier maxTier)
    {
        // Every quantized format has the same tiers, so one of them tells for all.
        var tier = PanelKernels.Best(GgufTensorType.Q8_0, maxTier)!.Tier;
        return s_tiers.First(entry => entry.Value == tier).Key;
    }
}
