using Noos.MachineCode;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>
/// Emits a loop of nothing but vpdpbusd on 512 bits in registers, with as many sums as keep the multipliers busy: what the kernels could
/// reach at most.
/// </summary>
static class ProductLoopEmitter
{
    const int Sums = 10;
    const int VectorBytes = 64;

    /// <summary>Products that a loop of so many rounds computes.</summary>
    public static long Products(int rounds) => (long)rounds * Sums * VectorBytes;

    /// <summary>The code; its argument is not read.</summary>
    /// <param name="rounds">At least one.</param>
    public static byte[] Emit(int rounds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        const int Codes = Sums, Activations = Sums + 1;
        var code = new Assembler();
        for (var register = 0; register <= Activations; register++)
        {
            code.Xor(register, register, register);
        }

        code.Load(Register.Rcx, rounds);
        code.Align(64);
        var top = code.Here;
        for (var sum = 0; sum < Sums; sum++)
        {
            code.DotBytes(sum, Codes, Activations);
        }

        code.Loop(Register.Rcx, top);
        code.Return();
        return code.ToArray();
    }
}
