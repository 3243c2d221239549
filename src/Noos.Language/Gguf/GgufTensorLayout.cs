namespace Noos.Language.Gguf;

/// <summary>
/// The block layout of a tensor type (<c>type_traits</c> in ggml.c: <c>blck_size</c> and <c>type_size</c>): a row is a sequence of blocks,
/// each of <see cref="BlockLength"/> values in <see cref="BlockBytes"/> bytes.
/// </summary>
public readonly record struct GgufTensorLayout(int BlockLength, int BlockBytes)
{
    /// <summary>False for a number that is no tensor type of ggml.</summary>
    public static bool TryGet(GgufTensorType type, out GgufTensorLayout layout)
    {
        // The sizes are those of the block structs in ggml-common.h.
        layout = type switch
        {
            GgufTensorType.F32 or GgufTensorType.I32 => new(1, 4),
            GgufTensorType.F16 or GgufTensorType.BF16 or GgufTensorType.I16 => new(1, 2),
            GgufTensorType.F64 or GgufTensorType.I64 => new(1, 8),
            GgufTensorType.I8 => new(1, 1),
            GgufTensorType.Q4_0 or GgufTensorType.IQ4_NL => new(32, 18),
            GgufTensorType.Q4_1 => new(32, 20),
            GgufTensorType.Q5_0 => new(32, 22),
            GgufTensorType.Q5_1 => new(32, 24),
            GgufTensorType.Q8_0 => new(32, 34),
            GgufTensorType.Q8_1 => new(32, 36),
            GgufTensorType.MXFP4 => new(32, 17),
            GgufTensorType.NVFP4 => new(64, 36),
            GgufTensorType.Q2_0 => new(64, 18),
            GgufTensorType.Q1_0 => new(128, 18),
            GgufTensorType.Q2_K => new(256, 84),
            GgufTensorType.Q3_K or GgufTensorType.IQ3_S => new(256, 110),
            GgufTensorType.Q4_K => new(256, 144),
            GgufTensorType.Q5_K => new(256, 176),
            GgufTensorType.Q6_K => new(256, 210),
            GgufTensorType.Q8_K => new(256, 292),
            GgufTensorType.IQ1_S => new(256, 50),
            GgufTensorType.IQ1_M => new(256, 56),
            GgufTensorType.IQ2_XXS or GgufTensorType.TQ2_0 => new(256, 66),
            GgufTensorType.IQ2_XS => new(256, 74),
            GgufTensorType.IQ2_S => new(256, 82),
            GgufTensorType.IQ3_XXS => new(256, 98),
            GgufTensorType.IQ4_XS => new(256, 136),
            GgufTensorType.TQ1_0 => new(256, 54),
            _ => default,
        };
        return layout.BlockLength != 0;
    }

    /// <exception cref="ArgumentOutOfRangeException">The number is no tensor type of ggml.</exception>
    public static GgufTensorLayout For(GgufTensorType type) =>
        TryGet(type, out var layout) ? layout : throw new ArgumentOutOfRangeException(nameof(type), type, "Not a tensor type of GGUF.");

    /// <summary>Bytes of <paramref name="count"/> values, a multiple of <see cref="BlockLength"/>.</summary>
    public long BytesOf(long count) => checked(count / BlockLength * BlockBytes);
}
