using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Inference;
using Noos.Language.Models;

namespace Noos.Cli.Models;

/// <summary>What was measured, where and when.</summary>
/// <param name="Model">Name of the file.</param>
/// <param name="WeightBytes">Weights that one token reads.</param>
/// <param name="Products">Products of a weight and an activation for one token of a prompt.</param>
/// <param name="Cpu">Name of the processor.</param>
/// <param name="Kernels">Which of the engine's kernels the processor gets.</param>
/// <param name="Measured">The day.</param>
sealed record BenchReport(
    string Model,
    long WeightBytes,
    long Products,
    int Rounds,
    string Cpu,
    string Kernels,
    DateOnly Measured,
    IReadOnlyList<BenchLimits> Limits,
    IReadOnlyList<BenchRow> Rows)
{
    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A report without limits and rows.</summary>
    public static BenchReport Begin(BenchPlan plan, ModelInspection model)
    {
        // The scores of the vocabulary are computed after the last token of a prompt only.
        var scores = (model.VocabularySize ?? 0) * (model.EmbeddingLength ?? 0);
        return new BenchReport(
            Path.GetFileName(plan.Model),
            model.ActiveWeightBytes,
            Math.Max(0, model.ActiveParameterCount - scores),
            plan.Rounds,
            CpuName(),
            KernelChoice.NameInUse(plan.MaxKernelTier),
            DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime),
            [],
            []);
    }

    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    public string ToMarkdown()
    {
        var hasRival = Rows.Any(row => row.Rival is not null);
        var lines = new List<string>
        {
            Text($"{Model}: {WeightBytes / 1e9:F2} GB of weights a token; ")
                + Text($"{(Rounds == 1 ? "1 round" : $"medians of {Rounds} rounds")}, {Cpu}, kernels {Kernels}, {Measured:yyyy-MM-dd}."),
        };
        lines.AddRange(Limits.Select(Sentence));
        lines.Add("");
        lines.Add("| tokens/s | threads | noos | of the limit |" + (hasRival ? " llama.cpp | ratio |" : ""));
        lines.Add(hasRival ? "|---|---|---|---|---|---|" : "|---|---|---|---|");
        foreach (var row in Rows)
        {
            var share = row.LimitShare is { } part ? Text($"{part * 100:N0}%") : "";
            var rival = !hasRival ? "" : row.Rival is { } other ? Text($" {other:N1} | {row.Ratio:F2} |") : " | |";
            lines.Add(Text($"| {row.Name} | {row.Threads} | {row.Noos:N1} | {share} |") + rival);
        }

        return string.Join('\n', lines);
    }

    string Sentence(BenchLimits limits)
    {
        var (threads, speed) = limits;
        return Text($"Limits with {threads} {(threads == 1 ? "thread" : "threads")}: {speed.BytesPerSecond / 1e9:F1} GB/s from memory, ")
            + Text($"so {speed.BytesPerSecond / Math.Max(1, WeightBytes):N1} generated tokens/s of weights that no cache holds; ")
            + Text($"{speed.ProductsPerSecond / 1e9:N0} G products/s of 8-bit integers, {speed.OperationsPerSecond / 1e9:N0} GFLOP/s.");
    }

    static string CpuName()
    {
        const string Cpus = "/proc/cpuinfo";
        var line = File.Exists(Cpus)
            ? File.ReadLines(Cpus).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return $"{line?.Split(':', 2)[1].Trim() ?? "unknown processor"}, {Environment.ProcessorCount} cores";
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What so many threads of this machine can do at most.</summary>
sealed record BenchLimits(int Threads, MachineSpeed Speed);

/// <summary>One measurement; a time in milliseconds, everything else tokens a second.</summary>
/// <param name="LimitShare">
/// The part of the physical limit that was reached: above 1 where a cache holds what memory was thought to give.
/// </param>
/// <param name="Rival">The other engine's.</param>
sealed record BenchRow(string Name, int Threads, double Noos, double? LimitShare, double? Rival, bool IsTime = false)
{
    /// <summary>How many times faster ours is.</summary>
    public double? Ratio => IsTime ? Rival / Noos : Noos / Rival;
}
