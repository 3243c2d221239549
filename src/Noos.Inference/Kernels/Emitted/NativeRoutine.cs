namespace Noos.Inference.Kernels.Emitted;

/// <summary>Machine code that takes the address of its arguments.</summary>
abstract unsafe class NativeRoutine
{
    public abstract void Run(void* arguments);
}
