using System.Runtime.InteropServices;
using Noos.Inference.KeyValues;
using Noos.Inference.Tests.Support;

namespace Noos.Inference.Tests.Golden;

/// <summary>
/// Logits that llama.cpp v0.5.0 computed for two small models with random weights (2 blocks, width 32, 4 query and 2 key-value heads of
/// 16), files that our exporter wrote: row after row, one row a position, 32-bit floats. Computed on one x86 thread, without flash
/// attention, with a cache of 32-bit floats. They show on any machine that the engine and llama.cpp agree on what a file means.
/// </summary>
public sealed class GoldenLogitsTests
{
    // <|endoftext|><|im_start|>user\nWhere are the little birds?<|im_end|>\n<|im_start|>assi
    static readonly int[] s_tokens =
    [
        0, 1, 149, 147, 301, 42, 119, 288, 297, 291, 297, 290, 299, 148, 148, 140, 133, 64, 130, 303, 296, 95, 2, 42, 1, 129, 147, 147, 137,
        147, 148, 129,
    ];

    // With full-precision weights only the order of additions differs. With Q8_0 weights llama.cpp also rounds the activations to eight
    // bits, which moves its logits (of a spread of 4) by 0.65 at most and 0.09 on average from the exact ones.
    [Theory]
    [InlineData("random-f32", 1e-4, 1e-5)]
    [InlineData("random-q8_0", 1.0, 0.15)]
    public void Logits_of_every_position_agree_with_llama_cpp(string name, double largest, double average)
    {
        using var model = LanguageModel.Load(
            GoldenFiles.Find($"{name}.gguf"), TestOptions.Default with { KeyValueType = KeyValueType.F32 });
        using var context = model.CreateContext();
        var expected = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(GoldenFiles.Find($"{name}.logits"))).ToArray();
        Assert.Equal(s_tokens.Length * model.Config.VocabularySize, expected.Length);

        var actual = new List<float>();
        foreach (var token in s_tokens)
        {
            actual.AddRange(context.Append([token]));
        }

        var differences = actual.Zip(expected, (ours, theirs) => Math.Abs((double)ours - theirs)).ToArray();
        Assert.InRange(differences.Max(), 0, largest);
        Assert.InRange(differences.Average(), 0, average);
    }
}
