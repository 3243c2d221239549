using Noos.Language.Architectures;

namespace Noos.Language.Tests.Architectures;

public sealed class DecoderConfigTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void Attention_meets_every_position_that_the_windows_reach(int tokens)
    {
        var config = new DecoderConfig
        {
            Architecture = "gemma3",
            VocabularySize = 10,
            ContextLength = 100,
            EmbeddingLength = 8,
            BlockCount = 6,
            FeedForwardLength = 16,
            HeadCount = 4,
            KeyValueHeadCount = 1,
            HeadLength = 32,
            NormEpsilon = 1e-6f,
            AttentionScale = 1,
            SlidingWindow = 10,
            SlidingWindowPattern = 3,
        };

        var met = 0;
        for (var token = 1; token <= tokens; token++)
        {
            // Four of six blocks see ten positions.
            met += (4 * Math.Min(token, 10)) + (2 * token);
        }

        Assert.Equal(4.0 * 4 * 32 * met, config.AttentionOperations(tokens));
    }
}
