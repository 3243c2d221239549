using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Inference;
using Noos.Inference.Estimates;
using Noos.Language.Architectures;
using Noos.Language.Models;

namespace Noos.Cli.Models;

/// <summary>What was measured, where and when.</summary>
/// <param name="Model">Name of the file.</param>
/// <param name="WeightBytes">Weights that one token reads.</param>
/// <param name="Products">Products of a weight and an activation for one token of a prompt.</param>
/// <param name="FloatShare">The part of them whose weights are floats.</param>
/// <param name="AttentionOperations">Operations of attention for the whole prompt.</param>
/// <param name="Cpu">Name of the processor.</param>
/// <param name="Kernels">Which of the engine's kernels the processor gets.</param>
/// <param name="Measured">The day.</param>
sealed record BenchReport(
    string Model,
    long WeightBytes,
    long Products,
    double FloatShare,
    double AttentionOperations,
    int Prompt,
    int Rounds,
    string Cpu,
    string Kernels,
    DateOnly Measured,
    IReadOnlyList<BenchLimits> Limits,
    IReadOnlyList<BenchRow> Rows,
    IReadOnlyList<BenchUse> Uses)
{
    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>How tokens of the uses are drawn where that is not greedy, and who says so.</summary>
    public string? Sampling { get; init; }

    /// <summary>A report without limits and rows.</summary>
    public static BenchReport Begin(BenchPlan plan, ModelInspection model, DecoderConfig config)
    {
        // The scores of the vocabulary are computed after the last token of a prompt only.
        var scores = (model.VocabularySize ?? 0) * (model.EmbeddingLength ?? 0);
        return new BenchReport(
            Path.GetFileName(plan.Model),
            model.ActiveWeightBytes,
            Math.Max(0, model.ActiveParameterCount - scores),
            MachineFit.FloatShare(model),
            config.AttentionOperations(plan.Prompt),
            plan.Prompt,
            plan.Rounds,
            CpuName(),
            KernelChoice.NameInUse(plan.MaxKernelTier),
            DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime),
            [],
            [],
            []);
    }

    /// <summary>Tokens a second of the prompt that these cores cannot exceed, attention included.</summary>
    public double PromptLimit(MachineSpeed speed) => 1 / speed.SecondsFor(Products, FloatShare, AttentionOperations / Prompt);

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
        if (Rows.Count > 0)
        {
            lines.Add("");
            lines.Add("| tokens/s | threads | noos | of the limit |" + (hasRival ? " llama.cpp | ratio |" : ""));
            lines.Add(hasRival ? "|---|---|---|---|---|---|" : "|---|---|---|---|");
        }

        foreach (var row in Rows)
        {
            var share = row.LimitShare is { } part ? Text($"{part * 100:N0}%") : "";
            var rival = !hasRival ? "" : row.Rival is { } other ? Text($" {other:N1} | {row.Ratio:F2} |") : " | |";
            lines.Add(Text($"| {row.Name} | {row.Threads} | {row.Noos:N1} | {share} |") + rival);
        }

        if (Uses.Count > 0)
        {
            lines.AddRange(["", .. UseLines()]);
        }

        return string.Join('\n', lines);
    }

    IEnumerable<string> UseLines()
    {
        var hasRival = Uses.Any(use => use.RivalSampled is not null);
        yield return $"As people use it: {Sampling}; each stream answers a question of its own of {UseBench.PromptTokens} tokens, whose "
            + "reading counts." + (hasRival ? " Noos in this process, llama-server streaming over loopback." : "");
        yield return "";
        yield return "| tokens/s | threads | streams | noos greedy | noos sampled | sampled by greedy |"
            + (hasRival ? " llama-server greedy | llama-server sampled | sampled by greedy | ratio greedy | ratio sampled |" : "");
        yield return "|---|---|---|---|---|---|" + (hasRival ? "---|---|---|---|---|" : "");
        foreach (var use in Uses)
        {
            yield return Text($"| {use.Tokens} tokens each | {use.Threads} | {use.Streams} | {use.Greedy:N1} | {use.Sampled:N1} | ")
                + Text($"{use.Sampled / use.Greedy:F2} |")
                + (!hasRival
                    ? ""
                    : Text($" {use.RivalGreedy:N1} | {use.RivalSampled:N1} | {use.RivalSampled / use.RivalGreedy:F2} | ")
                        + Text($"{use.Greedy / use.RivalGreedy:F2} | {use.Sampled / use.RivalSampled:F2} |"));
        }
    }

    string Sentence(BenchLimits limits)
    {
        var (threads, speed) = limits;
        return Text($"Limits with {threads} {(threads == 1 ? "thread" : "threads")}: {speed.BytesPerSecond / 1e9:F1} GB/s from memory, ")
            + Text($"so {speed.BytesPerSecond / Math.Max(1, WeightBytes):N1} generated tokens/s of weights that no cache holds; ")
            + Text($"{speed.ProductsPerSecond / 1e9:N0} G products/s of 8-bit integers, {speed.OperationsPerSecond / 1e9:N0} GFLOP/s, ")
            + Text($"so {PromptLimit(speed):N0} tokens/s of a prompt of {Prompt:N0}, attention included.");
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

/// <summary>Generation as people use it, in tokens a second of all streams together.</summary>
/// <param name="Tokens">Of each answer.</param>
/// <param name="RivalGreedy">llama-server's; null where it was not measured.</param>
/// <param name="RivalSampled">llama-server's.</param>
sealed record BenchUse(
    int Threads, int Streams, int Tokens, double Greedy, double Sampled, double? RivalGreedy = null, double? RivalSampled = null);
