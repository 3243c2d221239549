using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>A format whose GEMV (one token) is emitted as machine code.</summary>
interface IEmittedGemvFormat : IPanelFormat
{
    /// <summary>Emits the products of one block of 32 columns.</summary>
    /// <param name="emitter">Receives the code.</param>
    /// <param name="block">Index within the stored block; blocks are emitted in order.</param>
    static abstract void EmitBlock(GemvEmitter emitter, int block);
}
