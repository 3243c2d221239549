using System.Text.Json;
using Noos.Language.Gguf;

namespace Noos.Language.HuggingFace;

/// <summary>The sampling settings that a model's makers advise: <c>generation_config.json</c>, which not every folder has.</summary>
sealed class GenerationConfig(JsonFile? file)
{
    /// <summary>Puts the advice under the keys of llama.cpp's converter.</summary>
    public void AddTo(GgufWriter writer)
    {
        AddNumber(writer, "temperature", "temp");
        AddCount(writer, "top_k", "top_k");
        AddNumber(writer, "top_p", "top_p");
        AddNumber(writer, "min_p", "min_p");
        AddNumber(writer, "repetition_penalty", "penalty_repeat");
    }

    void AddNumber(GgufWriter writer, string name, string key)
    {
        if (file is not null && JsonFile.Number(file.Root, name) is { } number && double.IsFinite(number))
        {
            writer.Add("general.sampling." + key, (float)number);
        }
    }

    void AddCount(GgufWriter writer, string name, string key)
    {
        if (file?.Find(name, JsonValueKind.Number) is { } value && value.TryGetInt32(out var count))
        {
            writer.Add("general.sampling." + key, count);
        }
    }
}
