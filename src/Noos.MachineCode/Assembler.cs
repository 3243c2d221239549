using System.Buffers.Binary;

namespace Noos.MachineCode;

/// <summary>
/// Assembles the x86-64 instructions that the kernels need (Intel SDM volume 2): 512-bit instructions in EVEX form on registers
/// zmm0 .. zmm31, those of AMX on tiles 0 .. 7, and the few legacy ones around them. The code is position-independent. Operands are in
/// Intel order: destination first.
/// </summary>
public sealed class Assembler
{
    readonly List<byte> _code = [];

    /// <summary>Opcode map, field mm of EVEX.</summary>
    enum Map
    {
        Escape0F = 1,
        Escape0F38 = 2,
    }

    /// <summary>Implied prefix, field pp of EVEX.</summary>
    enum Prefix
    {
        None,
        Pp66,
        PpF3,
        PpF2,
    }

    public byte[] ToArray() => [.. _code];

    /// <summary>Offset of the next instruction.</summary>
    public int Here => _code.Count;

    /// <summary>Pads with nop to a multiple of a number of bytes, so that a loop begins on a cache line.</summary>
    public void Align(int bytes)
    {
        while (_code.Count % bytes != 0)
        {
            _code.Add(0x90);
        }
    }

    /// <summary>vpdpbusd: adds sums of four products of unsigned and signed bytes to int32 lanes.</summary>
    public void DotBytes(int sums, int codes, int activations) => Evex(Map.Escape0F38, Prefix.Pp66, 0x50, sums, codes, activations);

    /// <summary>
    /// vdpbf16ps: adds the two products of bfloat16 pairs to float lanes. Denormals count as zero, sums are rounded to nearest even.
    /// </summary>
    public void DotBFloat16(int sums, int left, int right) => Evex(Map.Escape0F38, Prefix.PpF3, 0x52, sums, left, right);

    /// <summary>vpmaddwd: sums of two neighbouring int16 products as int32.</summary>
    public void MultiplyAddWords(int to, int left, int right) => Evex(Map.Escape0F, Prefix.Pp66, 0xF5, to, left, right);

    public void Load(int to, Address from) => Evex(Map.Escape0F, Prefix.None, 0x10, to, 0, from, 64);

    public void Store(Address to, int from) => Evex(Map.Escape0F, Prefix.None, 0x11, from, 0, to, 64);

    public void Copy(int to, int from) => Evex(Map.Escape0F, Prefix.None, 0x28, to, 0, from);

    /// <summary>vpbroadcastd from memory.</summary>
    public void Broadcast(int to, Address from) => Evex(Map.Escape0F38, Prefix.Pp66, 0x58, to, 0, from, 4);

    /// <summary>vpbroadcastd from a general register.</summary>
    public void Broadcast(int to, Register from) => Evex(Map.Escape0F38, Prefix.Pp66, 0x7C, to, 0, (int)from);

    public void And(int to, int left, int right) => Evex(Map.Escape0F, Prefix.Pp66, 0xDB, to, left, right);

    public void Or(int to, int left, int right) => Evex(Map.Escape0F, Prefix.Pp66, 0xEB, to, left, right);

    public void Xor(int to, int left, int right) => Evex(Map.Escape0F, Prefix.Pp66, 0xEF, to, left, right);

    public void Xor(int to, int left, Address right) => Evex(Map.Escape0F, Prefix.Pp66, 0xEF, to, left, right, 64);

    public void ShiftWordsRight(int to, int from, int bits) => Shift(0x71, 2, to, from, bits);

    public void ShiftWordsLeft(int to, int from, int bits) => Shift(0x71, 6, to, from, bits);

    /// <summary>vpsrad: arithmetic shift of int32 lanes.</summary>
    public void ShiftRightSigned(int to, int from, int bits) => Shift(0x72, 4, to, from, bits);

    public void ToFloats(int to, int from) => Evex(Map.Escape0F, Prefix.None, 0x5B, to, 0, from);

    /// <summary>vcvtph2ps: 16 F16 numbers.</summary>
    public void HalvesToFloats(int to, Address from) => Evex(Map.Escape0F38, Prefix.Pp66, 0x13, to, 0, from, 32);

    /// <summary>vpmovzxbd: 16 unsigned bytes to int32.</summary>
    public void WidenUnsigned(int to, Address from) => Evex(Map.Escape0F38, Prefix.Pp66, 0x31, to, 0, from, 16);

    /// <summary>vpmovsxbd: 16 signed bytes to int32.</summary>
    public void WidenSigned(int to, Address from) => Evex(Map.Escape0F38, Prefix.Pp66, 0x21, to, 0, from, 16);

    /// <summary>vaddps with 16 floats in memory.</summary>
    public void AddFloats(int to, int left, Address right) => Evex(Map.Escape0F, Prefix.None, 0x58, to, left, right, 64);

    public void Multiply(int to, int left, int right) => Evex(Map.Escape0F, Prefix.None, 0x59, to, left, right);

    /// <summary>vmulps with an embedded broadcast of one float in memory.</summary>
    public void MultiplyAll(int to, int left, Address right) => Evex(Map.Escape0F, Prefix.None, 0x59, to, left, right, 4, broadcast: true);

    /// <summary>vfmadd231ps: sum = left * right + sum, rounded once.</summary>
    public void MultiplyAdd(int sum, int left, int right) => Evex(Map.Escape0F38, Prefix.Pp66, 0xB8, sum, left, right);

    /// <summary>vfmadd231ps with an embedded broadcast of one float in memory.</summary>
    public void MultiplyAddAll(int sum, int left, Address right) =>
        Evex(Map.Escape0F38, Prefix.Pp66, 0xB8, sum, left, right, 4, broadcast: true);

    /// <summary>vfnmadd231ps with an embedded broadcast: sum = -(left * float) + sum, rounded once.</summary>
    public void MultiplySubtractAll(int sum, int left, Address right) =>
        Evex(Map.Escape0F38, Prefix.Pp66, 0xBC, sum, left, right, 4, broadcast: true);

    /// <summary>ldtilecfg: shapes of the eight tiles (SDM volume 1, chapter 18); their contents become zero.</summary>
    public void ConfigureTiles(Address shapes)
    {
        Vex(Prefix.None, 0x49, (int)shapes.Base >> 3, (int)shapes.Index.GetValueOrDefault() >> 3, 0);
        Operand(0, shapes, unit: 1);
    }

    /// <summary>tilerelease: the system need not save the tiles any more.</summary>
    public void ReleaseTiles()
    {
        Vex(Prefix.None, 0x49, 0, 0, 0);
        _code.Add(0xC0);
    }

    /// <summary>tilezero</summary>
    public void ZeroTile(int tile)
    {
        Vex(Prefix.PpF2, 0x49, 0, 0, 0);
        _code.Add((byte)(0xC0 | (tile << 3)));
    }

    /// <summary>tileloadd: the index is the distance between rows in bytes.</summary>
    public void LoadTile(int tile, Address from) => Tile(Prefix.PpF2, tile, from);

    /// <summary>tilestored: the index is the distance between rows in bytes.</summary>
    public void StoreTile(Address to, int tile) => Tile(Prefix.PpF3, tile, to);

    /// <summary>
    /// tdpbf16ps: adds the products of a tile of bfloat16 pairs [rows, cells] and one of [cells, columns] to one of floats.
    /// </summary>
    public void DotTilesBFloat16(int sums, int left, int right)
    {
        Vex(Prefix.PpF3, 0x5C, 0, 0, right);
        _code.Add((byte)(0xC0 | (sums << 3) | left));
    }

    /// <summary>prefetcht0: into all cache levels.</summary>
    public void PrefetchNear(Address line) => Legacy(wide: false, [0x0F, 0x18], 1, line);

    /// <summary>prefetcht1: into the L2 cache.</summary>
    public void PrefetchFar(Address line) => Legacy(wide: false, [0x0F, 0x18], 2, line);

    public void Load(Register to, Address from) => Legacy(wide: true, [0x8B], (int)to, from);

    /// <summary>lea</summary>
    public void LoadAddress(Register to, Address of) => Legacy(wide: true, [0x8D], (int)to, of);

    /// <summary>mov r32, imm32: the upper half becomes zero.</summary>
    public void Load(Register to, int number)
    {
        Rex(wide: false, 0, 0, (int)to);
        _code.Add((byte)(0xB8 | ((int)to & 7)));
        Add32(number);
    }

    public void Add(Register to, int number)
    {
        Rex(wide: true, 0, 0, (int)to);
        // 83 /0 ib sign-extends one byte; 81 /0 id takes four.
        var isShort = number is >= sbyte.MinValue and <= sbyte.MaxValue;
        _code.Add((byte)(isShort ? 0x83 : 0x81));
        _code.Add((byte)(0xC0 | ((int)to & 7)));
        if (isShort)
        {
            _code.Add((byte)number);
        }
        else
        {
            Add32(number);
        }
    }

    public void Add(Register to, Register number)
    {
        Rex(wide: true, (int)number, 0, (int)to);
        _code.Add(0x01);
        _code.Add((byte)(0xC0 | (((int)number & 7) << 3) | ((int)to & 7)));
    }

    /// <summary>dec and jnz: jumps back to <paramref name="top"/> until the counter is zero.</summary>
    public void Loop(Register counter, int top)
    {
        Rex(wide: true, 0, 0, (int)counter);
        _code.Add(0xFF);
        _code.Add((byte)(0xC8 | ((int)counter & 7)));
        _code.Add(0x0F);
        _code.Add(0x85);
        // Relative to the end of the instruction, which is these four bytes further.
        Add32(top - (Here + sizeof(int)));
    }

    public void Push(Register register)
    {
        Rex(wide: false, 0, 0, (int)register);
        _code.Add((byte)(0x50 | ((int)register & 7)));
    }

    public void Pop(Register register)
    {
        Rex(wide: false, 0, 0, (int)register);
        _code.Add((byte)(0x58 | ((int)register & 7)));
    }

    /// <summary>vzeroupper, ret: dirty upper halves would slow down the caller's SSE code.</summary>
    public void Return()
    {
        _code.AddRange([0xC5, 0xF8, 0x77]);
        _code.Add(0xC3);
    }

    void Shift(byte opcode, int extension, int to, int from, int bits)
    {
        Evex(Map.Escape0F, Prefix.Pp66, opcode, extension, to, from);
        _code.Add((byte)bits);
    }

    void Evex(Map map, Prefix prefix, byte opcode, int register, int second, int third)
    {
        // A register operand keeps bit 3 of its number in B and bit 4 in X.
        EvexPrefix(map, prefix, register, second, (third >> 3) & 1, third >> 4, broadcast: false);
        _code.Add(opcode);
        _code.Add((byte)(0xC0 | ((register & 7) << 3) | (third & 7)));
    }

    /// <param name="unit">N of the compressed displacement disp8*N (SDM 2.7.5): the bytes that the instruction reads or writes.</param>
    void Evex(Map map, Prefix prefix, byte opcode, int register, int second, Address memory, int unit, bool broadcast = false)
    {
        EvexPrefix(map, prefix, register, second, (int)memory.Base >> 3, (int)memory.Index.GetValueOrDefault() >> 3, broadcast);
        _code.Add(opcode);
        Operand(register, memory, unit);
    }

    /// <summary>
    /// The four-byte EVEX prefix (SDM 2.7.1): 62, then R X B R' 0 0 m m, then W vvvv 1 p p, then z L'L b V' aaa. Bits of register numbers
    /// are stored inverted. X extends the index of a memory operand, or is bit 4 of a register operand.
    /// </summary>
    void EvexPrefix(Map map, Prefix prefix, int register, int second, int bit3, int extension, bool broadcast)
    {
        _code.Add(0x62);
        _code.Add((byte)(
            (Inverted(register, 3) << 7) | ((extension ^ 1) << 6) | ((bit3 ^ 1) << 5) | (Inverted(register, 4) << 4) | (int)map));
        // W = 0, inverted vvvv, the fixed one, pp.
        _code.Add((byte)(((~second & 15) << 3) | 4 | (int)prefix));
        const int Length512 = 2;
        // z = 0, L'L = 10 (512 bits), broadcast bit, inverted V', no mask.
        _code.Add((byte)((Length512 << 5) | (broadcast ? 0x10 : 0) | (Inverted(second, 4) << 3)));
    }

    void Tile(Prefix prefix, int tile, Address memory)
    {
        if (memory.Index is not { } stride)
        {
            throw new ArgumentException("The rows of a tile need a register with their distance.", nameof(memory));
        }

        Vex(prefix, 0x4B, (int)memory.Base >> 3, (int)stride >> 3, 0);
        Operand(tile, memory, unit: 1);
    }

    /// <summary>
    /// The three-byte VEX prefix (SDM 2.3.5) of map 0F38 in 128 bits: C4, then R X B 0 0 0 1 0, then W vvvv L p p; bits of register numbers
    /// are stored inverted. There are eight tiles, so that R is never needed.
    /// </summary>
    void Vex(Prefix prefix, byte opcode, int base3, int index3, int second)
    {
        _code.Add(0xC4);
        _code.Add((byte)(0x80 | ((index3 ^ 1) << 6) | ((base3 ^ 1) << 5) | (int)Map.Escape0F38));
        _code.Add((byte)(((~second & 15) << 3) | (int)prefix));
        _code.Add(opcode);
    }

    static int Inverted(int register, int bit) => ((register >> bit) & 1) ^ 1;

    void Legacy(bool wide, ReadOnlySpan<byte> opcode, int register, Address memory)
    {
        Rex(wide, register, (int)memory.Index.GetValueOrDefault(), (int)memory.Base);
        foreach (var value in opcode)
        {
            _code.Add(value);
        }

        Operand(register, memory, unit: 1);
    }

    void Rex(bool wide, int register, int index, int rest)
    {
        // 0100WRXB; without any bit set the prefix is left out (no byte registers are used).
        var bits = (wide ? 8 : 0) | (register >> 3 << 2) | (index >> 3 << 1) | (rest >> 3);
        if (bits != 0)
        {
            _code.Add((byte)(0x40 | bits));
        }
    }

    void Operand(int register, Address memory, int unit)
    {
        if (memory.Index == Register.Rsp)
        {
            throw new ArgumentException("The stack pointer cannot be an index.", nameof(memory));
        }

        // ModRM: base 100 (rsp, r12) announces a SIB byte, so these need one; mode 00 with base 101 (rbp, r13) would mean rip + disp32, so
        // these need a displacement.
        var needsIndex = memory.Index is not null || ((int)memory.Base & 7) == (int)Register.Rsp;
        // disp8*N only fits displacements that are multiples of N.
        var (quotient, remainder) = Math.DivRem(memory.Displacement, unit);
        // Mode 00 has no displacement, 01 one byte in units of N, 10 four bytes.
        var mode = memory.Displacement == 0 && ((int)memory.Base & 7) != (int)Register.Rbp ? 0
            : remainder == 0 && quotient is >= sbyte.MinValue and <= sbyte.MaxValue ? 1
            : 2;
        // ModRM: mode, register, base or 100 for a SIB byte.
        _code.Add((byte)((mode << 6) | ((register & 7) << 3) | (needsIndex ? 4 : (int)memory.Base & 7)));
        if (needsIndex)
        {
            var scale = memory.Scale switch
            {
                1 => 0,
                2 => 1,
                4 => 2,
                8 => 3,
                _ => throw new ArgumentException("The scale must be 1, 2, 4 or 8.", nameof(memory)),
            };
            // SIB: scale, index (100 for none), base.
            _code.Add((byte)((scale << 6) | (((int)(memory.Index ?? Register.Rsp) & 7) << 3) | ((int)memory.Base & 7)));
        }

        switch (mode)
        {
            case 1:
                _code.Add((byte)quotient);
                break;
            case 2:
                Add32(memory.Displacement);
                break;
        }
    }

    void Add32(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        foreach (var part in bytes)
        {
            _code.Add(part);
        }
    }
}
