namespace Noos.Training.Objectives;

/// <summary>The logistic function and its integral, without overflow.</summary>
static class Logistic
{
    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>−log σ(−x); its derivative is σ(x).</summary>
    public static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
