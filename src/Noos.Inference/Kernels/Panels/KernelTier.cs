namespace Noos.Inference.Kernels.Panels;

/// <summary>What kernels ask of the processor, from the least to the most.</summary>
public enum KernelTier
{
    /// <summary>Nothing.</summary>
    Portable,

    /// <summary>AVX2.</summary>
    Avx2,

    /// <summary>AVX2 and the products of AVX-VNNI.</summary>
    AvxVnni,

    /// <summary>AVX-512 with VNNI, by machine code that the program writes itself: .NET has no intrinsics for it.</summary>
    Avx512Vnni,
}
