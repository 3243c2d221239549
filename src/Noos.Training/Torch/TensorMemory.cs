using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Noos.Training.Torch;

/// <summary>
/// The memory of contiguous CPU tensors, for kernels and checkpoints. It is native: it never moves while the tensor lives.
/// </summary>
static class TensorMemory
{
    public static Span<byte> RawBytes(this Tensor tensor) => tensor.bytes;

    public static unsafe float* FloatPointer(this Tensor tensor) =>
        (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
}
