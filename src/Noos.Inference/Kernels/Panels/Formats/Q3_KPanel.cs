using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// Q3_K: three-bit codes around 4, a six-bit scale around 32 for every 16 columns, a half-precision factor for 256. A panel has for each block
/// of 32 columns the low two bits, the third bits (where <see cref="FifthBitPlane"/> has the fifth) and the two scales as signed bytes; then the
/// factors. As in Q6_K the scales are multiplied into the codes.
/// </summary>
readonly unsafe struct Q3_KPanel : IEmittedGemvFormat
{
    const int Blocks = 8;
    const int ZeroCode = 4;
    const int ThirdBits = TwoBitPlane.ByteCount;
    const int ScaleBytes = ThirdBits + FifthBitPlane.ByteCount;
    const int BlockBytes = ScaleBytes + (2 * Panel.Rows);
    const int SuperScales = Blocks * BlockBytes;
    const int GroupBytes = Panel.Rows * 4;

    const int FileCodes = 32;
    const int FileScales = FileCodes + 64;
    const int FileSuperScale = FileScales + 12;

    public static GgufTensorType Type => GgufTensorType.Q3_K;

    public static int BlockLength => Blocks * Panel.BlockLength;

    public static int PanelBytes => SuperScales + (Panel.Rows * sizeof(ushort));

    public static CodeType CodeType => CodeType.Int16;

    public static int ZeroPoint => 0;

    public static bool HasMinima => false;

    public static bool HasHalfScales => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBlock(byte* block, int row, byte* panel)
    {
        ((ushort*)(panel + SuperScales))[row] = *(ushort*)(block + FileSuperScale);
        var codes = stackalloc byte[Panel.BlockLength];
        for (var i = 0; i < Blocks; i++)
        {
            // 32 bytes hold two bits each of four blocks; before them stands a bit each of all eight.
            var source = block + FileCodes + (i / 4 * Panel.BlockLength);
            var third = 0u;
            for (var column = 0; column < Panel.BlockLength; column++)
            {
                codes[column] = (byte)(source[column] >> (i % 4 * 2) & 3);
                third |= ((uint)block[column] >> i & 1) << column;
            }

            var packed = panel + (i * BlockBytes);
            TwoBitPlane.Pack(codes, shift: 0, row, packed);
            FifthBitPlane.Pack(third, row, packed + ThirdBits);
            packed[ScaleBytes + row] = (byte)ReadScale(block + FileScales, 2 * i);
            packed[ScaleBytes + Panel.Rows + row] = (byte)ReadScale(block + FileScales, (2 * i) + 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* panel, UnpackedPanel unpacked)
    {
        var scales = PanelRow.LoadFloat16((ushort*)(panel + SuperScales));
        for (var i = 0; i < Blocks; i++)
        {
            var packed = panel + (i * BlockBytes);
            var int16Codes = (short*)unpacked.Codes + (i * Panel.Rows * Panel.BlockLength);
            PanelRow.Store(scales, unpacked.Scales + (i * Panel.Rows));
            for (var row = 0; row < Panel.Rows; row += 8)
            {
                var first = Int16Codes.DuplicatePairs((sbyte*)packed + ScaleBytes + row);
                var second = Int16Codes.DuplicatePairs((sbyte*)packed + ScaleBytes + Panel.Rows + row);
                for (var group = 0; group < 8; group++)
                {
                    Int16Codes.Widen(
                        (CombineCodes(packed, row, group) - Vector256.Create((byte)ZeroCode)).AsSByte(), group < 4 ? first : second, int16Codes + (row * 2) + (group * GroupBytes));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void UnpackBiasedBytes(byte* panel, UnpackedPanel unpacked)
    {
        var scales = PanelRow.LoadFloat16((ushort*)(panel + SuperScales));
        for (var i = 0; i < Blocks; i++)
        {
            var packed = panel + (i * BlockBytes);
            var block = unpacked.Slice(i, CodeType.BiasedUInt8);
            PanelRow.Store(scales, block.Scales);
            PanelRow.Store(PanelRow.LoadSignedBytes((sbyte*)packed + ScaleBytes), block.FirstScales);
            PanelRow.Store(PanelRow.LoadSignedBytes((sbyte*)packed + ScaleBytes + Panel.Rows), block.SecondScales);
            for (var group = 0; group < 8; group++)
            {
                for (var row = 0; row < Panel.Rows; row += 8)
                {
                    (CombineCodes(packed, row, group) + Vector256.Create((byte)(BiasedByteCodes.Bias - ZeroCode))).Store(block.Codes + (group * GroupBytes) + (row * 4));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotBlock<TDot>(byte* panel, int block, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa
    {
        var packed = panel + (block * BlockBytes);
        return new(
            DotEightRows<TDot>(packed, 0, quants, blockScales), DotEightRows<TDot>(packed, 8, quants, blockScales),
            DotEightRows<TDot>(packed, 16, quants, blockScales), DotEightRows<TDot>(packed, 24, quants, blockScales));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadSuperScales(byte* panel, float* superScales) => PanelRow.Store(PanelRow.LoadFloat16((ushort*)(panel + SuperScales)), superScales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadScales(byte* panel, int block, float* superScales) => PanelRow.Load(superScales);

    public static void EmitBlock(GemvEmitter emitter, int block)
    {
        if (block == 0)
        {
            emitter.LoadSuperScales(SuperScales);
        }

        var place = block * BlockBytes;
        emitter.MultiplyThreeBits(place, place + ThirdBits, place + ScaleBytes, block);
        emitter.UseSuperScales();
        emitter.AddProducts(block);
    }

    /// <summary>The scales come in where 16-bit sums become 32-bit sums; a call of its own, as in Q6_K.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<int> DotEightRows<TDot>(byte* packed, int row, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa
    {
        var third = Vector256.Load(packed + ThirdBits + (row * 4)).AsUInt16();
        var low = Vector256.Load(packed + (row * 4)).AsUInt16();
        var pairs = MultiplyPairs<TDot>(low, third, 0, quants) + MultiplyPairs<TDot>(low, third, 1, quants) + MultiplyPairs<TDot>(low, third, 2, quants) + MultiplyPairs<TDot>(low, third, 3, quants);
        var scales = Int16Codes.DuplicatePairs((sbyte*)packed + ScaleBytes + row);
        // The halves are made for a zero point of 32, eight times as large.
        var sum = TDot.MultiplyAddPairs(pairs, scales) - TDot.MultiplyAddPairs(scales, Vector256.Create((short)(blockScales->FirstHalfSum >> 3)));
        low = Vector256.Load(packed + TwoBitPlane.HalfBytes + (row * 4)).AsUInt16();
        pairs = MultiplyPairs<TDot>(low, third, 4, quants) + MultiplyPairs<TDot>(low, third, 5, quants) + MultiplyPairs<TDot>(low, third, 6, quants) + MultiplyPairs<TDot>(low, third, 7, quants);
        scales = Int16Codes.DuplicatePairs((sbyte*)packed + ScaleBytes + Panel.Rows + row);
        return sum + TDot.MultiplyAddPairs(pairs, scales) - TDot.MultiplyAddPairs(scales, Vector256.Create((short)(blockScales->SecondHalfSum >> 3)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> MultiplyPairs<TDot>(Vector256<ushort> low, Vector256<ushort> third, int group, sbyte* quants)
        where TDot : struct, IDotProductIsa => TDot.MultiplyAddPairs(CombineCodes(low, third, group), BlockDot.Broadcast(quants + (4 * group)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<byte> CombineCodes(byte* packed, int row, int group) => CombineCodes(
        Vector256.Load(packed + (group / 4 * TwoBitPlane.HalfBytes) + (row * 4)).AsUInt16(), Vector256.Load(packed + ThirdBits + (row * 4)).AsUInt16(), group);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<byte> CombineCodes(Vector256<ushort> low, Vector256<ushort> third, int group)
    {
        var four = group < 2 ? Vector256.ShiftLeft(third, 2 - group) : Vector256.ShiftRightLogical(third, group - 2);
        return TwoBitPlane.Extract(low, group % 4) | (four.AsByte() & Vector256.Create((byte)4));
    }

    static int ReadScale(byte* bits, int index)
    {
        var low = index < 8 ? bits[index] & 15 : bits[index - 8] >> 4;
        return (low | ((bits[8 + (index % 4)] >> (index / 4 * 2) & 3) << 4)) - 32;
    }
}
