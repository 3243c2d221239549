using Noos.Core;

namespace Noos.Training.Kernels;

/// <summary>What computes the matrix products of a training step.</summary>
public sealed record ProductOptions
{
    /// <summary>The fastest of this machine.</summary>
    public const string Auto = "auto";

    /// <summary>The BLAS inside libtorch: the reference.</summary>
    public const string Libtorch = "libtorch";

    /// <summary>The whole model in TorchSharp with autograd on this processor: slow, and what the others are held against.</summary>
    public const string Autograd = "autograd";

    /// <summary>The whole model in TorchSharp with autograd on a CUDA device.</summary>
    public const string Cuda = "cuda";

    /// <summary>
    /// One of <see cref="Names"/>; amx has bfloat16 alone. Kernels round differently: their runs are equal in what they learn, not in their
    /// bits.
    /// </summary>
    public string Kernels { get; init; } = Auto;

    public Precision Precision { get; init; } = Precision.Fp32;

    /// <summary>What <see cref="Kernels"/> may be.</summary>
    public static IReadOnlyList<string> Names { get; } = [Auto, "amx", "avx512", "avx2", "portable", Libtorch, Autograd, Cuda];

    /// <summary>
    /// Whether TorchSharp computes the whole model, see <see cref="Gradients.DeviceGradients"/>, and not only its products.
    /// </summary>
    internal bool IsWholeModel => Kernels is Autograd or Cuda;

    /// <summary>The precision of a name in recipes: fp32 or bf16.</summary>
    /// <exception cref="NoosException">There is no such name (Invalid).</exception>
    public static Precision ParsePrecision(string name) => name switch
    {
        "fp32" => Precision.Fp32,
        "bf16" => Precision.Bf16,
        _ => throw new NoosException(ErrorKind.Invalid, $"There is no precision '{name}'; write fp32 or bf16."),
    };

    /// <summary>Name of a precision in recipes and reports.</summary>
    public static string NameOf(Precision precision) => precision == Precision.Bf16 ? "bf16" : "fp32";

    /// <summary>The kernel of these options on this machine; null for libtorch in any form.</summary>
    /// <exception cref="NoosException">There is no such kernel (Invalid), or not on this machine (Unavailable).</exception>
    internal TileKernel? FindKernel()
    {
        if (!Names.Contains(Kernels))
        {
            throw new NoosException(
                ErrorKind.Invalid, $"There are no training kernels '{Kernels}'; choose one of {string.Join(", ", Names)}.");
        }

        if (IsWholeModel)
        {
            return null;
        }

        if (Precision == Precision.Bf16)
        {
            if (Kernels is not (Auto or "amx" or "avx512"))
            {
                throw new NoosException(
                    ErrorKind.Invalid, $"The kernels '{Kernels}' have no bf16; choose the kernels {Auto} or the precision fp32.");
            }

            return new TileKernel?[] { MatrixTileKernel.Instance, EmittedTileKernel.BFloat16 }
                .FirstOrDefault(kernel => kernel != null && (Kernels == Auto || kernel.Name == Kernels)) ?? throw new NoosException(
                    ErrorKind.Unavailable,
                    $"This machine has no bf16 by the kernels '{Kernels}' (AVX512_BF16 or AMX, on Linux); choose the precision fp32.");
        }

        if (Kernels == "amx")
        {
            throw new NoosException(ErrorKind.Invalid, $"The kernels 'amx' have no fp32; choose the kernels {Auto} or the precision bf16.");
        }

        return Kernels == Libtorch ? null : FindAll().FirstOrDefault(kernel => Kernels == Auto || kernel.Name == Kernels)
            ?? throw new NoosException(ErrorKind.Unavailable, $"This machine cannot run the kernels '{Kernels}'; choose {Auto}.");
    }

    /// <summary>The float32 kernels of this machine, the fastest first.</summary>
    static IEnumerable<TileKernel> FindAll()
    {
        if (EmittedTileKernel.Float32 is { } emitted)
        {
            yield return emitted;
        }

        if (Avx2TileKernel.Instance is { } avx2)
        {
            yield return avx2;
        }

        yield return PortableTileKernel.Instance;
    }
}
