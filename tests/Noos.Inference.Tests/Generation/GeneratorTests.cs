using System.Text.Json;
using Noos.Core;
using Noos.Inference.Constraints;
using Noos.Inference.Generation;
using Noos.Inference.Sampling;
using Noos.Inference.Tests.Support;
using Noos.Inference.ToolCalls;
using Noos.Language.Gguf;

namespace Noos.Inference.Tests.Generation;

public sealed class GeneratorTests : IDisposable
{
    static readonly int[] s_prompt = [0, 40, 50, 60, 70, 80];

    readonly RandomModel _file = new(RandomModel.TinyShape, GgufTensorType.F32);
    readonly LanguageModel _model;
    readonly InferenceContext _context;
    readonly Generator _generator = new();

    public GeneratorTests()
    {
        _model = _file.Load();
        _context = _model.CreateContext();
    }

    [Fact]
    public void Generation_ends_at_the_limit_and_repeats_exactly_from_a_warm_context()
    {
        var options = new SamplingOptions { Temperature = 1, Seed = 4, MaxTokens = 20 };

        var first = Run(_generator, _context, s_prompt, options, new NoSpecialTokens(_model));
        Assert.Equal(0, _generator.ReusedTokens);
        var second = Run(_generator, _context, s_prompt, options, new NoSpecialTokens(_model));

        Assert.Equal(20, first.Length);
        Assert.Equal(FinishReason.MaxTokens, _generator.FinishReason);
        Assert.Equal(20, _generator.GeneratedTokens);
        Assert.Equal(first, second);
        Assert.Equal(s_prompt.Length - 1, _generator.ReusedTokens);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 8)]
    [InlineData(0.05, 4)]
    [InlineData(1, 8)]
    public void Drafts_never_change_what_is_generated(float temperature, int draft)
    {
        // A random model soon repeats itself when it is greedy, and its prompt does.
        int[] prompt = [0, .. Enumerable.Repeat(new[] { 40, 50, 60, 70 }, 5).SelectMany(part => part)];
        var options = new SamplingOptions { Temperature = temperature, Seed = 11, MaxTokens = 60 };
        var expected = Run(_generator, _context, prompt, options, new NoSpecialTokens(_model));
        using var context = _model.CreateContext();

        var actual = Run(_generator, context, prompt, options with { DraftTokens = draft }, new NoSpecialTokens(_model));

        Assert.Equal(expected, actual);
        Assert.True(context.Tokens.SequenceEqual([.. prompt, .. expected[..^1]]));
        Assert.True(temperature > 0 || _generator.AcceptedDraftTokens > 0);
        Assert.InRange(_generator.AcceptedDraftTokens, 0, expected.Length - 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public void Scores_are_the_exact_log_softmax_of_the_raw_logits_and_change_no_token(int draft)
    {
        var options = new SamplingOptions
        {
            Temperature = 1.5f,
            Seed = 4,
            MaxTokens = 12,
            TopK = 30,
            FrequencyPenalty = 1,
            LogitBias = new Dictionary<int, float> { [44] = 2 },
            DraftTokens = draft,
        };
        var expected = Run(_generator, _context, s_prompt, options, new NoSpecialTokens(_model));
        Assert.Null(_generator.Scores);
        using var context = _model.CreateContext();
        var generated = new List<(int Token, TokenScores Scores)>();

        foreach (var token in _generator.Generate(
            context, s_prompt, options with { TopLogProbabilities = 5 }, new NoSpecialTokens(_model),
            TestContext.Current.CancellationToken))
        {
            generated.Add((token, _generator.Scores!));
        }

        Assert.Equal(expected, generated.Select(item => item.Token));
        using var plain = _model.CreateContext();
        var logits = plain.Append(s_prompt).ToArray();
        foreach (var (token, scores) in generated)
        {
            var total = Math.Log(logits.Sum(logit => Math.Exp(logit)));
            var best = Enumerable.Range(0, logits.Length).OrderByDescending(candidate => logits[candidate]).Take(5).ToArray();
            Assert.Equal(token, scores.Chosen.Token);
            Assert.Equal(best, scores.Top.Select(score => score.Token));
            Assert.All([scores.Chosen, .. scores.Top], score => Assert.Equal(logits[score.Token] - total, score.LogProbability, 1e-5));
            logits = plain.Append([token]).ToArray();
        }
    }

    [Fact]
    public void Drafts_never_change_what_a_grammar_lets_through()
    {
        var grammar = TextGrammar.ParseGbnf(_model.Tokenizer, "root ::= ([a-c] \"x\" \"y\" [0-9] \"z\")+");
        for (var seed = 0ul; seed < 5; seed++)
        {
            var options = new SamplingOptions { Temperature = 0.5f, Seed = seed, MaxTokens = 40, RepetitionPenalty = 1.3f };
            var expected = Run(_generator, _context, s_prompt, options, new GrammarConstraint(grammar));
            using var context = _model.CreateContext();

            Assert.Equal(expected, Run(_generator, context, s_prompt, options with { DraftTokens = 6 }, new GrammarConstraint(grammar)));
        }
    }

    [Fact]
    public void Seed_that_was_drawn_gives_the_same_tokens_again()
    {
        var options = new SamplingOptions { Temperature = 1, MaxTokens = 20 };
        var first = Run(_generator, _context, s_prompt, options, new NoSpecialTokens(_model));
        var seed = _generator.Seed;

        Assert.Equal(first, Run(_generator, _context, s_prompt, options with { Seed = seed }, new NoSpecialTokens(_model)));
        Assert.Equal(seed, _generator.Seed);
        Run(_generator, _context, s_prompt, options, new NoSpecialTokens(_model));
        Assert.NotEqual(seed, _generator.Seed);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65)]
    public void Draft_length_out_of_range_is_refused(int draft) => Assert.Contains(
        "draft tokens",
        Assert.Throws<ArgumentException>(() => _generator.Generate(
            _context, s_prompt, new SamplingOptions { DraftTokens = draft },
            cancellationToken: TestContext.Current.CancellationToken)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Forced_tokens_are_scored_too()
    {
        var tokenizer = _model.Tokenizer;
        var grammar = TextGrammar.ParseGbnf(tokenizer, "root ::= \"Once upon a time there was\" [a-c]");
        var options = new SamplingOptions { MaxTokens = 40, Temperature = 1, Seed = 1 };
        var expected = Run(_generator, _context, s_prompt, options, new GrammarConstraint(grammar));
        using var context = _model.CreateContext();
        var scored = new List<int>();

        foreach (var token in _generator.Generate(
            context, s_prompt, options with { TopLogProbabilities = 0 }, new GrammarConstraint(grammar),
            TestContext.Current.CancellationToken))
        {
            Assert.Empty(_generator.Scores!.Top);
            Assert.InRange(_generator.Scores.Chosen.LogProbability, -50, 0);
            scored.Add(token);
        }

        Assert.Equal(expected, scored);
    }

    [Fact]
    public void Logit_bias_beyond_the_vocabulary_is_refused()
    {
        var options = new SamplingOptions { LogitBias = new Dictionary<int, float> { [1_000_000] = 1 } };

        var refusal = Assert.Throws<NoosException>(() =>
            _generator.Generate(_context, s_prompt, options, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("1000000", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Next_turn_reuses_prompt_and_answer_of_the_last()
    {
        var options = new SamplingOptions { MaxTokens = 10 };
        var answer = Run(_generator, _context, s_prompt, options, new NoSpecialTokens(_model));
        int[] next = [.. s_prompt, .. answer, 33, 44, 55];

        var warm = Run(_generator, _context, next, options, new NoSpecialTokens(_model));
        // The answer's last token was never read.
        Assert.Equal(s_prompt.Length + answer.Length - 1, _generator.ReusedTokens);
        using var fresh = _model.CreateContext();
        var cold = Run(new Generator(), fresh, next, options, new NoSpecialTokens(_model));

        Assert.Equal(cold, warm);
    }

    [Theory]
    [InlineData("<|im_end|>")]
    [InlineData("<|endoftext|>")]
    public void Generation_stops_before_the_token_that_ends_it(string name)
    {
        Assert.True(_model.Tokenizer.TryGetSpecial(name, out var end));
        var script = new Script([100, 101, end, 102]);

        var tokens = Run(_generator, _context, s_prompt, new SamplingOptions(), script);

        Assert.Equal([100, 101], tokens);
        Assert.Equal(FinishReason.Stop, _generator.FinishReason);
    }

    [Fact]
    public void Generation_stops_when_the_constraint_is_complete()
    {
        var tokens = Run(_generator, _context, s_prompt, new SamplingOptions(), new Script([100, 101]));

        Assert.Equal([100, 101], tokens);
        Assert.Equal(FinishReason.Complete, _generator.FinishReason);
    }

    [Fact]
    public void Required_call_of_a_random_model_is_a_call_and_forced_tokens_are_read_like_others()
    {
        Assert.True(_model.Tokenizer.TryGetSpecial("<tool_call>", out var start));
        Assert.True(_model.Tokenizer.TryGetSpecial("</tool_call>", out var end));
        using var schema = JsonDocument.Parse(
            """{"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "maxLength": 4}}}""");
        var grammar = new ToolCallGrammar(_model.Tokenizer, [new ToolSignature("calculator", schema.RootElement)]);
        for (var seed = 0ul; seed < 20; seed++)
        {
            var options = new SamplingOptions { Temperature = 1, Seed = seed, MaxTokens = 80 };
            var tokens = Run(_generator, _context, s_prompt, options, new ToolCallConstraint(grammar, ToolChoice.Required)).ToList();

            Assert.Equal(start, tokens[0]);
            using var call = JsonDocument.Parse(_model.Tokenizer.DecodeText([.. tokens[1..tokens.IndexOf(end)]]));
            Assert.InRange(call.RootElement.GetProperty("arguments").GetProperty("a").GetString()!.EnumerateRunes().Count(), 0, 4);
            int[] all = [.. s_prompt, .. tokens];
            Assert.Equal(all.AsSpan(0, _context.Length), _context.Tokens);
        }
    }

    [Fact]
    public void Generation_stops_when_the_context_is_full()
    {
        using var small = _model.CreateContext(10);

        var tokens = Run(_generator, small, s_prompt, new SamplingOptions(), new NoSpecialTokens(_model));

        // Four more tokens are read after the prompt's six; the fifth needs no reading.
        Assert.Equal(5, tokens.Length);
        Assert.Equal(FinishReason.ContextFull, _generator.FinishReason);
    }

    [Fact]
    public void Prompt_that_leaves_no_room_is_refused_in_words()
    {
        using var small = _model.CreateContext(s_prompt.Length);

        var e = Assert.Throws<NoosException>(() => Run(_generator, small, s_prompt, new SamplingOptions(), null));

        Assert.Contains("6 tokens", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancellation_leaves_the_context_usable()
    {
        using var source = new CancellationTokenSource();
        var tokens = new List<int>();
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var token in _generator.Generate(_context, s_prompt, new SamplingOptions(), new NoSpecialTokens(_model), source.Token))
            {
                tokens.Add(token);
                if (tokens.Count == 3)
                {
                    source.Cancel();
                }
            }
        });

        var again = _generator.Generate(
            _context, s_prompt, new SamplingOptions { MaxTokens = 3 }, new NoSpecialTokens(_model), CancellationToken.None);

        Assert.Equal(tokens, again);
    }

    public void Dispose()
    {
        _context.Dispose();
        _model.Dispose();
        _file.Dispose();
    }

    static int[] Run(Generator generator, InferenceContext context, int[] prompt, SamplingOptions options, ITokenConstraint? constraint) =>
        [.. generator.Generate(context, prompt, options, constraint, TestContext.Current.CancellationToken)];

    sealed class Script(int[] tokens) : ITokenConstraint
    {
        int _position;

        public bool IsComplete => _position == tokens.Length;

        public void Accept(int token) => _position++;

        public void Mask(Span<float> logits)
        {
            logits.Fill(float.NegativeInfinity);
            logits[tokens[_position]] = 1;
        }
    }
}
