using System.Runtime.InteropServices;
using Noos.Inference.KeyValues;
using Noos.Inference.Tests.Support;
using Noos.Language.Gguf;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Inference.Tests.Golden;

/// <summary>
/// Logits of small models with random weights, of every family that llama.cpp knows as we do, against those that llama.cpp computed
/// (<see cref="LlamaCpp"/>; LLamaSharp.Backend.Cpu 0.30.0): recorded in Golden/Families, three positions with weights of 32 bits and one
/// with Q8_0. With the library at hand they are computed anew, and recorded where NOOS_RECORD is set.
/// </summary>
public sealed class FamilyLogitsTests : IDisposable
{
    const int Length = 100;

    // Within and behind the windows and the context before YaRN.
    static readonly int[] s_positions = [5, 50, Length - 1];

    readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Shapes =>
    [
        "tiny-smollm3", "tiny-olmo2", "tiny-olmo3", "tiny-granite", "tiny-granite-nope", "tiny-granitemoe", "tiny-glm4", "tiny-ernie4_5",
        "tiny-seed_oss", "tiny-exaone4", "tiny-exaone4-windows", "tiny-hunyuan-dense", "tiny-mistral3", "tiny-gemma2", "tiny-lfm2",
        "tiny-glm4moe", "tiny-ernie4_5-moe", "tiny-hunyuan-moe", "tiny-lfm2moe",
    ];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Logits_agree_with_those_that_llama_cpp_computed(string shape)
    {
        var recorded = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(PathOf(shape)));
        var width = RandomModelShape.Known[shape].VocabularySize;
        Assert.Equal(width * (s_positions.Length + 1), recorded.Length);

        Compare(shape, [.. s_positions, Length - 1], [.. recorded.ToArray().Chunk(width)]);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Logits_agree_with_llama_cpp(string shape)
    {
        Assert.SkipWhen(LlamaCpp.Missing is not null, LlamaCpp.Missing ?? "");
        var library = LlamaCpp.Load();
        var tokens = Tokens(RandomModelShape.Known[shape].VocabularySize);
        var exact = library.Logits(Write(shape, GgufTensorType.F32), tokens);
        var quantized = library.Logits(Write(shape, GgufTensorType.Q8_0), tokens);
        if (Environment.GetEnvironmentVariable("NOOS_RECORD") is { Length: > 0 })
        {
            float[] all = [.. s_positions.SelectMany(position => exact[position]), .. quantized[^1]];
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(shape))!);
            File.WriteAllBytes(PathOf(shape), MemoryMarshal.AsBytes<float>(all).ToArray());
        }

        Compare(shape, [.. Enumerable.Range(0, Length), Length - 1], [.. exact, quantized[^1]]);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>All rows but the last are of 32-bit weights, the last is of Q8_0.</summary>
    void Compare(string shape, int[] positions, float[][] expected)
    {
        var exact = Logits(shape, GgufTensorType.F32);
        for (var i = 0; i < positions.Length - 1; i++)
        {
            var cosine = Cosine(expected[i], exact[positions[i]]);
            Assert.True(cosine > 0.99999, $"The cosine at position {positions[i]} is {cosine}.");
        }

        var quantized = Cosine(expected[^1], Logits(shape, GgufTensorType.Q8_0)[positions[^1]]);
        Assert.True(quantized > 0.999, $"The cosine with Q8_0 is {quantized}.");
    }

    /// <summary>Our logits after each token, the text read in one go as far as positions are not asked for one by one.</summary>
    float[][] Logits(string shape, GgufTensorType type)
    {
        using var model = LanguageModel.Load(
            Write(shape, type), TestOptions.Default with { Threads = 2, KeyValueType = KeyValueType.F32 });
        using var context = model.CreateContext();
        return Array.ConvertAll(Tokens(model.Config.VocabularySize), token => context.Append([token]).ToArray());
    }

    string Write(string shape, GgufTensorType type)
    {
        var path = _folder.File($"{shape}-{type}.gguf");
        if (!File.Exists(path))
        {
            RandomModelFile.Write(path, RandomModelShape.Known[shape], type);
        }

        return path;
    }

    static string PathOf(string shape) =>
        Path.Combine(Path.GetDirectoryName(GoldenFiles.Find("random-f32.gguf"))!, "Families", $"{shape}.logits");

    static int[] Tokens(int vocabularySize) => [.. Enumerable.Range(0, Length).Select(i => (i * 37) % vocabularySize)];

    static double Cosine(float[] left, float[] right)
    {
        var product = left.Zip(right, (a, b) => (double)a * b).Sum();
        return product / Math.Sqrt(left.Sum(a => (double)a * a) * right.Sum(b => (double)b * b));
    }
}
