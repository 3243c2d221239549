using Noos.Inference.Kernels.Emitted;
using Noos.Inference.Kernels.Panels.Formats;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels;

/// <summary>Dispatch table: for each storage format its kernels from the fastest to the slowest.</summary>
static class PanelKernels
{
    /// <summary>All kernels of a storage format, fastest first; empty where it is not supported.</summary>
    public static PanelKernel[] All(GgufTensorType type) => ForIsa<PortableDot>(type) is { } portable
        ? [ForRoutines(type, EmittedRoutines.Native)!, ForIsa<AvxVnniDot>(type)!, ForIsa<Avx2Dot>(type)!, portable]
        : type switch
        {
            GgufTensorType.F32 => [new FloatPanelKernel<F32Format>(type)],
            GgufTensorType.BF16 => [new FloatPanelKernel<BF16Format>(type)],
            GgufTensorType.Q2_K => [new Q2_KPanelKernel()],
            // Formats without a panel of their own are dequantized to F16.
            _ when Quantization.Supports(type) => [new FloatPanelKernel<F16Format>(type)],
            _ => [],
        };

    /// <summary>The fastest kernel up to a tier that this machine supports; null where the format has none.</summary>
    public static PanelKernel? Best(GgufTensorType type, KernelTier maxTier) =>
        Array.Find(All(type), kernel => kernel.Tier <= maxTier && kernel.IsSupported);

    /// <summary>The kernel of a quantized format with the intrinsics of one instruction set; null where it has none.</summary>
    public static PanelKernel? ForIsa<TDot>(GgufTensorType type)
        where TDot : struct, IDotProductIsa => type switch
        {
            GgufTensorType.Q8_0 => new QuantizedPanelKernel<Q8_0Panel, TDot>(),
            GgufTensorType.Q4_0 => new QuantizedPanelKernel<Q4_0Panel, TDot>(),
            GgufTensorType.Q4_1 => new QuantizedPanelKernel<Q4_1Panel, TDot>(),
            GgufTensorType.Q5_0 => new QuantizedPanelKernel<Q5_0Panel, TDot>(),
            GgufTensorType.Q5_1 => new QuantizedPanelKernel<Q5_1Panel, TDot>(),
            GgufTensorType.Q3_K => new QuantizedPanelKernel<Q3_KPanel, TDot>(),
            GgufTensorType.Q4_K => new QuantizedPanelKernel<Q4_KPanel, TDot>(),
            GgufTensorType.Q5_K => new QuantizedPanelKernel<Q5_KPanel, TDot>(),
            GgufTensorType.Q6_K => new QuantizedPanelKernel<Q6_KPanel, TDot>(),
            GgufTensorType.IQ4_NL => new QuantizedPanelKernel<IQ4_NLPanel, TDot>(),
            GgufTensorType.IQ4_XS => new QuantizedPanelKernel<IQ4_XSPanel, TDot>(),
            GgufTensorType.MXFP4 => new QuantizedPanelKernel<MXFP4Panel, TDot>(),
            _ => null,
        };

    /// <summary>The kernel of a quantized format with emitted code; null where the format has none.</summary>
    /// <param name="type">Storage format.</param>
    /// <param name="code">Null where the machine cannot run the code: then the kernel is not supported.</param>
    public static PanelKernel? ForRoutines(GgufTensorType type, EmittedRoutines? code) => type switch
    {
        GgufTensorType.Q8_0 => CreateEmittedWithGemv<Q8_0Panel>(code),
        GgufTensorType.Q4_0 => CreateEmittedWithGemv<Q4_0Panel>(code),
        GgufTensorType.Q4_1 => CreateEmittedWithGemv<Q4_1Panel>(code),
        GgufTensorType.Q5_0 => CreateEmittedWithGemv<Q5_0Panel>(code),
        GgufTensorType.Q5_1 => CreateEmittedWithGemv<Q5_1Panel>(code),
        GgufTensorType.Q3_K => CreateEmittedWithGemv<Q3_KPanel>(code),
        GgufTensorType.Q4_K => CreateEmittedWithGemv<Q4_KPanel>(code),
        GgufTensorType.Q5_K => CreateEmittedWithGemv<Q5_KPanel>(code),
        GgufTensorType.Q6_K => CreateEmittedWithGemv<Q6_KPanel>(code),
        GgufTensorType.IQ4_NL => CreateEmitted<IQ4_NLPanel>(code),
        GgufTensorType.IQ4_XS => CreateEmitted<IQ4_XSPanel>(code),
        GgufTensorType.MXFP4 => CreateEmitted<MXFP4Panel>(code),
        _ => null,
    };

    static EmittedPanelKernel<TFormat> CreateEmitted<TFormat>(EmittedRoutines? code)
        where TFormat : struct, IPanelFormat => new(code?.GetGemmTiles(TFormat.HasMinima, TFormat.HasHalfScales), gemv: null);

    static EmittedPanelKernel<TFormat> CreateEmittedWithGemv<TFormat>(EmittedRoutines? code)
        where TFormat : struct, IEmittedGemvFormat =>
            new(code?.GetGemmTiles(TFormat.HasMinima, TFormat.HasHalfScales), code?.GetGemv<TFormat>());
}
