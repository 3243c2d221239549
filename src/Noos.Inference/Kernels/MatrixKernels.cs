using Noos.Language.Gguf;

namespace Noos.Inference.Kernels;

/// <summary>The table of kernels: for each storage format the techniques from the fastest to the scalar reference.</summary>
static class MatrixKernels
{
    /// <summary>The techniques for a storage format, best first; empty when the engine cannot compute with the format.</summary>
    public static MatrixKernel[] All(GgufTensorType type) => type switch
    {
        GgufTensorType.F32 =>
        [
            new FloatKernel<Lanes512, F32Format>(), new FloatKernel<Lanes256, F32Format>(),
            new FloatKernel<Lanes128, F32Format>(), new FloatKernel<LanesScalar, F32Format>(),
        ],
        GgufTensorType.F16 =>
        [
            new FloatKernel<Lanes512, F16Format>(), new FloatKernel<Lanes256, F16Format>(),
            new FloatKernel<Lanes128, F16Format>(), new FloatKernel<LanesScalar, F16Format>(),
        ],
        GgufTensorType.Q8_0 =>
        [
            new Q8Kernel<Q8DotAvxVnni>(), new Q8Kernel<Q8DotMaddubsAvx2>(), new Q8Kernel<Q8DotWidening>(), new Q8Kernel<Q8DotScalar>(),
        ],
        _ => [],
    };

    /// <summary>The best kernel that this machine supports, or null.</summary>
    public static MatrixKernel? Best(GgufTensorType type) => Array.Find(All(type), kernel => kernel.IsSupported);
}
