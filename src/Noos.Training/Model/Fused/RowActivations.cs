using Noos.Language.Models;

namespace Noos.Training.Model.Fused;

/// <summary>
/// What the forward pass over one row keeps for the backward pass. A sample of several rows needs one of these for each, since its loss is
/// known only when all of them have been computed. T is the context length, d the embedding length.
/// </summary>
sealed unsafe class RowActivations
{
    public RowActivations(TransformerConfig config, long probabilityLength, Workspace workspace)
    {
        long length = config.ContextLength;
        Tokens = new int[config.ContextLength + 1];
        Blocks = new BlockActivations[config.BlockCount];
        for (var block = 0; block < Blocks.Length; block++)
        {
            Blocks[block] = new BlockActivations(config, probabilityLength, workspace);
        }

        Output = workspace.Take(length * config.EmbeddingLength);
        OutputNormed = workspace.Take(length * config.EmbeddingLength);
        OutputInverse = workspace.Take(length);
        HiddenGradient = workspace.Take(length * config.EmbeddingLength);
    }

    /// <summary>
    /// [T + 1] the first <see cref="Length"/> + 1 are the row's token ids: each but the last an input, each but the first a target.
    /// </summary>
    public int[] Tokens { get; }

    /// <summary>Number of input positions, at most T.</summary>
    public int Length { get; set; }

    public BlockActivations[] Blocks { get; }

    /// <summary>[T, d] residual stream after the last block.</summary>
    public float* Output { get; }

    /// <summary>[T, d] last hidden state, after the output norm.</summary>
    public float* OutputNormed { get; }

    /// <summary>[T] inverse root mean squares of the output norm.</summary>
    public float* OutputInverse { get; }

    /// <summary>[T, d] gradient with respect to <see cref="OutputNormed"/>, left by the objective.</summary>
    public float* HiddenGradient { get; }
}
