using Noos.Core;
using Noos.Language.Gguf;

namespace Noos.Language.Models;

/// <summary>
/// A way to quantize a whole model, named as in llama.cpp: a type for most matrices, and another one where it matters more.
/// </summary>
/// <param name="Name">In lower case, such as "q4_k_m".</param>
/// <param name="FileType">llama.cpp's number for it (llama_ftype), kept in <c>general.file_type</c>.</param>
/// <param name="Type">Of most matrices.</param>
public sealed record QuantizationMix(string Name, uint FileType, GgufTensorType Type)
{
    /// <summary>From large to small files. Those that need an importance matrix are missing.</summary>
    public static IReadOnlyList<QuantizationMix> All { get; } =
    [
        new("f32", 0, GgufTensorType.F32),
        new("f16", 1, GgufTensorType.F16),
        new("bf16", 32, GgufTensorType.BF16),
        new("q8_0", 7, GgufTensorType.Q8_0),
        new("q6_k", 18, GgufTensorType.Q6_K),
        new("q5_1", 9, GgufTensorType.Q5_1),
        new("q5_k_m", 17, GgufTensorType.Q5_K),
        new("q5_k_s", 16, GgufTensorType.Q5_K),
        new("q5_0", 8, GgufTensorType.Q5_0),
        new("q4_1", 3, GgufTensorType.Q4_1),
        new("q4_k_m", 15, GgufTensorType.Q4_K),
        new("q4_k_s", 14, GgufTensorType.Q4_K),
        new("q4_0", 2, GgufTensorType.Q4_0),
        new("iq4_nl", 25, GgufTensorType.IQ4_NL),
        new("iq4_xs", 30, GgufTensorType.IQ4_XS),
        new("mxfp4_moe", 38, GgufTensorType.MXFP4),
        new("q3_k_l", 13, GgufTensorType.Q3_K),
        new("q3_k_m", 12, GgufTensorType.Q3_K),
        new("q3_k_s", 11, GgufTensorType.Q3_K),
        new("q2_k", 10, GgufTensorType.Q2_K),
    ];

    /// <param name="name">In any case; "q4_k" and its like mean "q4_k_m", as in llama.cpp.</param>
    /// <exception cref="NoosException">There is none of that name.</exception>
    public static QuantizationMix Parse(string name) =>
        All.FirstOrDefault(mix => mix.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? All.FirstOrDefault(mix => mix.Name.Equals($"{name}_m", StringComparison.OrdinalIgnoreCase))
        ?? throw new NoosException($"There is no quantization '{name}'; choose one of: {string.Join(", ", All.Select(mix => mix.Name))}.");

    /// <summary>The name of llama.cpp's number (<c>llama_ftype</c>); null if it is not in <see cref="All"/>.</summary>
    public static string? NameOf(long fileType) => All.FirstOrDefault(mix => mix.FileType == fileType)?.Name;
}
