using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels;

/// <summary>The table of kernels: for each storage format the techniques from the fastest to the slowest.</summary>
static class PanelKernels
{
    /// <summary>The techniques for a storage format, best first; empty where it has none.</summary>
    public static PanelKernel[] All(GgufTensorType type) => type switch
    {
        GgufTensorType.Q8_0 => Direct<Q8_0Panel>(),
        GgufTensorType.Q4_0 => Direct<Q4_0Panel>(),
        GgufTensorType.Q4_1 => Direct<Q4_1Panel>(),
        GgufTensorType.Q5_0 => Of<Q5_0Panel>(),
        GgufTensorType.Q5_1 => Of<Q5_1Panel>(),
        GgufTensorType.Q3_K => Of<Q3_KPanel>(),
        GgufTensorType.Q4_K => Direct<Q4_KPanel>(),
        GgufTensorType.Q5_K => Of<Q5_KPanel>(),
        GgufTensorType.Q6_K => Direct<Q6_KPanel>(),
        GgufTensorType.IQ4_NL => Of<IQ4_NLPanel>(),
        GgufTensorType.IQ4_XS => Of<IQ4_XSPanel>(),
        GgufTensorType.MXFP4 => Of<MXFP4Panel>(),
        GgufTensorType.F32 => [new FloatPanelKernel<F32Format>(type)],
        GgufTensorType.BF16 => [new FloatPanelKernel<BF16Format>(type)],
        _ when Quantization.Supports(type) => [new FloatPanelKernel<F16Format>(type)],
        _ => [],
    };

    /// <summary>The best kernel that this machine supports, or null.</summary>
    public static PanelKernel? Best(GgufTensorType type) => Array.Find(All(type), kernel => kernel.IsSupported);

    static PanelKernel[] Direct<TFormat>()
        where TFormat : struct, IDirectFormat => [new DirectPanelKernel<TFormat, Avx2Lanes>(), new DirectPanelKernel<TFormat, PortableLanes>()];

    static PanelKernel[] Of<TFormat>()
        where TFormat : struct, IPanelFormat => [new QuantizedPanelKernel<TFormat, Avx2Lanes>(), new QuantizedPanelKernel<TFormat, PortableLanes>()];
}
