using Noos.Inference.Kernels.Emitted;
using Noos.Inference.Kernels.Panels.Formats;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels;

/// <summary>The table of kernels: for each storage format the techniques from the fastest to the slowest.</summary>
static class PanelKernels
{
    /// <summary>The techniques for a storage format, best first; empty where it has none.</summary>
    public static PanelKernel[] All(GgufTensorType type) => Of<PortableDot>(type) is { } portable
        ? [Emitted(type, KernelCode.Native)!, Of<AvxVnniDot>(type)!, Of<Avx2Dot>(type)!, portable]
        : type switch
        {
            GgufTensorType.F32 => [new FloatPanelKernel<F32Format>(type)],
            GgufTensorType.BF16 => [new FloatPanelKernel<BF16Format>(type)],
            GgufTensorType.Q2_K => [new Q2_KPanelKernel()],
            _ when Quantization.Supports(type) => [new FloatPanelKernel<F16Format>(type)],
            _ => [],
        };

    /// <summary>The best kernel up to a tier that this machine supports, or null.</summary>
    public static PanelKernel? Best(GgufTensorType type, KernelTier highest) => Array.Find(All(type), kernel => kernel.Tier <= highest && kernel.IsSupported);

    /// <summary>The kernel of a quantized format with intrinsics; null where it has none.</summary>
    public static PanelKernel? Of<TLanes>(GgufTensorType type)
        where TLanes : struct, IDotProductIsa => type switch
        {
            GgufTensorType.Q8_0 => new QuantizedPanelKernel<Q8_0Panel, TLanes>(),
            GgufTensorType.Q4_0 => new QuantizedPanelKernel<Q4_0Panel, TLanes>(),
            GgufTensorType.Q4_1 => new QuantizedPanelKernel<Q4_1Panel, TLanes>(),
            GgufTensorType.Q5_0 => new QuantizedPanelKernel<Q5_0Panel, TLanes>(),
            GgufTensorType.Q5_1 => new QuantizedPanelKernel<Q5_1Panel, TLanes>(),
            GgufTensorType.Q3_K => new QuantizedPanelKernel<Q3_KPanel, TLanes>(),
            GgufTensorType.Q4_K => new QuantizedPanelKernel<Q4_KPanel, TLanes>(),
            GgufTensorType.Q5_K => new QuantizedPanelKernel<Q5_KPanel, TLanes>(),
            GgufTensorType.Q6_K => new QuantizedPanelKernel<Q6_KPanel, TLanes>(),
            GgufTensorType.IQ4_NL => new QuantizedPanelKernel<IQ4_NLPanel, TLanes>(),
            GgufTensorType.IQ4_XS => new QuantizedPanelKernel<IQ4_XSPanel, TLanes>(),
            GgufTensorType.MXFP4 => new QuantizedPanelKernel<MXFP4Panel, TLanes>(),
            _ => null,
        };

    /// <summary>The kernel of a quantized format with emitted code; null where the format has none.</summary>
    /// <param name="code">Null for a kernel that is not supported.</param>
    public static PanelKernel? Emitted(GgufTensorType type, KernelCode? code) => type switch
    {
        GgufTensorType.Q8_0 => EmittedDirect<Q8_0Panel>(code),
        GgufTensorType.Q4_0 => EmittedDirect<Q4_0Panel>(code),
        GgufTensorType.Q4_1 => EmittedDirect<Q4_1Panel>(code),
        GgufTensorType.Q5_0 => EmittedDirect<Q5_0Panel>(code),
        GgufTensorType.Q5_1 => EmittedDirect<Q5_1Panel>(code),
        GgufTensorType.Q3_K => EmittedDirect<Q3_KPanel>(code),
        GgufTensorType.Q4_K => EmittedDirect<Q4_KPanel>(code),
        GgufTensorType.Q5_K => EmittedDirect<Q5_KPanel>(code),
        GgufTensorType.Q6_K => EmittedDirect<Q6_KPanel>(code),
        GgufTensorType.IQ4_NL => Emitted<IQ4_NLPanel>(code),
        GgufTensorType.IQ4_XS => Emitted<IQ4_XSPanel>(code),
        GgufTensorType.MXFP4 => Emitted<MXFP4Panel>(code),
        _ => null,
    };

    static EmittedPanelKernel<TFormat> Emitted<TFormat>(KernelCode? code)
        where TFormat : struct, IPanelFormat => new(code?.Tiles(TFormat.HasMinima, TFormat.HasHalfScales), direct: null);

    static EmittedPanelKernel<TFormat> EmittedDirect<TFormat>(KernelCode? code)
        where TFormat : struct, IEmittedFormat => new(code?.Tiles(TFormat.HasMinima, TFormat.HasHalfScales), code?.Direct<TFormat>());
}
