using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>A format whose product with one token is written as machine code.</summary>
interface IEmittedGemvFormat : IPanelFormat
{
    /// <summary>Writes the product of one block of 32 columns.</summary>
    /// <param name="block">Which one of a stored block; they come in order.</param>
    static abstract void EmitBlock(GemvEmitter emitter, int block);
}
