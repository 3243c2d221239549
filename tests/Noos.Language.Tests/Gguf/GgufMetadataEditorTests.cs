using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Language.Tests.Tokenization;
using Noos.Testing;

namespace Noos.Language.Tests.Gguf;

public sealed class GgufMetadataEditorTests : IDisposable
{
    static readonly SamplingAdvice s_advice = new() { Temperature = 0.7f, TopK = 40, TopP = 0.9f, MinP = 0.05f };

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Advice_added_later_gives_the_file_that_was_made_with_it()
    {
        var (plain, advised, edited) = (_folder.File("plain.gguf"), _folder.File("advised.gguf"), _folder.File("edited.gguf"));
        Write(plain, new ModelInfo("Test"));
        Write(advised, new ModelInfo("Test") { Sampling = s_advice });

        GgufMetadataEditor.Rewrite(plain, edited, [.. s_advice.ToMetadata()]);

        Assert.Equal(File.ReadAllBytes(advised), File.ReadAllBytes(edited));
    }

    [Fact]
    public void Values_are_changed_in_their_place_and_taken_out()
    {
        var (input, output) = (_folder.File("in.gguf"), _folder.File("out.gguf"));
        Write(input, new ModelInfo("Test") { Sampling = s_advice });

        GgufMetadataEditor.Rewrite(input, output, [("general.name", "Other"), (SamplingAdvice.Key("top_k"), null)]);

        using var before = GgufFile.Open(input);
        using var after = GgufFile.Open(output);
        Assert.Equal("Other", after.GetString("general.name"));
        Assert.Equal(before.Metadata.Keys.Where(key => key != SamplingAdvice.Key("top_k")), after.Metadata.Keys);
        foreach (var (old, copy) in before.Tensors.Zip(after.Tensors))
        {
            Assert.Equal((old.Name, old.Type), (copy.Name, copy.Type));
            Assert.Equal(before.Data(old), after.Data(copy));
        }
    }

    [Fact]
    public void A_file_is_not_written_over_itself()
    {
        var path = _folder.File("same.gguf");
        Write(path, new ModelInfo("Test"));

        Assert.Throws<NoosException>(() => GgufMetadataEditor.Rewrite(path, path, []));
    }

    static void Write(string path, ModelInfo info)
    {
        var config = new TransformerConfig
        {
            VocabularySize = SampleTokenizer.Instance.VocabularySize,
            ContextLength = 48,
            EmbeddingLength = 32,
            BlockCount = 1,
            FeedForwardLength = 64,
            HeadCount = 2,
            KeyValueHeadCount = 1,
            HeadLength = 16,
        };
        var sizes = ModelFile.Tensors(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Dimensions, StringComparer.Ordinal);
        ModelFile.Write(
            path,
            config,
            SampleTokenizer.Instance,
            name => [.. Enumerable.Range(0, (int)sizes[name].Aggregate((product, next) => product * next))
                .Select(value => MathF.Sin(value))],
            GgufTensorType.Q8_0,
            info);
    }
}
