using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// Q6_K: six-bit codes around 32, a signed scale for every 16 columns, a half-precision factor for 256. A panel has for each block of
/// 32 columns the low four bits, the upper two and the two scales; then the factors.
/// The scales are multiplied into the codes: at most 32 * 128, times 127, times 32 products stay below 2^24, which makes the sum exact
/// as a float, too.
/// </summary>
readonly unsafe struct Q6_KPanel : IEmittedFormat
{
    const int Blocks = 8;
    const int UpperBits = NibblePlane.ByteCount;
    const int ScaleBytes = UpperBits + TwoBitPlane.ByteCount;
    const int BlockBytes = ScaleBytes + (2 * Panel.Rows);
    const int Factors = Blocks * BlockBytes;

    const int FileUpperBits = 128;
    const int FileScales = FileUpperBits + 64;
    const int FileFactor = FileScales + 16;

    public static GgufTensorType Type => GgufTensorType.Q6_K;

    public static int BlockLength => Blocks * Panel.BlockLength;

    public static int PanelBytes => Factors + (Panel.Rows * sizeof(ushort));

    public static CodeForm Form => CodeForm.Words;

    public static int ZeroPoint => 0;

    public static bool HasMinima => false;

    public static bool HasHalfScales => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow(byte* block, int row, byte* panel)
    {
        ((ushort*)(panel + Factors))[row] = *(ushort*)(block + FileFactor);
        var codes = stackalloc byte[Panel.BlockLength];
        for (var i = 0; i < Blocks; i++)
        {
            // Half a block of the file is 128 columns: 64 bytes of low bits, read first in their low and then in their high halves,
            // and 32 bytes of upper bits, two bits for each of the four blocks.
            var (half, quarter) = Math.DivRem(i, 4);
            var low = block + (half * 64) + (quarter % 2 * 32);
            var upper = block + FileUpperBits + (half * 32);
            var packed = panel + (i * BlockBytes);
            for (var column = 0; column < Panel.BlockLength; column++)
            {
                codes[column] = (byte)((low[column] >> (quarter / 2 * 4) & 15) | ((upper[column] >> (2 * quarter) & 3) << 4));
            }

            NibblePlane.PackCodes(codes, row, packed);
            TwoBitPlane.Pack(codes, shift: 4, row, packed + UpperBits);
            packed[ScaleBytes + row] = block[FileScales + (2 * i)];
            packed[ScaleBytes + Panel.Rows + row] = block[FileScales + (2 * i) + 1];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        var scales = PanelRow.Halves((ushort*)(panel + Factors));
        for (var i = 0; i < Blocks; i++)
        {
            PanelRow.Store(scales, expanded.Scales + (i * Panel.Rows));
            ExpandBlock(panel + (i * BlockBytes), (short*)expanded.Codes + (i * Panel.Rows * Panel.BlockLength));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ExpandBytes(byte* panel, ExpandedPanel expanded)
    {
        var scales = PanelRow.Halves((ushort*)(panel + Factors));
        for (var i = 0; i < Blocks; i++)
        {
            var packed = panel + (i * BlockBytes);
            var block = expanded.From(i, CodeForm.Bytes);
            PanelRow.Store(scales, block.Scales);
            PanelRow.Store(PanelRow.Numbers((sbyte*)packed + ScaleBytes), block.FirstScales);
            PanelRow.Store(PanelRow.Numbers((sbyte*)packed + ScaleBytes + Panel.Rows), block.SecondScales);
            NibblePlane.Expand(packed, block.Codes);
            for (var half = 0; half < 2; half++)
            {
                for (var group = 0; group < 4; group++)
                {
                    AddUpper(packed + UpperBits + (half * TwoBitPlane.HalfBytes), group, block.Codes + (((4 * half) + group) * Panel.Rows * 4));
                }
            }
        }
    }

    /// <summary>Adds the upper two bits of a group of columns, and what brings the zero point from 32 to 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void AddUpper(byte* upper, int group, byte* codes)
    {
        for (var i = 0; i < Panel.Rows * 4; i += 32)
        {
            var bits = Vector256.ShiftLeft(TwoBitPlane.Of(Vector256.Load(upper + i).AsUInt16(), group).AsUInt16(), 4).AsByte();
            (Vector256.Load(codes + i) + bits + Vector256.Create((byte)(ByteCodes.Zero - 32))).Store(codes + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void ExpandBlock(byte* packed, short* words)
    {
        const int GroupBytes = Panel.Rows * 4;
        for (var rows = 0; rows < Panel.Rows; rows += 8)
        {
            var codes = packed + (rows * 4);
            var destination = words + (rows * 2);
            var upper = Vector256.Load(codes + UpperBits).AsUInt16();
            var scales = Int16Codes.Twice((sbyte*)packed + ScaleBytes + rows);
            Store(NibblePlane.Low(Vector256.Load(codes)), Vector256.ShiftLeft(upper, 4), scales, destination);
            Store(NibblePlane.Low(Vector256.Load(codes + GroupBytes)), Vector256.ShiftLeft(upper, 2), scales, destination + GroupBytes);
            Store(NibblePlane.Low(Vector256.Load(codes + (2 * GroupBytes))), upper, scales, destination + (2 * GroupBytes));
            Store(NibblePlane.Low(Vector256.Load(codes + (3 * GroupBytes))), Vector256.ShiftRightLogical(upper, 2), scales, destination + (3 * GroupBytes));
            upper = Vector256.Load(codes + UpperBits + GroupBytes).AsUInt16();
            scales = Int16Codes.Twice((sbyte*)packed + ScaleBytes + Panel.Rows + rows);
            Store(NibblePlane.High(Vector256.Load(codes)), Vector256.ShiftLeft(upper, 4), scales, destination + (4 * GroupBytes));
            Store(NibblePlane.High(Vector256.Load(codes + GroupBytes)), Vector256.ShiftLeft(upper, 2), scales, destination + (5 * GroupBytes));
            Store(NibblePlane.High(Vector256.Load(codes + (2 * GroupBytes))), upper, scales, destination + (6 * GroupBytes));
            Store(NibblePlane.High(Vector256.Load(codes + (3 * GroupBytes))), Vector256.ShiftRightLogical(upper, 2), scales, destination + (7 * GroupBytes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(Vector256<byte> low, Vector256<ushort> upper, Vector256<short> scales, short* words)
    {
        var codes = low | (upper.AsByte() & Vector256.Create((byte)0x30));
        Int16Codes.Store((codes - Vector256.Create((byte)32)).AsSByte(), scales, words);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> Products<TLanes>(byte* panel, int block, sbyte* quants, ActivationBlockScale* factors)
        where TLanes : struct, IDotProductIsa
    {
        var packed = panel + (block * BlockBytes);
        return new(
            Octet<TLanes>(packed, 0, quants, factors), Octet<TLanes>(packed, 8, quants, factors),
            Octet<TLanes>(packed, 16, quants, factors), Octet<TLanes>(packed, 24, quants, factors));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadFactors(byte* panel, float* factors) => PanelRow.Store(PanelRow.Halves((ushort*)(panel + Factors)), factors);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Scales(byte* panel, int block, float* factors) => PanelRow.Load(factors);

    /// <summary>
    /// Eight rows; the scales come in where 16-bit sums become 32-bit sums. A call of its own: four of these in one method do not fit
    /// the registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<int> Octet<TLanes>(byte* packed, int row, sbyte* quants, ActivationBlockScale* factors)
        where TLanes : struct, IDotProductIsa
    {
        const int GroupBytes = Panel.Rows * 4;
        var codes = packed + (row * 4);
        var first = Vector256.Load(codes);
        var second = Vector256.Load(codes + GroupBytes);
        var third = Vector256.Load(codes + (2 * GroupBytes));
        var fourth = Vector256.Load(codes + (3 * GroupBytes));
        var upper = Vector256.Load(codes + UpperBits).AsUInt16();
        var pairs = Pairs<TLanes>(NibblePlane.Low(first), Vector256.ShiftLeft(upper, 4), quants) + Pairs<TLanes>(NibblePlane.Low(second), Vector256.ShiftLeft(upper, 2), quants + 4);
        var more = Pairs<TLanes>(NibblePlane.Low(third), upper, quants + 8) + Pairs<TLanes>(NibblePlane.Low(fourth), Vector256.ShiftRightLogical(upper, 2), quants + 12);
        var scales = Int16Codes.Twice((sbyte*)packed + ScaleBytes + row);
        var sum = TLanes.Pairs(pairs, scales) + TLanes.Pairs(more, scales) - TLanes.Pairs(scales, Vector256.Create(factors->FirstHalf));
        upper = Vector256.Load(codes + UpperBits + GroupBytes).AsUInt16();
        pairs = Pairs<TLanes>(NibblePlane.High(first), Vector256.ShiftLeft(upper, 4), quants + 16) + Pairs<TLanes>(NibblePlane.High(second), Vector256.ShiftLeft(upper, 2), quants + 20);
        more = Pairs<TLanes>(NibblePlane.High(third), upper, quants + 24) + Pairs<TLanes>(NibblePlane.High(fourth), Vector256.ShiftRightLogical(upper, 2), quants + 28);
        scales = Int16Codes.Twice((sbyte*)packed + ScaleBytes + Panel.Rows + row);
        return sum + TLanes.Pairs(pairs, scales) + TLanes.Pairs(more, scales) - TLanes.Pairs(scales, Vector256.Create(factors->SecondHalf));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> Pairs<TLanes>(Vector256<byte> low, Vector256<ushort> upper, sbyte* quants)
        where TLanes : struct, IDotProductIsa =>
        TLanes.Pairs(low | (upper.AsByte() & Vector256.Create((byte)0x30)), IntegerProducts.Broadcast(quants));

    public static void EmitBlock(DirectEmitter emitter, int block)
    {
        if (block == 0)
        {
            emitter.LoadScaleFactors(Factors);
        }

        var place = block * BlockBytes;
        emitter.MultiplySixBits(place, place + UpperBits, place + ScaleBytes, block);
        emitter.UseScaleFactors();
        emitter.AddProducts(block);
    }
}
