using Noos.Core;

namespace Noos.Training.Adapters;

/// <summary>The form of a low-rank adapter.</summary>
public sealed record LoraOptions
{
    const int MaxRank = 1024;

    /// <summary>Rank of the change of each matrix.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>The change acts alpha / rank as strongly as B A says.</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Share of the inputs of A that are left out, anew for each row and pass; 0 for none.</summary>
    public double Dropout { get; init; }

    /// <summary>Which matrices of each block, some of <see cref="AllTargets"/>.</summary>
    public IReadOnlyList<string> Targets { get; init; } = AllTargets;

    /// <summary>By their names in GGUF.</summary>
    public static IReadOnlyList<string> AllTargets { get; } =
        ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"];

    /// <summary>Factor of the change.</summary>
    public float Scale => (float)(Alpha / Rank);

    /// <exception cref="NoosException">A number or name makes no adapter.</exception>
    public LoraOptions Validate()
    {
        Require(Rank is >= 1 and <= MaxRank, $"The rank of an adapter must be between 1 and {MaxRank}, not {Rank}; 16 is a good start.");
        Require(Alpha is > 0 and <= 1e6, $"The alpha of an adapter must be between 0 and 1,000,000, not {Alpha}; twice the rank is usual.");
        Require(Dropout is >= 0 and < 1, $"The dropout must be at least 0 and less than 1, not {Dropout}.");
        Require(Targets.Count > 0, $"An adapter needs matrices to change; choose some of {string.Join(", ", AllTargets)}.");
        foreach (var target in Targets)
        {
            Require(
                AllTargets.Contains(target), $"There are no matrices '{target}' to adapt; choose some of {string.Join(", ", AllTargets)}.");
        }

        return this;

        static void Require(bool condition, string message)
        {
            if (!condition)
            {
                throw new NoosException(ErrorKind.Invalid, message);
            }
        }
    }
}
