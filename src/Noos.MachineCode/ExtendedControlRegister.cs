using System.Runtime.Intrinsics.X86;

namespace Noos.MachineCode;

/// <summary>
/// XCR0: the register states that the operating system saves on a context switch (Intel SDM volume 1, section 13.3). The runtime knows, but
/// a program compiled ahead of time does not ask about instructions that it was not compiled for.
/// </summary>
public static unsafe class ExtendedControlRegister
{
    /// <summary>Bits of SSE (1), AVX (2) and AVX-512: opmask (5), upper halves of zmm0 .. 15 (6), zmm16 .. 31 (7).</summary>
    public const uint Avx512 = 0b1110_0110;

    /// <summary>Bits of the shapes (17) and the contents (18) of AMX's tiles.</summary>
    public const uint Tiles = 0b110 << 16;

    /// <summary>The lower half of XCR0; 0 where it cannot be read.</summary>
    public static uint Read()
    {
        // CPUID.1:ECX.OSXSAVE: without it xgetbv raises an exception.
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
