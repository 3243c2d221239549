using Noos.Inference.Tests.Golden;
using Noos.Inference.Tests.Support;
using Noos.Language.Gguf;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Inference.Tests.Transformer;

/// <summary>What holds for sequences of every family: pages are shared, cut and suspended without a bit of difference.</summary>
public sealed class FamilySequencesTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    [Theory]
    [MemberData(nameof(FamilyLogitsTests.Shapes), MemberType = typeof(FamilyLogitsTests))]
    public async Task Sequences_are_shared_cut_and_suspended_to_the_bit(string shape)
    {
        var path = _folder.File("model.gguf");
        RandomModelFile.Write(path, RandomModelShape.Known[shape], GgufTensorType.Q8_0);
        using var model = LanguageModel.Load(path, TestOptions.Default with { Threads = 2, PromptChunk = 32 });
        var tokens = Tokens(150, 7, model.Config.VocabularySize);
        float[] expected;
        using (var context = model.CreateContext())
        {
            expected = context.Append(tokens).ToArray();
        }

        using var sharing = model.CreateContext();
        Assert.Equal(expected, sharing.Append(tokens).ToArray());
        Assert.InRange(sharing.AdoptedTokens, 128, 149);

        // In the middle of a page, after other tokens at the same places.
        sharing.Truncate(77);
        sharing.Append(Tokens(40, 11, model.Config.VocabularySize));
        sharing.Truncate(77);
        Assert.Equal(expected, sharing.Append(tokens.AsSpan(77)).ToArray());

        sharing.Truncate(101);
        using var stream = new MemoryStream();
        await sharing.SuspendAsync(stream, TestContext.Current.CancellationToken);
        stream.Position = 0;
        using var restarted = LanguageModel.Load(path, TestOptions.Default with { Threads = 1, PromptChunk = 19 });
        using var resumed = await restarted.ResumeContextAsync(stream, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(expected, resumed.Append(tokens.AsSpan(101)).ToArray());
    }

    public void Dispose() => _folder.Dispose();

    static int[] Tokens(int count, int step, int vocabularySize) =>
        [.. Enumerable.Range(1, count).Select(i => i * i * step % vocabularySize)];
}
