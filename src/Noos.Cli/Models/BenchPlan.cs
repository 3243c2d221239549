using Noos.Inference.Kernels.Panels;
using Noos.Inference.KeyValues;
using Noos.Kernel.Cpu;

namespace Noos.Cli.Models;

/// <summary>What to measure.</summary>
/// <param name="Model">The file.</param>
/// <param name="Threads">Numbers of threads, measured one after the other.</param>
/// <param name="Prompt">Tokens of the prompt.</param>
/// <param name="Generate">Tokens to generate.</param>
/// <param name="Together">Conversations at the same time; 0 measures none.</param>
/// <param name="KeyValues">How keys and values are kept; with llama.cpp the same.</param>
/// <param name="Rounds">The median of so many counts.</param>
sealed record BenchPlan(
    string Model, IReadOnlyList<int> Threads, int Prompt, int Generate, int Together, KeyValueType KeyValues, int Rounds)
{
    /// <summary>The length of the prompt was asked for; else a model with a small window gets a shorter one.</summary>
    public bool HasPrompt { get; init; }

    /// <summary>The engine alone: prompts, and tokens that are given and not drawn.</summary>
    public bool MeasuresEngine { get; init; } = true;

    /// <summary>Generation as people use it: tokens that are drawn, greedily and not, by one stream and several.</summary>
    public bool MeasuresUse { get; init; } = true;

    /// <summary>How they are drawn; what it leaves open is as the model's file advises, else as usual.</summary>
    public GenerationOptions Sampling { get; init; } = new();

    /// <summary>Kernels no faster than this.</summary>
    public KernelTier MaxKernelTier { get; init; }
}
