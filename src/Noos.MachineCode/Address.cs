namespace Noos.MachineCode;

/// <summary>Memory operand: [base + index * scale + displacement].</summary>
/// <param name="Scale">1, 2, 4 or 8.</param>
public readonly record struct Address(Register Base, int Displacement = 0, Register? Index = null, int Scale = 1)
{
    public static Address operator +(Address address, int bytes) => address with { Displacement = address.Displacement + bytes };
}
