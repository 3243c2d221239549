using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>The 16 values that the four-bit codes of IQ4_NL and IQ4_XS stand for: closer together around zero, as weights are.</summary>
static unsafe class NonLinearCodes
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* packed, short* words)
    {
        const int GroupBytes = Panel.Rows * 4;
        for (var i = 0; i < Nibbles.ByteCount; i += 32)
        {
            var both = Vector256.Load(packed + i);
            var destination = words + (i / GroupBytes * GroupBytes) + (i % GroupBytes / 2);
            Words.Store(Values(Nibbles.Low(both)), destination);
            Words.Store(Values(Nibbles.High(both)), destination + (4 * GroupBytes));
        }
    }

    /// <summary>The same as bytes around 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ExpandBytes(byte* packed, byte* codes)
    {
        for (var i = 0; i < Nibbles.ByteCount; i += 32)
        {
            var both = Vector256.Load(packed + i);
            ByteCodes.FromSigned(Values(Nibbles.Low(both))).Store(codes + i);
            ByteCodes.FromSigned(Values(Nibbles.High(both))).Store(codes + Nibbles.ByteCount + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<sbyte> Values(Vector256<byte> codes)
    {
        var table = Vector128.Create((sbyte)-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
        return Vector256.Create(Vector128.Shuffle(table, codes.GetLower().AsSByte()), Vector128.Shuffle(table, codes.GetUpper().AsSByte()));
    }
}
