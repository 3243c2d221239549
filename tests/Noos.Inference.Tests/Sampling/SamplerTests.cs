using Noos.Inference.Sampling;

namespace Noos.Inference.Tests.Sampling;

public sealed class SamplerTests
{
    // Probabilities 0.5, 0.25, 0.15, 0.1.
    static readonly float[] s_logits = [MathF.Log(0.15f), MathF.Log(0.5f), MathF.Log(0.1f), MathF.Log(0.25f)];

    [Fact]
    public void Greedy_takes_the_most_likely_token_and_the_smaller_of_equals()
    {
        var sampler = new Sampler(new SamplingOptions());

        Assert.Equal(1, sampler.Sample([.. s_logits]));
        Assert.Equal(0, sampler.Sample([2, 2, 1]));
    }

    [Fact]
    public void Draws_have_the_probabilities_of_the_logits()
    {
        var counts = Draw(new SamplingOptions { Temperature = 1, Seed = 1 }, 20_000);

        Assert.InRange(counts[1], 9_700, 10_300);
        Assert.InRange(counts[3], 4_700, 5_300);
        Assert.InRange(counts[0], 2_700, 3_300);
        Assert.InRange(counts[2], 1_750, 2_250);
    }

    [Fact]
    public void Low_temperature_sharpens()
    {
        var counts = Draw(new SamplingOptions { Temperature = 0.5f, Seed = 1 }, 20_000);

        // 0.25 / (0.25 + 0.0625 + 0.0225 + 0.01)
        Assert.InRange(counts[1], 14_100, 14_900);
    }

    [Theory]
    [InlineData(2, 1f, 0f, new[] { 1, 3 })]
    [InlineData(0, 0.7f, 0f, new[] { 1, 3 })]
    [InlineData(0, 0.5f, 0f, new[] { 1 })]
    [InlineData(0, 0f, 0f, new[] { 1 })]
    [InlineData(0, 1f, 0.25f, new[] { 0, 1, 3 })]
    [InlineData(2, 0.6f, 0f, new[] { 1 })] // 0.5 of the 0.75 that top-k left is two thirds
    [InlineData(9, 1f, 1f, new[] { 1 })]
    public void Filters_keep_only_the_likely_tokens(int topK, float topP, float minP, int[] kept)
    {
        var counts = Draw(new SamplingOptions { Temperature = 1, TopK = topK, TopP = topP, MinP = minP, Seed = 2 }, 2_000);

        Assert.Equal(kept, Enumerable.Range(0, 4).Where(token => counts[token] > 0));
    }

    [Theory]
    [InlineData(1f, new[] { 1 })]
    [InlineData(1.5f, new[] { 1, 3 })]
    [InlineData(2.5f, new[] { 0, 1, 3 })]
    public void Top_n_sigma_keeps_logits_near_the_largest(float count, int[] kept) =>
        // Mean -1.570, deviation 0.601.
        Assert.Equal(kept, Kept(new SamplingOptions { Temperature = 1, TopNSigma = count, Seed = 2 }));

    [Theory]
    [InlineData(0.2f, new[] { 3 })]
    [InlineData(0.5f, new[] { 1, 3 })]
    [InlineData(0.8f, new[] { 0, 1, 3 })]
    public void Typical_tokens_are_those_of_ordinary_surprise(float share, int[] kept) =>
        // Entropy 1.208; surprises 1.897, 0.693, 2.303, 1.386.
        Assert.Equal(kept, Kept(new SamplingOptions { Temperature = 1, TypicalP = share, Seed = 2 }));

    [Theory]
    [InlineData(0.2f, new[] { 0, 2, 3 })]
    [InlineData(0.12f, new[] { 0, 2 })]
    [InlineData(0.3f, new[] { 0, 1, 2, 3 })]
    [InlineData(0.6f, new[] { 0, 1, 2, 3 })]
    public void Top_choices_are_excluded_but_the_last_of_them(float threshold, int[] kept) =>
        Assert.Equal(kept, Kept(new SamplingOptions { Temperature = 1, XtcProbability = 1, XtcThreshold = threshold, Seed = 2 }));

    [Fact]
    public void Top_choices_are_excluded_as_often_as_asked()
    {
        var counts = Draw(new SamplingOptions { Temperature = 1, XtcProbability = 0.5f, XtcThreshold = 0.2f, Seed = 1 }, 20_000);

        Assert.InRange(counts[1], 4_700, 5_300);
    }

    [Theory]
    [InlineData(new[] { 1, 2, 3, 0, 1, 2 }, 3, 0.8f)]
    [InlineData(new[] { 1, 2, 3, 1, 2, 3, 1, 2 }, 3, 0.8f * 1.75f * 1.75f * 1.75f)]
    [InlineData(new[] { 1, 2, 3, 0, 2 }, 3, 0f)] // one token is no sequence
    [InlineData(new[] { 3, 3 }, 3, 0f)]
    [InlineData(new[] { 3, 3, 3 }, 3, 0.8f)] // sequences may overlap
    [InlineData(new[] { 1, 2 }, 3, 0f)]
    public void Sequences_are_penalized_by_their_length(int[] text, int token, float penalty)
    {
        var options = new SamplingOptions { SequencePenalty = new SequencePenalty() };
        Assert.Equal(10 - penalty, Penalized(options, text)[token], 1e-5f);
        Assert.All(Penalized(options, text).Where((_, index) => index != token), logit => Assert.Equal(10, logit));
    }

    [Fact]
    public void Sequences_end_at_breakers_and_at_the_window()
    {
        int[] text = [1, 0, 2, 3, 1, 0, 2];
        var penalty = new SequencePenalty();

        Assert.Equal(10 - (0.8f * 1.75f), Penalized(new SamplingOptions { SequencePenalty = penalty }, text)[3], 1e-5f);
        Assert.Equal(10, Penalized(new SamplingOptions { SequencePenalty = penalty }, text, endsSequence: token => token == 0)[3]);
        Assert.Equal(10, Penalized(new SamplingOptions { SequencePenalty = penalty with { Window = 4 } }, text)[3]);
        Assert.Equal(10 - 0.8f, Penalized(new SamplingOptions { SequencePenalty = penalty with { Window = 6 } }, text)[3], 1e-5f);
        Assert.Equal(10, Penalized(new SamplingOptions { SequencePenalty = penalty with { AllowedLength = 4 } }, text)[3]);
    }

    [Fact]
    public void Long_sequences_make_a_token_impossible_and_nothing_else()
    {
        int[] text = [.. Enumerable.Repeat(3, 5_000)];

        var logits = Penalized(new SamplingOptions { SequencePenalty = new SequencePenalty { Base = 100 } }, text);

        Assert.True(logits[3] < -1e30f && float.IsFinite(logits[3]));
    }

    [Fact]
    public void Seed_decides_the_tokens()
    {
        Assert.Equal(Sequence(5), Sequence(5));
        Assert.NotEqual(Sequence(5), Sequence(6));

        static int[] Sequence(ulong seed)
        {
            var sampler = new Sampler(new SamplingOptions { Temperature = 1, Seed = seed });
            return Enumerable.Range(0, 50).Select(_ => sampler.Sample([.. s_logits])).ToArray();
        }
    }

    [Fact]
    public void Repetition_penalty_moves_on_from_recent_tokens_and_forgets_old_ones()
    {
        var sampler = new Sampler(new SamplingOptions { RepetitionPenalty = 2 });
        sampler.Accept(1);

        Assert.Equal(0, sampler.Sample([3, 5, -1, -1]));

        for (var i = 0; i < 64; i++)
        {
            sampler.Accept(2);
        }

        Assert.Equal(1, sampler.Sample([3, 5, -1, -1]));
    }

    [Fact]
    public void Repetition_window_takes_in_the_prompt_and_can_be_all_or_nothing()
    {
        float[] logits = [3, 5, 4, -1];

        Assert.Equal(2, Choose(new SamplingOptions { RepetitionPenalty = 2, RepetitionWindow = 2 }, prompt: [0, 1, 3]));
        Assert.Equal(1, Choose(new SamplingOptions { RepetitionPenalty = 2, RepetitionWindow = 1 }, prompt: [0, 1, 3]));
        Assert.Equal(1, Choose(new SamplingOptions { RepetitionPenalty = 2, RepetitionWindow = 0 }, prompt: [0, 1, 3]));
        Assert.Equal(
            2, Choose(new SamplingOptions { RepetitionPenalty = 2, RepetitionWindow = -1 }, prompt: [1, .. Enumerable.Repeat(0, 1000)]));

        int Choose(SamplingOptions options, int[] prompt)
        {
            var sampler = new Sampler(options);
            sampler.AcceptPrompt(prompt);
            return sampler.Sample([.. logits]);
        }
    }

    [Fact]
    public void Frequency_counts_each_time_and_presence_once_and_prompts_not_at_all()
    {
        // After two of token 1 and one of token 0: OpenAI's formula by hand.
        float[] expected = [5 - 0.5f - 0.25f, 5 - 1 - 0.25f, 5, 5];
        var sampler = new Sampler(new SamplingOptions { FrequencyPenalty = 0.5f, PresencePenalty = 0.25f });
        sampler.AcceptPrompt([2, 2, 3]);
        sampler.Accept(1);
        sampler.Accept(0);
        sampler.Accept(1);
        float[] logits = [5, 5, 5, 5];

        Assert.Equal(2, sampler.Sample(logits));

        Assert.Equal(expected, logits);
    }

    [Fact]
    public void Logit_bias_is_added_and_never_frees_what_is_forbidden()
    {
        var sampler = new Sampler(new SamplingOptions { LogitBias = new Dictionary<int, float> { [0] = 100, [1] = -2, [3] = 1 } });
        float[] logits = [float.NegativeInfinity, 3, 1, 1];

        Assert.Equal(3, sampler.Sample(logits));

        Assert.Equal([float.NegativeInfinity, 1, 1, 2], logits);
    }

    [Fact]
    public void Seed_decides_the_tokens_with_penalties_and_bias_too()
    {
        var options = new SamplingOptions
        {
            Temperature = 1,
            Seed = 5,
            FrequencyPenalty = 0.3f,
            PresencePenalty = -0.2f,
            RepetitionPenalty = 1.2f,
            RepetitionWindow = 3,
            LogitBias = new Dictionary<int, float> { [2] = 0.5f },
        };

        var first = Sequence();

        Assert.Equal(first, Sequence());
        Assert.True(first.Distinct().Count() > 2);

        int[] Sequence()
        {
            var sampler = new Sampler(options);
            return [.. Enumerable.Range(0, 50).Select(_ =>
            {
                var token = sampler.Sample([.. s_logits]);
                sampler.Accept(token);
                return token;
            })];
        }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public void Forbidden_tokens_are_never_drawn(float temperature)
    {
        var sampler = new Sampler(new SamplingOptions { Temperature = temperature, Seed = 1 });

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(2, sampler.Sample([float.NegativeInfinity, float.NegativeInfinity, -50, float.NegativeInfinity]));
        }

        Assert.Throws<ArgumentException>(() => sampler.Sample([float.NegativeInfinity, float.NaN]));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions { Temperature = -1 }));
        Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions { Temperature = float.NaN }));
        Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions { TopP = 1.5f }));
        Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions { RepetitionPenalty = 0 }));
        Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions { RepetitionWindow = -2 }));
        Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions { FrequencyPenalty = float.NaN }));
        Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions { LogitBias = new Dictionary<int, float> { [-1] = 1 } }));
        Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions { TopLogProbabilities = 21 }));
        Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions { TopNSigma = -1 }));
        Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions { TypicalP = float.NaN }));
        Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions { XtcProbability = 2 }));
        Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions { SequencePenalty = new SequencePenalty { Base = 0.5f } }));
        Assert.Throws<ArgumentException>(() =>
            new Sampler(new SamplingOptions { SequencePenalty = new SequencePenalty { AllowedLength = 0 } }));
    }

    static float[] Penalized(SamplingOptions options, int[] text, Func<int, bool>? endsSequence = null)
    {
        var sampler = new Sampler(options, endsSequence);
        sampler.AcceptPrompt(text.AsSpan(0, text.Length / 2));
        foreach (var token in text.AsSpan(text.Length / 2))
        {
            sampler.Accept(token);
        }

        float[] logits = [10, 10, 10, 10];
        sampler.Sample(logits);
        return logits;
    }

    static IEnumerable<int> Kept(SamplingOptions options)
    {
        var counts = Draw(options, 2_000);
        return Enumerable.Range(0, counts.Length).Where(token => counts[token] > 0);
    }

    static int[] Draw(SamplingOptions options, int count)
    {
        var sampler = new Sampler(options);
        var counts = new int[s_logits.Length];
        for (var i = 0; i < count; i++)
        {
            counts[sampler.Sample([.. s_logits])]++;
        }

        return counts;
    }
}
