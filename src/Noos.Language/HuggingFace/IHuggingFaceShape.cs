using Noos.Language.Gguf;

namespace Noos.Language.HuggingFace;

/// <summary>The shape of a model in <c>config.json</c>: what its GGUF file says, and which tensors it has.</summary>
interface IHuggingFaceShape
{
    /// <summary>The name in GGUF.</summary>
    string Architecture { get; }

    int BlockCount { get; }

    int VocabularySize { get; }

    /// <summary>Query heads that share a key-value head.</summary>
    int HeadsPerKeyValueHead { get; }

    /// <summary>Adds the metadata under the architecture's name.</summary>
    void AddTo(GgufWriter writer);

    /// <summary>What the rotary frequencies are divided by, half a head of them; null for nothing.</summary>
    float[]? RopeFactors();

    /// <summary>The matrices and vectors of the model with their names in GGUF and at Hugging Face, their sizes in GGUF order.</summary>
    /// <param name="isThere">The folder has a tensor of this name.</param>
    IEnumerable<HuggingFaceTensor> Tensors(Func<string, bool> isThere);
}
