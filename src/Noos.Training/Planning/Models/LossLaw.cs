namespace Noos.Training.Planning.Models;

/// <summary>
/// Scaling law of the pretraining loss in nats per token (Hoffmann et al., 2022, arXiv 2203.15556): L = E + A / N^α + B / D^β for N
/// parameters and D tokens. It speaks of the text and the tokenizer it was fitted on: what it says of another corpus is a guess, what it
/// says of the shape of the curve is not.
/// </summary>
/// <param name="Name">Whose fit.</param>
/// <param name="Irreducible">E: what no model gets below.</param>
/// <param name="Source">Where the numbers are from.</param>
public sealed record LossLaw(string Name, double Irreducible, double A, double Alpha, double B, double Beta, string Source)
{
    /// <summary>The third approach of the paper that made the law known; its exponents are rounded.</summary>
    public static LossLaw Hoffmann { get; } =
        new("Hoffmann et al., 2022", 1.69, 406.4, 0.34, 410.7, 0.28, "arXiv 2203.15556, approach 3");

    /// <summary>The same runs fitted anew, without the mistakes of the first fit: about 20 tokens per parameter are optimal.</summary>
    public static LossLaw Besiroglu { get; } =
        new("Besiroglu et al., 2024", 1.8172, 482.01, 0.3478, 2085.43, 0.3658, "arXiv 2404.10102");

    /// <summary>Loss after so many tokens.</summary>
    public double Predict(double parameters, double tokens) =>
        Irreducible + (A / Math.Pow(parameters, Alpha)) + (B / Math.Pow(tokens, Beta));

    /// <summary>
    /// Parameters and tokens with the least loss for a budget of 6·N·D FLOPs: G = (αA / βB)^(1/(α+β)), N = G · (C/6)^(β/(α+β)).
    /// </summary>
    public (double Parameters, double Tokens) Optimum(double flops)
    {
        var sum = Alpha + Beta;
        var g = Math.Pow(Alpha * A / (Beta * B), 1 / sum);
        var parameters = g * Math.Pow(flops / 6, Beta / sum);
        return (parameters, flops / 6 / parameters);
    }
}
