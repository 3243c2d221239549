using System.Runtime.CompilerServices;
using Iced.Intel;
using Noos.MachineCode;
using IcedRegister = Iced.Intel.Register;

namespace Noos.Inference.Tests.Kernels.Emitted;

/// <summary>
/// Runs emitted code on every machine: decoded by somebody else's decoder, executed instruction by instruction on real memory. An
/// instruction that it does not know, or a broken calling convention, is an error.
/// </summary>
sealed unsafe class Interpreter : NativeRoutine
{
    const int Lanes = 16;
    const int StackBytes = 256;

    readonly List<Step> _steps = [];
    readonly Func<ulong, int, bool, bool> _isAllowed;

    /// <param name="code">A whole routine.</param>
    /// <param name="isAllowed">Whether so many bytes at an address may be read or (true) written; by default everything may.</param>
    public Interpreter(byte[] code, Func<ulong, int, bool, bool>? isAllowed = null)
    {
        _isAllowed = isAllowed ?? ((_, _, _) => true);
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code));
        var instructions = new List<Instruction>();
        while (decoder.IP < (ulong)code.Length)
        {
            instructions.Add(decoder.Decode());
        }

        for (var i = 0; i < instructions.Count; i++)
        {
            Assert.False(instructions[i].IsInvalid);
            _steps.Add(Translate(instructions[i], target => instructions.FindIndex(instruction => instruction.IP == target)));
        }
    }

    delegate int Step(Machine machine, int next);

    delegate uint Lane(uint a, uint b, uint c);

    public override void Run(void* arguments)
    {
        var stack = stackalloc byte[StackBytes];
        var vectors = stackalloc uint[32 * Lanes];
        var machine = new Machine(vectors, (ulong)stack, (ulong)stack + StackBytes - 8);
        var random = new Random(1);
        random.NextBytes(new Span<byte>(vectors, 32 * Lanes * sizeof(uint)));
        for (var register = 0; register < 16; register++)
        {
            machine.General[register] = (ulong)random.NextInt64();
        }

        machine.General[4] = machine.StackTop;
        machine.General[7] = (ulong)arguments;
        var before = (ulong[])machine.General.Clone();
        for (var next = 0; next >= 0;)
        {
            next = _steps[next](machine, next + 1);
        }

        // rbx, rsp, rbp, r12 .. r15 belong to the caller.
        foreach (var register in new[] { 3, 4, 5, 12, 13, 14, 15 })
        {
            Assert.Equal(before[register], machine.General[register]);
        }

        Assert.True(machine.UpperHalvesAreClear);
    }

    Step Translate(Instruction code, Func<ulong, int> find)
    {
        Assert.Equal(IcedRegister.None, code.OpMask);
        switch (code.Mnemonic)
        {
            case Mnemonic.Nop or Mnemonic.Prefetcht0 or Mnemonic.Prefetcht1:
                return (_, next) => next;
            case Mnemonic.Ret:
                return (machine, _) =>
                {
                    Assert.Equal(machine.StackTop, machine.General[4]);
                    return -1;
                };
            case Mnemonic.Jne:
                var target = find(code.NearBranchTarget);
                Assert.True(target >= 0);
                return (machine, next) => machine.IsZero ? next : target;
            case Mnemonic.Vzeroupper:
                return (machine, next) =>
                {
                    machine.UpperHalvesAreClear = true;
                    return next;
                };
            case Mnemonic.Push:
                return (machine, next) =>
                {
                    machine.General[4] -= 8;
                    Assert.True(machine.General[4] >= machine.Stack);
                    *(ulong*)machine.General[4] = machine.General[General(code.Op0Register)];
                    return next;
                };
            case Mnemonic.Pop:
                return (machine, next) =>
                {
                    Assert.True(machine.General[4] < machine.StackTop);
                    machine.General[General(code.Op0Register)] = *(ulong*)machine.General[4];
                    machine.General[4] += 8;
                    return next;
                };
            case Mnemonic.Mov or Mnemonic.Lea or Mnemonic.Add or Mnemonic.Dec:
                return Scalar(code);
            default:
                return Vector(code);
        }
    }

    Step Scalar(Instruction code)
    {
        var to = General(code.Op0Register);
        return (machine, next) =>
        {
            var operand = code.OpCount < 2 ? 1
                : code.Mnemonic == Mnemonic.Lea ? AddressOf(code, machine)
                : code.Op1Kind switch
                {
                    OpKind.Register => machine.General[General(code.Op1Register)],
                    OpKind.Memory => *(ulong*)Checked(AddressOf(code, machine), 8, write: false),
                    _ => code.GetImmediate(1),
                };
            var value = code.Mnemonic switch
            {
                Mnemonic.Add => machine.General[to] + operand,
                Mnemonic.Dec => machine.General[to] - 1,
                _ => code.Op0Register.IsGPR32() ? (uint)operand : operand,
            };
            Assert.True(code.Op0Register.IsGPR64() || code.Mnemonic == Mnemonic.Mov);
            machine.General[to] = value;
            if (code.Mnemonic is Mnemonic.Add or Mnemonic.Dec)
            {
                machine.IsZero = value == 0;
            }

            return next;
        };
    }

    Step Vector(Instruction code)
    {
        if (code.Op0Kind == OpKind.Memory)
        {
            Assert.Equal(Mnemonic.Vmovups, code.Mnemonic);
            var from = Number(code.Op1Register);
            return (machine, next) =>
            {
                new ReadOnlySpan<uint>(machine.Vectors + (from * Lanes), Lanes).CopyTo(
                    new Span<uint>((void*)Checked(AddressOf(code, machine), 64, write: true), Lanes));
                return next;
            };
        }

        var to = Number(code.Op0Register);
        var lane = Operation(code);
        var hasTwo = code.OpCount == 3 && code.Op2Kind is OpKind.Register or OpKind.Memory;
        var last = hasTwo ? 2 : 1;
        return (machine, next) =>
        {
            var source = stackalloc uint[Lanes];
            Read(code, last, machine, source);
            machine.UpperHalvesAreClear = false;
            Apply(lane, machine.Vectors + (to * Lanes), machine.Vectors + ((hasTwo ? Number(code.Op1Register) : to) * Lanes), source);
            return next;
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Apply(Lane lane, uint* to, uint* first, uint* second)
    {
        for (var i = 0; i < Lanes; i++)
        {
            to[i] = lane(to[i], first[i], second[i]);
        }
    }

    /// <summary>From what the lane held, and the two (or the second of the) sources.</summary>
    static Lane Operation(Instruction code)
    {
        var bits = code.OpCount == 3 && code.Op2Kind == OpKind.Immediate8 ? code.Immediate8 : 0;
        return code.Mnemonic switch
        {
            Mnemonic.Vmovups or Mnemonic.Vmovaps or Mnemonic.Vpbroadcastd or Mnemonic.Vpmovzxbd or Mnemonic.Vpmovsxbd
                or Mnemonic.Vcvtph2ps => (_, _, b) => b,
            Mnemonic.Vpandd => (_, a, b) => a & b,
            Mnemonic.Vpord => (_, a, b) => a | b,
            Mnemonic.Vpxord => (_, a, b) => a ^ b,
            Mnemonic.Vpsrlw => (_, _, b) => ((b >> 16 >> bits) << 16) | ((b & 0xFFFF) >> bits),
            Mnemonic.Vpsllw => (_, _, b) => (b >> 16 << bits << 16) | (b << bits & 0xFFFF),
            Mnemonic.Vpsrad => (_, _, b) => (uint)((int)b >> bits),
            Mnemonic.Vpdpbusd => DotBytes,
            Mnemonic.Vpmaddwd => (_, a, b) => (uint)(((short)a * (short)b) + ((short)(a >> 16) * (short)(b >> 16))),
            Mnemonic.Vcvtdq2ps => (_, _, b) => Bits((int)b),
            Mnemonic.Vmulps => (_, a, b) => Bits(Float(a) * Float(b)),
            Mnemonic.Vfmadd231ps => (sum, a, b) => Bits(MathF.FusedMultiplyAdd(Float(a), Float(b), Float(sum))),
            Mnemonic.Vfnmadd231ps => (sum, a, b) => Bits(MathF.FusedMultiplyAdd(-Float(a), Float(b), Float(sum))),
            _ => throw new NotSupportedException(code.ToString()),
        };
    }

    static uint DotBytes(uint sum, uint codes, uint activations)
    {
        for (var i = 0; i < 32; i += 8)
        {
            sum += (uint)((byte)(codes >> i) * (sbyte)(activations >> i));
        }

        return sum;
    }

    void Read(Instruction code, int operand, Machine machine, uint* lanes)
    {
        if (code.GetOpKind(operand) == OpKind.Register)
        {
            var register = code.GetOpRegister(operand);
            if (register.IsGPR32())
            {
                new Span<uint>(lanes, Lanes).Fill((uint)machine.General[General(register)]);
                return;
            }

            Buffer.MemoryCopy(machine.Vectors + (Number(register) * Lanes), lanes, Lanes * sizeof(uint), Lanes * sizeof(uint));
            return;
        }

        var address = AddressOf(code, machine);
        if (code.IsBroadcast || code.Mnemonic == Mnemonic.Vpbroadcastd)
        {
            new Span<uint>(lanes, Lanes).Fill(*(uint*)Checked(address, 4, write: false));
            return;
        }

        switch (code.Mnemonic)
        {
            case Mnemonic.Vpmovzxbd or Mnemonic.Vpmovsxbd:
                var bytes = (byte*)Checked(address, Lanes, write: false);
                for (var i = 0; i < Lanes; i++)
                {
                    lanes[i] = code.Mnemonic == Mnemonic.Vpmovzxbd ? bytes[i] : (uint)(sbyte)bytes[i];
                }

                break;
            case Mnemonic.Vcvtph2ps:
                var halves = (Half*)Checked(address, Lanes * 2, write: false);
                for (var i = 0; i < Lanes; i++)
                {
                    lanes[i] = Bits((float)halves[i]);
                }

                break;
            default:
                Buffer.MemoryCopy((void*)Checked(address, 64, write: false), lanes, 64, 64);
                break;
        }
    }

    void* Checked(ulong address, int bytes, bool write)
    {
        Assert.True(_isAllowed(address, bytes, write), $"{bytes} bytes at {address:x} are none of its business.");
        return (void*)address;
    }

    static ulong AddressOf(Instruction code, Machine machine) =>
        machine.General[General(code.MemoryBase)] + code.MemoryDisplacement64
        + (code.MemoryIndex == IcedRegister.None ? 0 : machine.General[General(code.MemoryIndex)] * (ulong)code.MemoryIndexScale);

    static int General(IcedRegister register)
    {
        Assert.True(register.IsGPR32() || register.IsGPR64());
        return register.GetNumber();
    }

    static int Number(IcedRegister register)
    {
        Assert.True(register.IsZMM());
        return register.GetNumber();
    }

    static float Float(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    sealed class Machine(uint* vectors, ulong stack, ulong stackTop)
    {
        public uint* Vectors { get; } = vectors;

        public ulong Stack { get; } = stack;

        public ulong StackTop { get; } = stackTop;

        public ulong[] General { get; } = new ulong[16];

        public bool IsZero { get; set; }

        public bool UpperHalvesAreClear { get; set; }
    }
}
