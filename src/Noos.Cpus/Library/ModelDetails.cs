using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Cpus.Library;

/// <summary>What a model is, as its file says. Null stands for what it does not say.</summary>
/// <param name="Architecture">Such as "llama".</param>
/// <param name="Parameters">Number of values of all tensors.</param>
/// <param name="Bytes">Of all files.</param>
public sealed record ModelDetails(string Architecture, long Parameters, long Bytes)
{
    /// <summary>The name of the way it was quantized, such as "q4_k_m".</summary>
    public string? Quantization { get; init; }

    /// <summary>Prompt and answer together may have so many tokens.</summary>
    public long? ContextLength { get; init; }

    /// <summary>Numbers of a hidden state.</summary>
    public long? EmbeddingLength { get; init; }

    public long? BlockCount { get; init; }

    public long? HeadCount { get; init; }

    public long? KeyValueHeadCount { get; init; }

    /// <summary>How conversations are laid out, in Jinja.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>The name of its licence.</summary>
    public string? License { get; init; }

    /// <summary>When its file was last written.</summary>
    public DateTimeOffset Modified { get; init; }

    /// <summary>Reads the head of a file, which is as fast for a large model as for a small one.</summary>
    /// <exception cref="NoosException">It is not there, or no GGUF file.</exception>
    public static ModelDetails Read(string path)
    {
        using var file = GgufFile.Open(path);
        var model = ModelInspection.Read(file);
        return new ModelDetails(model.Architecture, model.ParameterCount, model.FileBytes)
        {
            Quantization = model.Quantization,
            ContextLength = model.ContextLength,
            EmbeddingLength = model.EmbeddingLength,
            BlockCount = model.BlockCount,
            HeadCount = model.HeadCount,
            KeyValueHeadCount = model.KeyValueHeadCount,
            ChatTemplate = file.GetString("tokenizer.chat_template"),
            License = file.GetString("general.license"),
            Modified = new DateTimeOffset(File.GetLastWriteTimeUtc(path)),
        };
    }
}
