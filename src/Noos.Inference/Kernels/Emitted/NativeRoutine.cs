namespace Noos.Inference.Kernels.Emitted;

/// <summary>Machine code that takes the address of a struct of arguments as its only argument.</summary>
abstract unsafe class NativeRoutine
{
    /// <summary>Calls the code; <paramref name="arguments"/> must stay pinned or on the stack until it returns.</summary>
    public abstract void Run(void* arguments);
}
