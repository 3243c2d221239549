using System.Runtime.Intrinsics.X86;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>
/// Which registers the operating system keeps when it switches between threads. The runtime knows, but a program compiled ahead of time
/// does not ask it about instructions that it was not compiled for.
/// </summary>
static unsafe class ExtendedControlRegister
{
    /// <summary>Of SSE, AVX, and the three parts of AVX-512.</summary>
    public const uint Avx512 = 0b1110_0110;

    /// <summary>The lower half of the register XCR0, a bit for each part of the state; 0 where it cannot be read.</summary>
    public static uint Read()
    {
        const int OsUsesXSave = 1 << 27;
        if (!X86Base.X64.IsSupported || (X86Base.CpuId(1, 0).Ecx & OsUsesXSave) == 0)
        {
            return 0;
        }

        // xor ecx, ecx; xgetbv; mov [rdi], eax; ret
        byte[] code = [0x31, 0xC9, 0x0F, 0x01, 0xD0, 0x89, 0x07, 0xC3];
        uint state = 0;
        ExecutableMemory.Load(code, isShort: true)?.Run(&state);
        return state;
    }
}
