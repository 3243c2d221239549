using System.Text;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Language.Tokenization;

namespace Noos.Testing;

/// <summary>A model file of a few kilobytes with random weights: it talks nonsense, but everything around it is real.</summary>
public sealed class TinyModel : IDisposable
{
    public const int ContextLength = 256;

    readonly TemporaryFolder _folder = new();

    /// <param name="contextLength">The size of its window.</param>
    public TinyModel(int contextLength = ContextLength)
    {
        var text = Encoding.UTF8.GetBytes(
            "Hello there. Once upon a time there was a fox. {\"name\": \"calculator\", \"arguments\": {\"expression\": \"48*37+5\"}}");
        var tokenizer = BpeTrainer.Train([text, text], 320);
        var config = new TransformerConfig
        {
            VocabularySize = tokenizer.VocabularySize,
            ContextLength = contextLength,
            EmbeddingLength = 32,
            BlockCount = 2,
            FeedForwardLength = 64,
            HeadCount = 2,
            KeyValueHeadCount = 1,
            HeadLength = 16,
        };
        var sizes = ModelFile.Tensors(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Dimensions, StringComparer.Ordinal);
        var random = new Random(11);
        Path = _folder.File("Tiny.gguf");
        ModelFile.Write(
            Path,
            config,
            tokenizer,
            name => [.. Enumerable.Range(0, (int)sizes[name].Aggregate((product, next) => product * next))
                .Select(_ => sizes[name].Count == 1 ? 1f : (float)((random.NextDouble() - 0.5) * 1.2))],
            GgufTensorType.F32,
            new ModelInfo("Tiny") { ChatTemplate = ChatFormat.JinjaTemplate });
    }

    public string Path { get; }

    public void Dispose() => _folder.Dispose();
}
