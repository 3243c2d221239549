using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// Q6_K: super-block of 256 columns; weight = d * scale * (code - 32), with six-bit codes and an s8 scale per 16 columns (ggml: ql[128],
/// qh[64], scales[16], d). A panel has per block of 32 columns the low four bits as <see cref="NibblePlane"/>, the upper two as
/// <see cref="TwoBitPlane"/> and the two scales [2][32 rows]; then [32 rows] F16 d. As int16 codes, scales are multiplied in: at most 32 *
/// 128 in magnitude; times 127, times 32 products that is 16646144, below 2^24, which makes the sum exact as a float, too.
/// </summary>
readonly unsafe struct Q6_KPanel : IEmittedGemvFormat
{
    const int Blocks = 8;
    const int UpperBits = NibblePlane.ByteCount;
    const int ScaleBytes = UpperBits + TwoBitPlane.ByteCount;
    const int BlockBytes = ScaleBytes + (2 * Panel.Rows);
    const int SuperScales = Blocks * BlockBytes;

    const int FileUpperBits = 128;
    const int FileScales = FileUpperBits + 64;
    const int FileSuperScale = FileScales + 16;

    public static GgufTensorType Type => GgufTensorType.Q6_K;

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
            // Half a super-block of the file is 128 columns, four blocks: 64 bytes of ql, whose low nibbles are the first two blocks and
            // whose high nibbles are the other two, and 32 bytes of qh, two bits for each of the four blocks.
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
            // Scales of columns 0 .. 15, then of 16 .. 31 of the block.
            packed[ScaleBytes + row] = block[FileScales + (2 * i)];
            packed[ScaleBytes + Panel.Rows + row] = block[FileScales + (2 * i) + 1];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* panel, UnpackedPanel unpacked)
    {
        var scales = PanelRow.LoadFloat16((ushort*)(panel + SuperScales));
        for (var i = 0; i < Blocks; i++)
        {
            // The half-block scales go into the codes, so d alone is the scale of every block.
            PanelRow.Store(scales, unpacked.Scales + (i * Panel.Rows));
            UnpackBlock(panel + (i * BlockBytes), (short*)unpacked.Codes + (i * Panel.Rows * Panel.BlockLength));
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
            NibblePlane.Unpack(packed, block.Codes);
            for (var half = 0; half < 2; half++)
            {
                for (var group = 0; group < 4; group++)
                {
                    AddUpper(
                        packed + UpperBits + (half * TwoBitPlane.HalfBytes), group, block.Codes + (((4 * half) + group) * Panel.Rows * 4));
                }
            }
        }
    }

    /// <summary>Adds the upper two bits of a group of columns and 96, which moves the zero point from 32 to 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void AddUpper(byte* upper, int group, byte* codes)
    {
        for (var i = 0; i < Panel.Rows * 4; i += 32)
        {
            // The group's two bits at bits 4 and 5; a shift by 4 of numbers up to 3 stays in its byte.
            var bits = Vector256.ShiftLeft(TwoBitPlane.Extract(Vector256.Load(upper + i).AsUInt16(), group).AsUInt16(), 4).AsByte();
            (Vector256.Load(codes + i) + bits + Vector256.Create((byte)(BiasedByteCodes.Bias - 32))).Store(codes + i);
        }
    }

    /// <summary>One block to int16 with the scales multiplied in, [16 pairs][32 rows][2 columns].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void UnpackBlock(byte* packed, short* int16Codes)
    {
        const int GroupBytes = Panel.Rows * 4;
        for (var rows = 0; rows < Panel.Rows; rows += 8)
        {
            var codes = packed + (rows * 4);
            var destination = int16Codes + (rows * 2);
            // Bits 2g, 2g + 1 of the plane move to bits 4 and 5: left by 4 or 2, not at all, right by 2. The mask 0x30
            // follows in StoreScaled.
            var upper = Vector256.Load(codes + UpperBits).AsUInt16();
            var scales = Int16Codes.DuplicatePairs((sbyte*)packed + ScaleBytes + rows);
            StoreScaled(NibblePlane.ExtractLow(Vector256.Load(codes)), Vector256.ShiftLeft(upper, 4), scales, destination);
            StoreScaled(
                NibblePlane.ExtractLow(Vector256.Load(codes + GroupBytes)), Vector256.ShiftLeft(upper, 2), scales,
                destination + GroupBytes);
            StoreScaled(NibblePlane.ExtractLow(Vector256.Load(codes + (2 * GroupBytes))), upper, scales, destination + (2 * GroupBytes));
            StoreScaled(
                NibblePlane.ExtractLow(Vector256.Load(codes + (3 * GroupBytes))), Vector256.ShiftRightLogical(upper, 2), scales,
                destination + (3 * GroupBytes));
            // Second half of the columns: high nibbles, and the second half of the plane.
            upper = Vector256.Load(codes + UpperBits + GroupBytes).AsUInt16();
            scales = Int16Codes.DuplicatePairs((sbyte*)packed + ScaleBytes + Panel.Rows + rows);
            StoreScaled(
                NibblePlane.ExtractHigh(Vector256.Load(codes)), Vector256.ShiftLeft(upper, 4), scales, destination + (4 * GroupBytes));
            StoreScaled(
                NibblePlane.ExtractHigh(Vector256.Load(codes + GroupBytes)), Vector256.ShiftLeft(upper, 2), scales,
                destination + (5 * GroupBytes));
            StoreScaled(NibblePlane.ExtractHigh(Vector256.Load(codes + (2 * GroupBytes))), upper, scales, destination + (6 * GroupBytes));
            StoreScaled(
                NibblePlane.ExtractHigh(Vector256.Load(codes + (3 * GroupBytes))), Vector256.ShiftRightLogical(upper, 2), scales,
                destination + (7 * GroupBytes));
        }
    }

    /// <summary>(low | upper) - 32, times the scale of its row: at most 4096 in magnitude, which fits int16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreScaled(Vector256<byte> low, Vector256<ushort> upper, Vector256<short> scales, short* int16Codes)
    {
        var codes = low | (upper.AsByte() & Vector256.Create((byte)0x30));
        Int16Codes.Widen((codes - Vector256.Create((byte)32)).AsSByte(), scales, int16Codes);
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

    /// <summary>
    /// Eight rows. The scales are multiplied in where int16 sums become int32: vpmaddwd with the scale in both lanes. Not inlined: four of
    /// these in one method do not fit 16 registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<int> DotEightRows<TDot>(byte* packed, int row, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa
    {
        const int GroupBytes = Panel.Rows * 4;
        var codes = packed + (row * 4);
        var first = Vector256.Load(codes);
        var second = Vector256.Load(codes + GroupBytes);
        var third = Vector256.Load(codes + (2 * GroupBytes));
        var fourth = Vector256.Load(codes + (3 * GroupBytes));
        var upper = Vector256.Load(codes + UpperBits).AsUInt16();
        // Two pair sums of six-bit codes are at most 4 * 63 * 127 = 32004, which fits int16; four would not: hence pairs and more.
        var pairs = MultiplyPairs<TDot>(NibblePlane.ExtractLow(first), Vector256.ShiftLeft(upper, 4), quants)
            + MultiplyPairs<TDot>(NibblePlane.ExtractLow(second), Vector256.ShiftLeft(upper, 2), quants + 4);
        var more = MultiplyPairs<TDot>(NibblePlane.ExtractLow(third), upper, quants + 8)
            + MultiplyPairs<TDot>(NibblePlane.ExtractLow(fourth), Vector256.ShiftRightLogical(upper, 2), quants + 12);
        var scales = Int16Codes.DuplicatePairs((sbyte*)packed + ScaleBytes + row);
        // Zero point: scale * 32 * sum(activations), that is FirstHalfSum (16 * sum) in both lanes of vpmaddwd.
        var sum = TDot.MultiplyAddPairs(pairs, scales) + TDot.MultiplyAddPairs(more, scales)
            - TDot.MultiplyAddPairs(scales, Vector256.Create(blockScales->FirstHalfSum));
        // Second half of the columns, with the scales of the second half.
        upper = Vector256.Load(codes + UpperBits + GroupBytes).AsUInt16();
        pairs = MultiplyPairs<TDot>(NibblePlane.ExtractHigh(first), Vector256.ShiftLeft(upper, 4), quants + 16)
            + MultiplyPairs<TDot>(NibblePlane.ExtractHigh(second), Vector256.ShiftLeft(upper, 2), quants + 20);
        more = MultiplyPairs<TDot>(NibblePlane.ExtractHigh(third), upper, quants + 24)
            + MultiplyPairs<TDot>(NibblePlane.ExtractHigh(fourth), Vector256.ShiftRightLogical(upper, 2), quants + 28);
        scales = Int16Codes.DuplicatePairs((sbyte*)packed + ScaleBytes + Panel.Rows + row);
        return sum + TDot.MultiplyAddPairs(pairs, scales) + TDot.MultiplyAddPairs(more, scales)
            - TDot.MultiplyAddPairs(scales, Vector256.Create(blockScales->SecondHalfSum));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> MultiplyPairs<TDot>(Vector256<byte> low, Vector256<ushort> upper, sbyte* quants)
        where TDot : struct, IDotProductIsa =>
        TDot.MultiplyAddPairs(low | (upper.AsByte() & Vector256.Create((byte)0x30)), BlockDot.Broadcast(quants));

    public static void EmitBlock(GemvEmitter emitter, int block)
    {
        if (block == 0)
        {
            emitter.LoadSuperScales(SuperScales);
        }

        var place = block * BlockBytes;
        emitter.MultiplySixBits(place, place + UpperBits, place + ScaleBytes, block);
        // The products contain the half-block scales already.
        emitter.UseSuperScales();
        emitter.AddProducts(block);
    }
}
