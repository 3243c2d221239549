namespace Noos.Training.Planning.Machines;

/// <summary>What is computed again in the backward pass instead of being kept from the forward pass.</summary>
public enum Recomputation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Every layer, from its input.</summary>
    Full,
}

/// <summary>How a model lies on the GPUs: tensor · context · pipeline · data = their number.</summary>
public sealed record ParallelLayout
{
    /// <summary>GPUs that share each matrix (Megatron).</summary>
    public int Tensor { get; init; } = 1;

    /// <summary>GPUs that share each sequence.</summary>
    public int Context { get; init; } = 1;

    /// <summary>Stages that the layers are divided into.</summary>
    public int Pipeline { get; init; } = 1;

    /// <summary>Pieces of layers that each stage holds (interleaved 1F1B); 1 without interleaving.</summary>
    public int Interleave { get; init; } = 1;

    /// <summary>Replicas.</summary>
    public int Data { get; init; } = 1;

    /// <summary>Sequences that go through the pipeline at a time.</summary>
    public int MicroBatch { get; init; } = 1;

    public Recomputation Recomputation { get; init; }

    /// <summary>Norms and residuals are divided among the tensor-parallel GPUs too (Korthikanti et al., 2022).</summary>
    public bool SequenceParallel { get; init; } = true;

    /// <summary>What replicas divide among themselves: 0 nothing, 1 optimizer, 2 gradients too, 3 weights too (FSDP).</summary>
    public int Zero { get; init; } = 1;

    public int Gpus => Tensor * Context * Pipeline * Data;

    public override string ToString()
    {
        var parts = new List<string> { $"TP {Tensor}" };
        if (Context > 1)
        {
            parts.Add($"CP {Context}");
        }

        parts.Add($"PP {Pipeline}" + (Interleave > 1 ? $"×{Interleave}" : ""));
        parts.Add($"DP {Data}");
        return string.Join(" · ", parts);
    }
}
