using Iced.Intel;
using Noos.MachineCode;
using Assembler = Noos.MachineCode.Assembler;
using IcedRegister = Iced.Intel.Register;
using Register = Noos.MachineCode.Register;

namespace Noos.Inference.Tests.Kernels.Emitted;

/// <summary>Every instruction form, with operands from all corners, as another program decodes it.</summary>
public sealed class AssemblerTests
{
    static readonly int[] s_vectors = [0, 3, 7, 8, 15, 16, 21, 24, 31];

    static readonly Address[] s_addresses = [.. Addresses()];

    [Fact]
    public void Vector_instructions_are_decoded_as_meant()
    {
        foreach (var (mnemonic, write) in new (Mnemonic, Action<Assembler, int, int, int>)[]
        {
            (Mnemonic.Vpdpbusd, (code, a, b, c) => code.DotBytes(a, b, c)),
            (Mnemonic.Vdpbf16ps, (code, a, b, c) => code.DotBFloat16(a, b, c)),
            (Mnemonic.Vpmaddwd, (code, a, b, c) => code.MultiplyAddWords(a, b, c)),
            (Mnemonic.Vpandd, (code, a, b, c) => code.And(a, b, c)),
            (Mnemonic.Vpord, (code, a, b, c) => code.Or(a, b, c)),
            (Mnemonic.Vpxord, (code, a, b, c) => code.Xor(a, b, c)),
            (Mnemonic.Vmulps, (code, a, b, c) => code.Multiply(a, b, c)),
            (Mnemonic.Vfmadd231ps, (code, a, b, c) => code.MultiplyAdd(a, b, c)),
        })
        {
            foreach (var (a, b, c) in from a in s_vectors from b in s_vectors from c in s_vectors select (a, b, c))
            {
                AssertDecoded(code => write(code, a, b, c), mnemonic, [Vector(a), Vector(b), Vector(c)]);
            }
        }

        foreach (var (a, b) in from a in s_vectors from b in s_vectors select (a, b))
        {
            AssertDecoded(code => code.Copy(a, b), Mnemonic.Vmovaps, [Vector(a), Vector(b)]);
            AssertDecoded(code => code.ToFloats(a, b), Mnemonic.Vcvtdq2ps, [Vector(a), Vector(b)]);
            AssertDecoded(code => code.ShiftWordsRight(a, b, 4), Mnemonic.Vpsrlw, [Vector(a), Vector(b)], 4);
            AssertDecoded(code => code.ShiftWordsLeft(a, b, 2), Mnemonic.Vpsllw, [Vector(a), Vector(b)], 2);
            AssertDecoded(code => code.ShiftRightSigned(a, b, 31), Mnemonic.Vpsrad, [Vector(a), Vector(b)], 31);
        }

        foreach (var (a, register) in from a in s_vectors from register in Enum.GetValues<Register>() select (a, register))
        {
            AssertDecoded(code => code.Broadcast(a, register), Mnemonic.Vpbroadcastd, [Vector(a), IcedRegister.EAX + (int)register]);
        }
    }

    [Fact]
    public void Vector_instructions_find_their_memory()
    {
        foreach (var (mnemonic, bytes, write) in new (Mnemonic, int, Action<Assembler, int, Address>)[]
        {
            (Mnemonic.Vmovups, 64, (code, a, place) => code.Load(a, place)),
            (Mnemonic.Vpbroadcastd, 4, (code, a, place) => code.Broadcast(a, place)),
            (Mnemonic.Vcvtph2ps, 32, (code, a, place) => code.HalvesToFloats(a, place)),
            (Mnemonic.Vpmovzxbd, 16, (code, a, place) => code.WidenUnsigned(a, place)),
            (Mnemonic.Vpmovsxbd, 16, (code, a, place) => code.WidenSigned(a, place)),
        })
        {
            foreach (var (a, place) in from a in s_vectors from place in s_addresses select (a, place))
            {
                AssertMemory(AssertDecoded(code => write(code, a, place), mnemonic, [Vector(a)]), place, bytes, isBroadcast: false);
            }
        }

        foreach (var (mnemonic, bytes, isBroadcast, write) in new (Mnemonic, int, bool, Action<Assembler, int, int, Address>)[]
        {
            (Mnemonic.Vpxord, 64, false, (code, a, b, place) => code.Xor(a, b, place)),
            (Mnemonic.Vaddps, 64, false, (code, a, b, place) => code.AddFloats(a, b, place)),
            (Mnemonic.Vmulps, 4, true, (code, a, b, place) => code.MultiplyAll(a, b, place)),
            (Mnemonic.Vfmadd231ps, 4, true, (code, a, b, place) => code.MultiplyAddAll(a, b, place)),
            (Mnemonic.Vfnmadd231ps, 4, true, (code, a, b, place) => code.MultiplySubtractAll(a, b, place)),
        })
        {
            foreach (var (a, b, place) in from a in s_vectors from b in new[] { 0, 13, 30 } from place in s_addresses select (a, b, place))
            {
                AssertMemory(AssertDecoded(code => write(code, a, b, place), mnemonic, [Vector(a), Vector(b)]), place, bytes, isBroadcast);
            }
        }

        foreach (var (a, place) in from a in s_vectors from place in s_addresses select (a, place))
        {
            var instruction = Decode(code => code.Store(place, a));
            Assert.Equal(
                (Mnemonic.Vmovups, OpKind.Memory, Vector(a)), (instruction.Mnemonic, instruction.Op0Kind, instruction.Op1Register));
            AssertMemory(instruction, place, 64, isBroadcast: false);
        }
    }

    [Fact]
    public void Scalar_instructions_are_decoded_as_meant()
    {
        foreach (var place in s_addresses)
        {
            AssertMemory(AssertDecoded(code => code.PrefetchNear(place), Mnemonic.Prefetcht0, []), place);
            AssertMemory(AssertDecoded(code => code.PrefetchFar(place), Mnemonic.Prefetcht1, []), place);
            foreach (var register in Enum.GetValues<Register>())
            {
                AssertMemory(AssertDecoded(code => code.Load(register, place), Mnemonic.Mov, [Wide(register)]), place);
                AssertMemory(AssertDecoded(code => code.LoadAddress(register, place), Mnemonic.Lea, [Wide(register)]), place);
            }
        }

        foreach (var register in Enum.GetValues<Register>())
        {
            AssertDecoded(code => code.Push(register), Mnemonic.Push, [Wide(register)]);
            AssertDecoded(code => code.Pop(register), Mnemonic.Pop, [Wide(register)]);
            foreach (var other in Enum.GetValues<Register>())
            {
                AssertDecoded(code => code.Add(register, other), Mnemonic.Add, [Wide(register), Wide(other)]);
            }

            foreach (var number in new[] { 0, 1, 20, 127, 128, 1024, -128, -129, int.MinValue })
            {
                AssertDecoded(code => code.Add(register, number), Mnemonic.Add, [Wide(register)], (ulong)number);
                AssertDecoded(code => code.Load(register, number), Mnemonic.Mov, [IcedRegister.EAX + (int)register], (uint)number);
            }
        }
    }

    [Fact]
    public void Tile_instructions_are_decoded_as_meant()
    {
        AssertDecoded(code => code.ReleaseTiles(), Mnemonic.Tilerelease, []);
        foreach (var place in s_addresses)
        {
            AssertMemory(AssertDecoded(code => code.ConfigureTiles(place), Mnemonic.Ldtilecfg, []), place);
        }

        for (var tile = 0; tile < 8; tile++)
        {
            var a = tile;
            AssertDecoded(code => code.ZeroTile(a), Mnemonic.Tilezero, [Tile(a)]);

            // Three different tiles: the processor refuses others.
            var others = Enumerable.Range(0, 8).Where(other => other != a).ToArray();
            foreach (var (b, c) in from b in others from c in others where b != c select (b, c))
            {
                AssertDecoded(code => code.DotTilesBFloat16(a, b, c), Mnemonic.Tdpbf16ps, [Tile(a), Tile(b), Tile(c)]);
            }

            foreach (var place in s_addresses.Where(place => place.Index is not null))
            {
                AssertMemory(AssertDecoded(code => code.LoadTile(a, place), Mnemonic.Tileloadd, [Tile(a)]), place);
                var store = Decode(code => code.StoreTile(place, a));
                Assert.Equal((Mnemonic.Tilestored, Tile(a)), (store.Mnemonic, store.Op1Register));
                AssertMemory(store, place);
            }
        }

        Assert.Throws<ArgumentException>(() => new Assembler().LoadTile(0, new Address(Register.Rsi)));

        static IcedRegister Tile(int tile) => IcedRegister.TMM0 + tile;
    }

    [Fact]
    public void Loops_go_back_to_their_top()
    {
        var code = new Assembler();
        code.Push(Register.Rbx);
        code.Align(64);
        var top = code.Here;
        code.Copy(1, 2);
        code.Loop(Register.R11, top);
        code.Return();
        var instructions = Decode(code.ToArray()).Where(instruction => instruction.Mnemonic != Mnemonic.Nop).ToList();
        Assert.Equal(64, top);
        Assert.Equal([Mnemonic.Push, Mnemonic.Vmovaps, Mnemonic.Dec, Mnemonic.Jne, Mnemonic.Vzeroupper, Mnemonic.Ret],
            instructions.Select(instruction => instruction.Mnemonic));
        Assert.Equal(IcedRegister.R11, instructions[2].Op0Register);
        Assert.Equal(64ul, instructions[3].NearBranchTarget);
    }

    static IEnumerable<Address> Addresses()
    {
        foreach (var place in Enum.GetValues<Register>())
        {
            foreach (var displacement in new[] { 0, 4, 16, 20, 64, -64, 127, 128, 2048, 127 * 64, 128 * 64, -128 * 64, -129 * 64, 1 << 20 })
            {
                yield return new Address(place, displacement);
            }

            foreach (var index in Enum.GetValues<Register>().Where(index => index != Register.Rsp))
            {
                yield return new Address(place, ((int)index - 8) * 64, index, 1 << ((int)index % 4));
            }
        }
    }

    static Instruction AssertDecoded(Action<Assembler> write, Mnemonic mnemonic, IcedRegister[] registers, ulong? immediate = null)
    {
        var instruction = Decode(write);
        Assert.Equal(mnemonic, instruction.Mnemonic);
        for (var i = 0; i < registers.Length; i++)
        {
            Assert.Equal(registers[i], instruction.GetOpRegister(i));
        }

        if (immediate is { } number)
        {
            Assert.Equal(number, instruction.GetImmediate(instruction.OpCount - 1));
        }

        return instruction;
    }

    static void AssertMemory(Instruction instruction, Address place, int? bytes = null, bool isBroadcast = false)
    {
        Assert.Equal(
            (Wide(place.Base), place.Index is { } index
                ? Wide(index)
                : IcedRegister.None, place.Index is null
                ? 1
                : place.Scale, (ulong)place.Displacement, isBroadcast),
            (instruction.MemoryBase, instruction.MemoryIndex, instruction.MemoryIndexScale, instruction.MemoryDisplacement64,
                instruction.IsBroadcast));
        if (bytes is { } expected)
        {
            Assert.Equal(expected, isBroadcast ? instruction.MemorySize.GetElementSize() : instruction.MemorySize.GetSize());
        }
    }

    static Instruction Decode(Action<Assembler> write)
    {
        var code = new Assembler();
        write(code);
        return Assert.Single(Decode(code.ToArray()));
    }

    static List<Instruction> Decode(byte[] code)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code));
        var instructions = new List<Instruction>();
        while (decoder.IP < (ulong)code.Length)
        {
            instructions.Add(decoder.Decode());
            Assert.False(instructions[^1].IsInvalid);
            Assert.Equal(IcedRegister.None, instructions[^1].OpMask);
        }

        return instructions;
    }

    static IcedRegister Vector(int number) => IcedRegister.ZMM0 + number;

    static IcedRegister Wide(Register register) => IcedRegister.RAX + (int)register;
}
