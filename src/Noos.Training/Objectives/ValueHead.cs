using Noos.Language.Models;
using Noos.Training.Model;

namespace Noos.Training.Objectives;

/// <summary>
/// A scalar head on the last hidden state h of a position: value = w · h + b. The score of a reward model, the critic of PPO. Its
/// parameters bear the names that GGUF gives the output of a classifier.
/// </summary>
public static class ValueHead
{
    /// <summary>[embedding]</summary>
    public const string Weight = "cls.output.weight";

    /// <summary>[1]</summary>
    public const string Bias = "cls.output.bias";

    /// <summary>Weight N(0, 1 / (embedding + 1)), as Stiennon et al., 2020, start theirs; bias 0.</summary>
    public static IReadOnlyList<HeadParameter> Parameters(TransformerConfig config) =>
    [
        new(Weight, 1, config.EmbeddingLength, 1f / MathF.Sqrt(config.EmbeddingLength + 1)),
        new(Bias, 1, 1),
    ];

    /// <summary>The value of one position.</summary>
    public static double Evaluate(RowOutput row, int position)
    {
        var hidden = row.Hidden(position);
        var weight = row.Parameter(Weight);
        double value = row.Parameter(Bias)[0];
        for (var i = 0; i < hidden.Length; i++)
        {
            value += (double)weight[i] * hidden[i];
        }

        return value;
    }

    /// <summary>Adds what follows from a gradient with respect to the value of one position.</summary>
    public static void AddGradient(RowOutput row, int position, double gradient)
    {
        var factor = (float)gradient;
        var hidden = row.Hidden(position);
        var weight = row.Parameter(Weight);
        var dHidden = row.HiddenGradient(position);
        var dWeight = row.ParameterGradient(Weight);
        for (var i = 0; i < hidden.Length; i++)
        {
            dHidden[i] += factor * weight[i];
            dWeight[i] += factor * hidden[i];
        }

        row.ParameterGradient(Bias)[0] += factor;
    }
}
