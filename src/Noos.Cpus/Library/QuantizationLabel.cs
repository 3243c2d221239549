using System.Text.RegularExpressions;

namespace Noos.Cpus.Library;

/// <summary>How a model is quantized, as its file name says: Q4_K_M, IQ2_XXS, BF16, UD-Q4_K_XL.</summary>
static partial class QuantizationLabel
{
    // A choice of quality and size by mixture that repositories mark so.
    const string Dynamic = "UD-";

    /// <summary>What people want who do not say: the usual compromise, then the nearly lossless one.</summary>
    public static IReadOnlyList<string> Preferred { get; } = ["Q4_K_M", "Q8_0"];

    /// <summary>Upper-case; null when the name does not say.</summary>
    public static string? Parse(string path)
    {
        var stem = SplitName.Parse(path)?.Stem ?? path;
        var name = stem[(stem.LastIndexOf('/') + 1)..];
        return (Labels().Matches(name).LastOrDefault() ?? Labels().Matches(stem).LastOrDefault())?.Value.ToUpperInvariant();
    }

    /// <summary>Whether someone who asks for <paramref name="wanted"/> is served by <paramref name="label"/>.</summary>
    public static bool Fits(string? label, string wanted) =>
        label is not null
        && (label.Equals(wanted, StringComparison.OrdinalIgnoreCase)
            || (label.StartsWith(Dynamic, StringComparison.Ordinal)
                && label.AsSpan(Dynamic.Length).Equals(wanted, StringComparison.OrdinalIgnoreCase)));

    [GeneratedRegex(
        @"(?<![a-z0-9])(ud-)?(i?q[0-9]{1,2}(_([0-9]{1,2}|k|xxs|xs|s|m|l|xl|xxl|nl|p))*"
        + @"|tq[0-9]_[0-9]|mxfp4(_moe)?|bf16|fp?16|fp?32)(?![a-z0-9])",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Labels();
}
