using Noos.Inference.Kernels.Emitted;
using Noos.MachineCode;

namespace Noos.Inference;

/// <summary>
/// Products of 8-bit integers, added up by the widest instruction of the kernels that .NET itself has no intrinsics for, and nothing else:
/// what no kernel can exceed. Thread-safe.
/// </summary>
public static class ProductLoop
{
    const int Rounds = 10_000;

    static readonly Lazy<NativeRoutine?> s_loop =
        new(() => EmittedRoutines.Native is null ? null : ExecutableMemory.Load(ProductLoopEmitter.Emit(Rounds), isShort: false));

    /// <summary>Computes for some microseconds.</summary>
    /// <returns>How many products; 0 where this machine has no such instruction.</returns>
    public static unsafe long Run()
    {
        if (s_loop.Value is not { } loop)
        {
            return 0;
        }

        loop.Run(null);
        return ProductLoopEmitter.Products(Rounds);
    }
}
