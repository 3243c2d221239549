namespace Noos.Training.Kernels;

/// <summary>
/// Number format of what matrix products read. Their sums, the master weights, the gradients and everything between the products are
/// float32 in each.
/// </summary>
public enum Precision
{
    Fp32,

    /// <summary>The upper half of a float32 (8 bits of mantissa), rounded to nearest even when a product reads it.</summary>
    Bf16,
}
