using Noos.Core;
using Noos.Language.Gguf;

namespace Noos.Language.Architectures;

/// <summary>The families that the engine computes with; a new one is one file and one line here.</summary>
public static class KnownArchitectures
{
    static readonly Architecture[] s_all =
    [
        new Llama(), new Mistral3(), new Qwen2(), new Qwen3(), new Qwen3Moe(), new Gemma2(), new Gemma3(), new Phi3(), new GptOss(),
        new SmolLm3(), new Olmo2(), new Granite(), new GraniteMoe(), new Glm4(), new Ernie45(), new Exaone4(), new SeedOss(),
        new HunyuanDense(), new Lfm2(), new Glm4Moe(), new Ernie45Moe(), new HunyuanMoe(), new Lfm2Moe(),
    ];

    /// <summary>The family that a file names.</summary>
    /// <exception cref="NoosException">The model is of another family.</exception>
    public static Architecture Find(GgufFile file)
    {
        var name = file.GetString("general.architecture");
        return Array.Find(s_all, architecture => architecture.Name == name) ?? throw new NoosException(
            $"The model '{file.Path}' is of architecture '{name ?? "none"}', but Noos computes with "
            + $"{string.Join(", ", s_all.Select(architecture => architecture.Name))}; choose another model.");
    }
}
