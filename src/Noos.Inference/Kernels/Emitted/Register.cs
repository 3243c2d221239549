namespace Noos.Inference.Kernels.Emitted;

/// <summary>The 64-bit registers, by the number that instructions have for them.</summary>
enum Register
{
    Rax,
    Rcx,
    Rdx,
    Rbx,
    Rsp,
    Rbp,
    Rsi,
    Rdi,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
}
