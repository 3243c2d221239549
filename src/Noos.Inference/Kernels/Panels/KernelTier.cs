namespace Noos.Inference.Kernels.Panels;

/// <summary>Instruction sets that kernels need, in ascending order of speed.</summary>
public enum KernelTier
{
    /// <summary>None beyond what .NET itself requires: Vector256 in software or on NEON or SSE.</summary>
    Portable,

    /// <summary>AVX2: vpmaddubsw and vpmaddwd.</summary>
    Avx2,

    /// <summary>AVX2 and AVX-VNNI: vpdpbusd on 256 bits.</summary>
    AvxVnni,

    /// <summary>AVX-512 F, BW and VNNI: vpdpbusd on 512 bits, in emitted machine code, since .NET has no intrinsics for it.</summary>
    Avx512Vnni,
}
