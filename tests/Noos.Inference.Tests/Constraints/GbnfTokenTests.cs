using Noos.Core;
using Noos.Inference.Constraints;
using Noos.Inference.Tests.Support;

namespace Noos.Inference.Tests.Constraints;

/// <summary>Tokens by name and by number in GBNF.</summary>
public sealed class GbnfTokenTests
{
    static readonly Noos.Language.Tokenization.Tokenizer s_tokenizer = NotationModels.Tokenizer;
    static readonly int s_think = NotationModels.Token("<think>");
    static readonly int s_thinkEnd = NotationModels.Token("</think>");

    [Theory]
    [InlineData("root ::= <think> \"so\" </think> \"Yes\"")]
    [InlineData("root ::= <[THINK]> \"so\" <[END]> \"Yes\"")]
    [InlineData("root ::= thought \"Yes\"\nthought ::= <think> (!</think>)* </think>")]
    [InlineData("root ::= <think> !<[END]>* </think> .*")]
    [InlineData("root ::= (<think> | <tool_call>) !</think>+ </think> \"Yes\"?")]
    public void Answer_of_tokens_and_text_passes(string grammar)
    {
        var constraint = Constraint(grammar);
        int[] answer = [s_think, .. s_tokenizer.Encode("so"), s_thinkEnd, .. s_tokenizer.Encode("Yes")];

        foreach (var token in answer)
        {
            Assert.True(Allows(constraint, token), s_tokenizer.NameOf(token));
            constraint.Accept(token);
        }

        Assert.True(constraint.IsComplete || Allows(constraint, s_tokenizer.EndOfTurn));
    }

    [Fact]
    public void Tokens_that_are_not_named_are_forbidden_and_those_that_are_alone_are_forced()
    {
        var constraint = Constraint("root ::= <think> [a-z]{2} </think>");
        var forced = new List<int>();
        constraint.Force(forced);
        Assert.Equal([s_think], forced);
        constraint.Accept(s_think);

        Assert.False(Allows(constraint, s_thinkEnd));
        Assert.False(Allows(constraint, s_tokenizer.EndOfTurn));
        foreach (var letter in s_tokenizer.Encode("a").Concat(s_tokenizer.Encode("b")))
        {
            constraint.Accept(letter);
        }

        forced.Clear();
        constraint.Force(forced);
        Assert.Equal([s_thinkEnd], forced);
        Assert.Throws<ArgumentException>(() => constraint.Accept(s_think));
        constraint.Accept(s_thinkEnd);
        Assert.True(constraint.IsComplete);
    }

    [Fact]
    public void Negation_allows_every_other_token_special_or_not_but_no_end()
    {
        var constraint = Constraint("root ::= !<think> \"x\"");

        Assert.False(Allows(constraint, s_think));
        Assert.True(Allows(constraint, s_thinkEnd));
        Assert.True(Allows(constraint, s_tokenizer.Encode("q").Single()));
        Assert.False(Allows(constraint, s_tokenizer.EndOfTurn));
    }

    [Fact]
    public void Name_of_an_ordinary_token_reads_that_token_and_text_never_reads_a_special_one()
    {
        Assert.False(Allows(Constraint("root ::= \"<think>\""), s_think));
        Assert.True(Allows(Constraint("root ::= \"<think>\""), s_tokenizer.Encode("<").Single()));
        var number = s_tokenizer.Encode("q").Single();
        var constraint = Constraint($"root ::= <[{number}]> \"w\"");
        constraint.Accept(number);
        Assert.True(Allows(constraint, s_tokenizer.Encode("w").Single()));
    }

    [Fact]
    public void Loops_of_empty_loops_come_to_an_end()
    {
        var constraint = Constraint("root ::= ((<think>* \"a\"*)* !</think>*)* </think>");

        Assert.True(Allows(constraint, s_think));
        Assert.True(Allows(constraint, s_thinkEnd));
        constraint.Accept(s_think);
        constraint.Accept(s_thinkEnd);
        Assert.True(constraint.IsComplete);
    }

    [Theory]
    [InlineData("root ::= <[99999]>", "number")]
    [InlineData("root ::= <[]>", "number")]
    [InlineData("root ::= <[5>", "']>'")]
    [InlineData("root ::= <nothing of the kind>", "not one token")]
    [InlineData("root ::= <think", "not closed")]
    [InlineData("root ::= !\"a\"", "behind '!'")]
    public void Broken_tokens_are_refused_with_their_line(string grammar, string reason)
    {
        var refusal = Assert.Throws<NoosException>(() => TextGrammar.ParseGbnf(s_tokenizer, grammar));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Line 1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutated_grammars_are_read_or_refused_and_never_get_stuck()
    {
        const string Whole =
            "root ::= (<think> !</think>* </think>)? (<[40]> | !<[41]> | a | \"b\")+\na ::= <tool_call> [x-z]{1,3} </tool_call>";
        var random = new Random(3);
        for (var i = 0; i < 10_000; i++)
        {
            var text = Whole.ToCharArray().ToList();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var place = random.Next(text.Count);
                switch (random.Next(3))
                {
                    case 0:
                        text.RemoveAt(place);
                        break;
                    case 1:
                        text[place] = "<>[]!|()*+?{}\"01 a"[random.Next(18)];
                        break;
                    default:
                        text.Insert(place, Whole[random.Next(Whole.Length)]);
                        break;
                }
            }

            try
            {
                var constraint = new GrammarConstraint(TextGrammar.ParseGbnf(s_tokenizer, new string([.. text])));
                if (i % 50 == 0 && !constraint.IsComplete)
                {
                    var logits = new float[s_tokenizer.VocabularySize];
                    constraint.Mask(logits);
                    Assert.Contains(0, logits);
                }
            }
            catch (NoosException)
            {
            }
        }
    }

    static GrammarConstraint Constraint(string grammar) => new(TextGrammar.ParseGbnf(
        s_tokenizer, grammar.Replace("[THINK]", $"[{s_think}]", StringComparison.Ordinal)
            .Replace("[END]", $"[{s_thinkEnd}]", StringComparison.Ordinal)));

    static bool Allows(GrammarConstraint constraint, int token)
    {
        var logits = new float[s_tokenizer.VocabularySize];
        constraint.Mask(logits);
        return logits[token] == 0;
    }
}
