using Noos.Inference;
using Noos.Inference.KeyValues;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Language.Tokenization;
using Noos.Testing;
using Noos.Training.Model;
using static TorchSharp.torch;

namespace Noos.Cli.Tests;

/// <summary>The two halves meet in a file: what the trainer computes, the engine must compute.</summary>
public sealed class EngineAgainstTrainerTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Engine_logits_equal_the_trainers_at_f32()
    {
        var tokenizer = BpeTrainer.Train(
            [System.Text.Encoding.UTF8.GetBytes("some words to make a small vocabulary of, some words again and again")], 300);
        using var parameters = new Parameters(
            new TransformerConfig
            {
                VocabularySize = tokenizer.VocabularySize,
                EmbeddingLength = 64,
                BlockCount = 3,
                FeedForwardLength = 96,
                HeadCount = 4,
                KeyValueHeadCount = 2,
                HeadLength = 16,
                ContextLength = 64,
            });
        parameters.Initialize(1);
        manual_seed(4);
        using (no_grad())
        {
            using var noise = randn(parameters.Layout.Length) * 0.1;
            parameters.Values.add_(noise);
        }

        var path = _folder.File("model.gguf");
        ModelFile.Write(path, parameters.Config, tokenizer, parameters.ToArray, GgufTensorType.F32, new ModelInfo("test"));
        using var model = LanguageModel.Load(path, new InferenceOptions { KeyValueType = KeyValueType.F32 });
        using var context = model.CreateContext();
        using var gradients = zeros(parameters.Layout.Length);
        using var trainer = new AutogradTransformer(parameters, gradients);
        var random = new Random(6);
        var tokens = Enumerable.Range(0, 60).Select(_ => random.Next(tokenizer.VocabularySize)).ToArray();

        using var expected = trainer.Logits(tokens).detach();
        for (var position = 0; position < tokens.Length; position++)
        {
            using var row = expected[position];
            var actual = context.Append([tokens[position]]).ToArray();
            Assert.All(row.data<float>().Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
        }
    }
}
