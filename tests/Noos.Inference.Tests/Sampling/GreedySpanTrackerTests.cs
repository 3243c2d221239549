using System.Text.Json;
using Noos.Inference.Sampling;
using Noos.Inference.Tests.Support;
using Noos.Inference.ToolCalls;
using Noos.Language.Tokenization;

namespace Noos.Inference.Tests.Sampling;

public sealed class GreedySpanTrackerTests
{
    static readonly Tokenizer s_tokenizer = Vocabulary.Small;

    [Theory]
    [InlineData("He said \"hello", true)]
    [InlineData("He said \"hello\" ", false)]
    [InlineData("\u201CNo", true)]
    [InlineData("\u201CNo\u201D ", false)]
    [InlineData("\u00ABNon", true)]
    [InlineData("\u201EJa\u201C ", false)]
    [InlineData("{\"name\": \"a", true)]
    [InlineData("{\"name\": ", false)]
    [InlineData("\"a \\\"b\\\" c", true)]
    [InlineData("\"a \\\\\" c", false)]
    [InlineData("don't, it's the dogs' ", false)]
    [InlineData("\u2018don\u2019t ", false)]
    [InlineData("a pipe of 5\" and ", false)]
    [InlineData("a wor\"d ", false)]
    [InlineData("never closed: \"a\n", false)]
    [InlineData("It is 12", true)]
    [InlineData("It is 12 ", false)]
    [InlineData("A ", false)]
    [InlineData("", false)]
    public void Quoted_spans_and_numbers_are_inside(string text, bool isInside) =>
        Assert.Equal(isInside, After(text).IsInside);

    [Fact]
    public void First_tokens_are_inside_whatever_they_are()
    {
        var tracker = new GreedySpanTracker(s_tokenizer);
        var inside = 0;
        for (; inside < 1000 && tracker.IsInside; inside++)
        {
            tracker.Accept(Token(" "));
        }

        Assert.Equal(5, inside);
    }

    [Fact]
    public void Quote_that_is_never_closed_is_drawn_after_a_while()
    {
        var tracker = After("\"");
        var inside = 0;
        for (; inside < 1000 && tracker.IsInside; inside++)
        {
            tracker.Accept(Token("x"));
        }

        Assert.InRange(inside, 20, 64);
    }

    [Fact]
    public void Number_begins_where_the_most_likely_token_has_a_digit()
    {
        var tracker = After("It is ");

        Assert.True(tracker.Begins(Token("7")));
        Assert.False(tracker.Begins(Token("x")));
    }

    [Theory]
    [InlineData("wat", "e", true)]
    [InlineData("wat", " ", false)]
    [InlineData("water ", "e", false)]
    [InlineData("\u732B", "e", false)]
    public void Words_are_spelled_greedily(string text, string next, bool continues) =>
        Assert.Equal(continues, After(text).ContinuesWord(Token(next)));

    [Fact]
    public void Call_is_inside_from_its_mark_to_its_end()
    {
        var constraint = new ToolCallConstraint(
            s_tokenizer, [new ToolSignature("clock", JsonElement.Parse("""{"type": "object", "properties": {}}"""))]);
        var tracker = PastOpening(() => constraint.IsInCall);
        var inside = new List<bool>();
        foreach (var token in s_tokenizer.Encode(
            "A  <tool_call>\n{\"name\": \"clock\", \"arguments\": {}}\n</tool_call> B", parseSpecial: true))
        {
            constraint.Accept(token);
            tracker.Accept(token);
            inside.Add(tracker.IsInside);
        }

        // Outside before, inside without a gap, outside after.
        Assert.Equal(2, inside.Zip(inside.Skip(1)).Count(pair => pair.First != pair.Second));
        Assert.Equal((false, true, false), (inside[0], inside[inside.Count / 2], inside[^1]));
    }

    [Fact]
    public void Sampler_draws_prose_and_takes_the_likeliest_digit()
    {
        var (digit, other, word) = (Token("7"), Token("9"), Token(" "));

        Assert.Single(Drawn("A ", (digit, 1), (other, 0.9f)));
        Assert.Single(Drawn("1", (digit, 1), (other, 0.9f)));
        Assert.Equal(2, Drawn("A ", (word, 1), (Token("x"), 0.9f)).Count);
        // A call begins only where it would greedily.
        s_tokenizer.TryGetSpecial("<tool_call>", out var call);
        Assert.Equal([word], Drawn("A ", (word, 1), (call, 0.9f)));
        Assert.Equal([call], Drawn("A ", (word, 0.9f), (call, 1)));
    }

    static HashSet<int> Drawn(string text, params (int Token, float Logit)[] choices)
    {
        var drawn = new HashSet<int>();
        for (var seed = 0ul; seed < 60; seed++)
        {
            var sampler = new Sampler(new SamplingOptions { Temperature = 1, Seed = seed }, endsSequence: null, After(text));
            var logits = new float[s_tokenizer.VocabularySize];
            Array.Fill(logits, float.NegativeInfinity);
            foreach (var (token, logit) in choices)
            {
                logits[token] = logit;
            }

            drawn.Add(sampler.Sample(logits));
        }

        return drawn;
    }

    static int Token(string text) => s_tokenizer.Encode(text).Single();

    /// <summary>A tracker that has read the text, and some blanks before it, so that its beginning is no opening.</summary>
    static GreedySpanTracker After(string text)
    {
        var tracker = PastOpening(null);
        foreach (var token in s_tokenizer.Encode(text))
        {
            tracker.Accept(token);
        }

        return tracker;
    }

    static GreedySpanTracker PastOpening(Func<bool>? isInCall)
    {
        var tracker = new GreedySpanTracker(s_tokenizer, isInCall);
        for (var count = 0; count < 8; count++)
        {
            tracker.Accept(Token(" "));
        }

        return tracker;
    }
}
