using Noos.Core;
using Noos.Inference;
using Noos.Inference.Encoders;
using Noos.Inference.Estimates;
using Noos.Inference.KeyValues;
using Noos.Language.Architectures;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Cpus.Library;

/// <summary>What a model is, and what running it takes of this machine: what <c>noos inspect</c> says, in short.</summary>
/// <param name="Parameters">Number of values of all tensors.</param>
/// <param name="Bytes">Of all its files.</param>
/// <param name="MemoryBytes">Weights, with keys and values of the context that is planned for.</param>
/// <param name="Fits">This machine has as much.</param>
/// <param name="TokensPerSecond">How fast it can write at most, at the beginning.</param>
/// <param name="PromptTokensPerSecond">How fast it can read at most, at the beginning.</param>
public sealed record ModelReport(
    long Parameters, long Bytes, long MemoryBytes, bool Fits, double TokensPerSecond, double PromptTokensPerSecond)
{
    // As the engine keeps them unless told otherwise.
    const KeyValueType CacheType = KeyValueType.F16;

    /// <summary>The name of its licence; null where its file does not say.</summary>
    public string? License { get; init; }

    /// <summary>The name of the way it was quantized, such as "q4_k_m".</summary>
    public string? Quantization { get; init; }

    /// <summary>Prompt and answer together may have so many tokens.</summary>
    public long? ContextLength { get; init; }

    /// <summary>Why it cannot be run here; null where it can.</summary>
    public string? Obstacle { get; init; }

    /// <summary>Reads the head of a file.</summary>
    /// <param name="path">Of a split model its first file.</param>
    /// <param name="speed">What the cores of this machine can do.</param>
    /// <exception cref="NoosException">It is not there, or no GGUF file.</exception>
    public static ModelReport Read(string path, MachineSpeed speed)
    {
        using var file = GgufFile.Open(path);
        var model = ModelInspection.Read(file);
        if (EncoderModel.IsEncoder(file))
        {
            // It keeps nothing of what it has read, and writes nothing.
            return From(model with { CacheValuesPerToken = 0, ActiveParameterCount = 0 }, config: null, speed) with
            {
                License = file.GetString("general.license"),
            };
        }

        DecoderConfig? config = null;
        string? obstacle = null;
        try
        {
            config = LanguageModel.ReadConfig(file);
        }
        catch (NoosException e)
        {
            obstacle = e.Message;
        }

        return From(model, config, speed) with { License = file.GetString("general.license"), Obstacle = obstacle };
    }

    /// <summary>The same of a model that is not here yet.</summary>
    public static ModelReport Estimate(CatalogModel model, MachineSpeed speed)
    {
        ArgumentNullException.ThrowIfNull(model);
        var active = (long)((double)model.Bytes * model.ActiveParameters / model.Parameters);
        var report = From(
            new ModelInspection
            {
                Path = model.Reference,
                Architecture = "unknown",
                Files = 1,
                FileBytes = model.Bytes,
                GgufVersion = 3,
                ParameterCount = model.Parameters,
                ActiveParameterCount = model.ActiveParameters,
                WeightBytes = model.Bytes,
                ActiveWeightBytes = active,
                Types = [],
                ContextLength = model.ContextLength,
                BlockCount = model.BlockCount,
                EmbeddingLength = model.EmbeddingLength,
                KeyValueHeadCount = model.KeyValueHeadCount,
                CacheValuesPerToken = 2L * model.BlockCount * model.KeyValueHeadCount * model.HeadLength,
                HasChatTemplate = true,
            },
            config: null, speed);
        return report with { License = model.License };
    }

    static ModelReport From(ModelInspection model, DecoderConfig? config, MachineSpeed speed)
    {
        var fit = MachineFit.Estimate(model, config, context: null, CacheType, speed);
        return new ModelReport(
            model.ParameterCount, model.FileBytes, fit.MemoryBytes, fit.Fits, fit.DecodeTokensPerSecond, fit.PromptTokensPerSecond)
        {
            Quantization = model.Quantization,
            ContextLength = model.ContextLength,
        };
    }
}
