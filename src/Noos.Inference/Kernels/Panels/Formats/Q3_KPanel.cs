using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// Q3_K: super-block of 256 columns; weight = d * (scale - 32) * (code - 4), with three-bit codes and a six-bit scale per 16 columns (ggml:
/// hmask[32], qs[64], scales[12], d). A panel has per block of 32 columns the low two bits as <see cref="TwoBitPlane"/>, the third bits as
/// <see cref="FifthBitPlane"/> and the two scales as s8 [2][32 rows]; then [32 rows] F16 d. As int16 codes, scales are multiplied in: at
/// most 4 * 32 in magnitude, and 128 * 127 * 32 stays below 2^24.
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
            // In the file 32 bytes of qs hold two bits each of four blocks, and bit i of the 32 bytes of hmask is the third bit of block i.
            // A set bit adds 4, so the code is 0 .. 7 around 4.
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
            // The half-block scales go into the codes, so d alone is the scale of every block.
            PanelRow.Store(scales, unpacked.Scales + (i * Panel.Rows));
            for (var row = 0; row < Panel.Rows; row += 8)
            {
                // The scales stay in registers over the groups of their half.
                var first = Int16Codes.DuplicatePairs((sbyte*)packed + ScaleBytes + row);
                var second = Int16Codes.DuplicatePairs((sbyte*)packed + ScaleBytes + Panel.Rows + row);
                for (var group = 0; group < 8; group++)
                {
                    // Codes wrap to -4 .. 3 as signed bytes; groups 0 .. 3 are columns 0 .. 15.
                    Int16Codes.Widen(
                        (CombineCodes(packed, row, group) - Vector256.Create((byte)ZeroCode)).AsSByte(),
                        group < 4 ? first : second,
                        int16Codes + (row * 2) + (group * GroupBytes));
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
            // A byte cannot hold code * scale, so here the half-block scales stay apart.
            PanelRow.Store(scales, block.Scales);
            PanelRow.Store(PanelRow.LoadSignedBytes((sbyte*)packed + ScaleBytes), block.FirstScales);
            PanelRow.Store(PanelRow.LoadSignedBytes((sbyte*)packed + ScaleBytes + Panel.Rows), block.SecondScales);
            for (var group = 0; group < 8; group++)
            {
                for (var row = 0; row < Panel.Rows; row += 8)
                {
                    (CombineCodes(packed, row, group) + Vector256.Create((byte)(BiasedByteCodes.Bias - ZeroCode)))
                        .Store(block.Codes + (group * GroupBytes) + (row * 4));
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
    public static void LoadSuperScales(byte* panel, float* superScales) =>
        PanelRow.Store(PanelRow.LoadFloat16((ushort*)(panel + SuperScales)), superScales);

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
        // The products contain the half-block scales already.
        emitter.UseSuperScales();
        emitter.AddProducts(block);
    }

    /// <summary>
    /// Eight rows. The scales are multiplied in where int16 sums become int32: vpmaddwd with the scale in both lanes. Not inlined: four of
    /// these in one method do not fit 16 registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<int> DotEightRows<TDot>(byte* packed, int row, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa
    {
        var third = Vector256.Load(packed + ThirdBits + (row * 4)).AsUInt16();
        var low = Vector256.Load(packed + (row * 4)).AsUInt16();
        // Four pair sums of three-bit codes are at most 8 * 7 * 127 = 7112: int16 holds half a block.
        var pairs = MultiplyPairs<TDot>(low, third, 0, quants) + MultiplyPairs<TDot>(low, third, 1, quants)
            + MultiplyPairs<TDot>(low, third, 2, quants) + MultiplyPairs<TDot>(low, third, 3, quants);
        var scales = Int16Codes.DuplicatePairs((sbyte*)packed + ScaleBytes + row);
        // Zero point: scale * 4 * sum(activations). vpmaddwd counts its operand twice, so it must be 2 * sum: FirstHalfSum, which is
        // 16 * sum, shifted by 3, exactly.
        var sum = TDot.MultiplyAddPairs(pairs, scales)
            - TDot.MultiplyAddPairs(scales, Vector256.Create((short)(blockScales->FirstHalfSum >> 3)));
        // Second half of the columns; its third bits are bits 4 .. 7 of the same plane.
        low = Vector256.Load(packed + TwoBitPlane.HalfBytes + (row * 4)).AsUInt16();
        pairs = MultiplyPairs<TDot>(low, third, 4, quants) + MultiplyPairs<TDot>(low, third, 5, quants)
            + MultiplyPairs<TDot>(low, third, 6, quants) + MultiplyPairs<TDot>(low, third, 7, quants);
        scales = Int16Codes.DuplicatePairs((sbyte*)packed + ScaleBytes + Panel.Rows + row);
        return sum + TDot.MultiplyAddPairs(pairs, scales)
            - TDot.MultiplyAddPairs(scales, Vector256.Create((short)(blockScales->SecondHalfSum >> 3)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> MultiplyPairs<TDot>(Vector256<ushort> low, Vector256<ushort> third, int group, sbyte* quants)
        where TDot : struct, IDotProductIsa =>
            TDot.MultiplyAddPairs(CombineCodes(low, third, group), BlockDot.Broadcast(quants + (4 * group)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<byte> CombineCodes(byte* packed, int row, int group) => CombineCodes(
        Vector256.Load(packed + (group / 4 * TwoBitPlane.HalfBytes) + (row * 4)).AsUInt16(),
        Vector256.Load(packed + ThirdBits + (row * 4)).AsUInt16(),
        group);

    /// <summary>Three-bit codes of a group of four columns for eight rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<byte> CombineCodes(Vector256<ushort> low, Vector256<ushort> third, int group)
    {
        // Bit `group` of the plane moves to bit 2, the value 4; the mask removes what came from the neighbouring byte.
        var four = group < 2 ? Vector256.ShiftLeft(third, 2 - group) : Vector256.ShiftRightLogical(third, group - 2);
        return TwoBitPlane.Extract(low, group % 4) | (four.AsByte() & Vector256.Create((byte)4));
    }

    /// <summary>Scale <paramref name="index"/> of 16, -32 .. 31.</summary>
    static int ReadScale(byte* bits, int index)
    {
        // As ggml's kmask: low nibbles of 16 scales in bytes 0 .. 7, upper two bits in bytes 8 .. 11. 32 is the zero point of scales.
        var low = index < 8 ? bits[index] & 15 : bits[index - 8] >> 4;
        return (low | ((bits[8 + (index % 4)] >> (index / 4 * 2) & 3) << 4)) - 32;
    }
}
