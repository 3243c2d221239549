using System.CommandLine;
using System.Globalization;

namespace Noos.Cli;

/// <summary>An option whose value is a size of memory: 500M, 1.5G, 0.</summary>
static class MemorySizeOption
{
    const string Units = "KMGT";

    /// <param name="name">With its dashes.</param>
    /// <param name="description">For <c>--help</c>.</param>
    /// <param name="max">What this machine has; more is refused. Null for a disk, which may be another's tomorrow.</param>
    public static Option<long?> Create(string name, string description, long? max = null) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (Parse(text) is { } bytes)
            {
                if (bytes > max)
                {
                    result.AddError($"{name} is more than the {Format(max.Value)} that this machine has; give less, or leave it out.");
                }

                return bytes;
            }

            result.AddError($"'{text}' is no size of memory; write a number with a unit, such as 500M or 4G.");
            return null;
        },
    };

    /// <summary>A number of bytes, or of KiB, MiB, GiB or TiB with the unit's first letter; null if it is none.</summary>
    public static long? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var number = text.Trim().ToUpperInvariant();
        foreach (var ending in (ReadOnlySpan<string>)["IB", "B"])
        {
            if (number.EndsWith(ending, StringComparison.Ordinal))
            {
                number = number[..^ending.Length];
                break;
            }
        }

        var unit = number.Length == 0 ? -1 : Units.IndexOf(number[^1], StringComparison.Ordinal);
        var digits = unit < 0 ? number : number[..^1].TrimEnd();
        // A power of 1,024 per unit. Half of the largest number, so that sums of sizes do not overflow.
        return decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            && count <= long.MaxValue
            && count * (1L << (10 * (unit + 1))) is var bytes and <= long.MaxValue / 2
            ? (long)bytes
            : null;
    }

    /// <summary>As a person reads it: "1.50 GiB", "22.5 MiB".</summary>
    public static string Format(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):N2} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):N1} MiB");
}
