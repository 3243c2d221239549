namespace Noos.MachineCode;

/// <summary>The 64-bit general-purpose registers in the order of their encoding.</summary>
public enum Register
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
