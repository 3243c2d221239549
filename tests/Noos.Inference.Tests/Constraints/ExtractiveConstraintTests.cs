using System.Text;
using Noos.Core;
using Noos.Inference.Constraints.Extraction;
using Noos.Inference.Sampling;
using Noos.Inference.Tests.Support;

namespace Noos.Inference.Tests.Constraints;

public sealed class ExtractiveConstraintTests
{
    const string Refusal = "The text does not say.";

    static readonly string[] s_passages =
    [
        "The cat number 7 sat on the mat. It cost $3.50, or 20% less than 1,234 Euros at 12:30.",
        "In Zürich, Ada Löwe didn't come (she was ill); -5 degrees. \u6771\u4eac\u30bf\u30ef\u30fc \U0001F600 end",
        "The text is short",
    ];

    [Fact]
    public void What_a_model_that_has_learnt_nothing_writes_is_a_whole_span_or_the_refusal()
    {
        var text = Compile(s_passages);
        var random = new Random(1);
        var answers = Enumerable.Range(0, 400).Select(_ => Write(text, random)).ToHashSet(StringComparer.Ordinal);

        Assert.All(answers, answer => Assert.True(
            answer == Refusal || s_passages.Any(passage => IsSpan(passage, answer)), $"'{answer}' was invented"));
        Assert.InRange(answers.Count, 50, 400);
    }

    [Theory]
    [InlineData("cat number 7", true)]
    [InlineData("The cat", true)]
    [InlineData("$3.50", true)]
    [InlineData("3.50", true)]
    [InlineData("20%", true)]
    [InlineData("-5 degrees", true)]
    [InlineData("Zürich", true)]
    [InlineData("didn't", true)]
    [InlineData("12:30.", true)]
    [InlineData("\u4eac", true)]
    [InlineData("\U0001F600 end", true)]
    [InlineData("The text", true)]
    [InlineData(Refusal, true)]
    [InlineData("The text does", false)]
    [InlineData("ca", false)]
    [InlineData("at", true)]
    [InlineData("um", false)]
    [InlineData("3", false)]
    [InlineData("50", false)]
    [InlineData("20", false)]
    [InlineData("5 degrees", false)]
    [InlineData("1,23", false)]
    [InlineData("didn", false)]
    [InlineData("12", false)]
    [InlineData("Zurich", false)]
    [InlineData("short the", false)]
    [InlineData("mat. ", false)]
    [InlineData("", false)]
    public void Only_spans_between_borders_of_words_can_be_answered(string answer, bool isAllowed) =>
        Assert.Equal(isAllowed, Allows(Compile(s_passages), answer));

    [Fact]
    public void Without_passages_only_the_refusal_can_be_answered()
    {
        foreach (var passages in new string[][] { [], [""], [" \n\t"], ["(, "] })
        {
            Assert.Equal(Refusal, Write(Compile(passages), new Random(2)));
        }
    }

    [Fact]
    public void Answer_can_end_although_its_passage_ends_in_what_no_span_ends_in()
    {
        var text = Compile(["a cat ( \n"]);
        var random = new Random(4);

        Assert.All(
            Enumerable.Range(0, 30).Select(_ => Write(text, random)),
                answer => Assert.Contains(answer, (string[])["a", "cat", "a cat", Refusal]));
    }

    [Fact]
    public void Citation_names_a_passage_that_holds_the_span()
    {
        var text = new ExtractiveText(
            Vocabulary.Small, [new Passage(3, "a cat and a dog"), new Passage(8, "a dog and a bird")], Refusal, cites: true);

        Assert.True(Allows(text, "dog [3]"));
        Assert.True(Allows(text, "dog [8]"));
        Assert.True(Allows(text, "cat [3]"));
        Assert.True(Allows(text, "cat"));
        Assert.False(Allows(text, "cat [8]"));
        Assert.False(Allows(text, "cat [3] [3]"));
        Assert.False(Allows(text, "[3]"));
        Assert.False(Allows(text, Refusal + " [3]"));
        Assert.False(Allows(Compile(["a cat"]), "cat [1]"));
    }

    [Fact]
    public void Long_passages_cost_little_to_begin_with_and_next_to_nothing_afterwards()
    {
        var words = string.Join(' ', Enumerable.Range(0, 20_000).Select(index => $"w{index * 7919 % 9973}"));
        var constraint = new ExtractiveConstraint(Compile([words]));

        foreach (var token in Vocabulary.Small.Encode(words[..200]))
        {
            Assert.True(constraint.Allows(token));
            constraint.Accept(token);
        }

        Assert.False(constraint.IsComplete);
    }

    [Fact]
    public void Forbidden_token_is_refused_and_an_empty_refusal_too()
    {
        var constraint = new ExtractiveConstraint(Compile(["a cat"]));

        Assert.Throws<ArgumentException>(() => constraint.Accept(Vocabulary.Small.Encode("z")[0]));
        Assert.Throws<ArgumentException>(() => constraint.Accept(Vocabulary.Small.EndOfTurn));
        Assert.Equal(
            ErrorKind.Invalid, Assert.Throws<NoosException>(() => new ExtractiveText(Vocabulary.Small, [], " ")).Kind);
    }

    static ExtractiveText Compile(IReadOnlyList<string> passages) =>
        new(Vocabulary.Small, [.. passages.Select((text, index) => new Passage(index + 1, text))], Refusal);

    static string Write(ExtractiveText text, Random random)
    {
        var tokenizer = Vocabulary.Small;
        var constraint = new ExtractiveConstraint(text);
        var sampler = new Sampler(new SamplingOptions { Temperature = 1, Seed = (ulong)random.Next() });
        var logits = new float[tokenizer.VocabularySize + 3];
        var tokens = new List<int>();
        while (!constraint.IsComplete)
        {
            for (var token = 0; token < logits.Length; token++)
            {
                logits[token] = (float)random.NextDouble() * 4;
            }

            constraint.Mask(logits);
            var chosen = sampler.Sample(logits);
            if (tokenizer.EndsGeneration(chosen))
            {
                break;
            }

            Assert.False(tokenizer.IsSpecial(chosen));
            constraint.Accept(chosen);
            tokens.Add(chosen);
        }

        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(tokenizer.Decode([.. tokens]));
    }

    static bool Allows(ExtractiveText text, string answer)
    {
        var tokenizer = Vocabulary.Small;
        var constraint = new ExtractiveConstraint(text);
        var logits = new float[tokenizer.VocabularySize];
        foreach (var token in tokenizer.Encode(answer))
        {
            Array.Clear(logits);
            constraint.Mask(logits);
            if (logits[token] != 0)
            {
                return false;
            }

            constraint.Accept(token);
        }

        Array.Clear(logits);
        constraint.Mask(logits);
        return constraint.IsComplete || logits[tokenizer.EndOfTurn] == 0;
    }

    static bool IsSpan(string passage, string answer)
    {
        for (var index = passage.IndexOf(answer, StringComparison.Ordinal); index >= 0;
            index = passage.IndexOf(answer, index + 1, StringComparison.Ordinal))
        {
            var end = index + answer.Length;
            if ((index == 0 || !IsLetter(passage[index - 1]) || !IsLetter(answer[0]))
                && (end == passage.Length || !IsLetter(passage[end]) || !IsLetter(answer[^1])))
            {
                return true;
            }
        }

        return false;

        // Letters that are written without spaces are words of their own.
        static bool IsLetter(char value) => char.IsLetterOrDigit(value) && value < '\u2000';
    }
}
