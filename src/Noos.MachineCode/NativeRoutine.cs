namespace Noos.MachineCode;

/// <summary>Machine code that takes the address of a struct of arguments as its only argument.</summary>
public abstract unsafe class NativeRoutine
{
    /// <summary>Calls the code; <paramref name="arguments"/> must stay pinned or on the stack until it returns.</summary>
    public abstract void Run(void* arguments);
}
