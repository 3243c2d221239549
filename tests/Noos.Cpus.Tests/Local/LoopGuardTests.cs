using System.Text.RegularExpressions;
using Noos.Cpus.Local;
using Noos.Inference.ToolCalls;

namespace Noos.Cpus.Tests.Local;

public sealed partial class LoopGuardTests
{
    // Words, marks and digits in the pieces that tokens are.
    [GeneratedRegex(@"\n *| ?\p{L}+| ?\d|\p{Cs}{2}| ?[^\p{L}\d\s]| ", RegexOptions.None, 1000)]
    static partial Regex Piece { get; }

    [Theory]
    [InlineData("Water is used to be used to be used to be used to be", "Water is used to be")]
    [InlineData("The sea is a sea is a sea is a", "The sea is a")]
    [InlineData("I love you. I love you. I love you. I love you.", "I love you.")]
    [InlineData("Yes, a bread bread bread bread bread bread bread bread bread bread", "Yes, a bread")]
    [InlineData("I go up and down up and down up and down up and down up and down", "I go up and down")]
    public void Loop_is_cut_back_to_its_first_occurrence(string text, string shown)
    {
        var (isStopped, said) = Show(text);

        Assert.Equal((true, shown), (isStopped, said));
    }

    [Fact]
    public void Every_period_of_words_is_cut_at_its_third_occurrence()
    {
        for (var period = 3; period <= 20; period++)
        {
            var unit = string.Concat(Enumerable.Range(0, period).Select(index => $" w{(char)('a' + index)}"));
            var twice = Show("It is" + unit + unit + " now");
            var thrice = Show("It is" + unit + unit + unit + " now");

            Assert.Equal((false, "It is" + unit + unit + " now"), twice);
            Assert.Equal((true, "It is" + unit), thrice);
        }
    }

    [Theory]
    [InlineData("Ha ha ha ha ha! Very, very, very good. No, no, no, no.")]
    [InlineData("1000000000000000000000000000 and 0, 0, 0, 0, 0, 0, 0, 0, 0, 0")]
    [InlineData("------------------------------------------------")]
    [InlineData("| a | b |\n| --- | --- | --- | --- |\n| 1 | 2 |\n|  |  |  |  |  |  |  |  |")]
    [InlineData("[[0, 0, 0], [0, 1, 0], [0, 0, 0]], {\"a\": null, \"b\": null, \"c\": null, \"d\": null}")]
    [InlineData("1. Milk\n2. Bread\n3. Milk\n4. Bread\n5. Milk\n6. Bread")]
    [InlineData("def f():\n        if a:\n        b()\n        if c:\n        d()")]
    [InlineData("```\nprint(a + b)\nprint(a + b)\nprint(a + b)\nprint(a + b)\nprint(a + b)\n```\nDone")]
    [InlineData("\U0001F600\U0001F600\U0001F600\U0001F600\U0001F600\U0001F600")]
    [InlineData("\u54C8\u54C8\u54C8\u54C8")]
    [InlineData("Row, row, row your boat, gently down the stream. Merrily, merrily, merrily, merrily, life is but a dream.")]
    [InlineData("I have a cat. I have a dog. I have a bird. I have a fish.")]
    [InlineData("The king was old. The king was old and the king was tired.")]
    public void Ordinary_repetition_stays(string text) => Assert.Equal((false, text), Show(text));

    [Fact]
    public void What_was_asked_for_with_a_number_is_said_as_often()
    {
        const string Sentence = " I will not talk";
        var ten = string.Concat(Enumerable.Repeat(Sentence, 10));
        var endless = string.Concat(Enumerable.Repeat(Sentence, 40));

        Assert.Equal((false, ten + " Done"), Show(ten + " Done", "Write \"I will not talk\" 10 times."));
        Assert.Equal((false, ten + " Done"), Show(ten + " Done", "Write \"I will not talk\" ten times."));
        Assert.InRange(Occurrences(Show(endless, "Write \"I will not talk\" 10 times.")), 10, 11);
        Assert.Equal(1, Occurrences(Show(endless, "Repeat \"I will not talk\" forever.")));

        static int Occurrences((bool IsStopped, string Said) shown)
        {
            Assert.True(shown.IsStopped);
            return shown.Said.Split("will").Length - 1;
        }
    }

    [Fact]
    public void Row_of_quotes_ends_after_eight_of_them()
    {
        var (isStopped, shown) = Show("He said: " + string.Concat(Enumerable.Repeat("\u201C", 40)));

        Assert.True(isStopped);
        Assert.InRange(shown.Count(character => character == '\u201C'), 1, 8);
        Assert.False(Show("if a:\n                                        b()").IsStopped);
    }

    [Fact]
    public void Nothing_goes_on_forever()
    {
        Assert.InRange(Show(new string('-', 2000)).Said.Length, 50, 150);
        Assert.InRange(Show(string.Concat(Enumerable.Repeat("0, ", 900))).Said.Length, 50, 300);
        var paragraph = string.Concat(
            Enumerable.Range(0, 60).Select(index => $" w{(char)('a' + (index % 26))}{(char)('a' + (index / 26))}"));
        Assert.Equal(paragraph + paragraph, Show(string.Concat(Enumerable.Repeat(paragraph, 9))).Said);
        // In circles, but never twice the same.
        var random = new Random(1);
        var circles = string.Concat(Enumerable.Range(0, 200).Select(_ => $" They are {Color()} and {Color()}."));
        Assert.InRange(Show(circles).Said.Split(' ').Length, 50, 300);

        string Color() => ((string[])["red", "blue", "white", "green"])[random.Next(4)];
    }

    [Fact]
    public void Ordinary_text_is_hardly_held_back()
    {
        var guard = new LoopGuard(request: null);
        var output = new List<AnswerPiece>();
        var (pushed, longest) = (0, 0);
        const string Text = "The old man went down to the river, and the river was cold. He sat on the bank of the river and looked at "
            + "the water. Then he said that the river was the oldest thing in the valley, older than the trees and older than the stones.";
        foreach (var piece in Pieces(Text))
        {
            guard.Push(piece, output);
            longest = Math.Max(longest, ++pushed - output.Count);
        }

        Assert.InRange(longest, 1, 3);
    }

    [Fact]
    public void Calls_pass_and_thoughts_are_guarded_like_text()
    {
        var guard = new LoopGuard(request: null);
        var output = new List<AnswerPiece>();
        for (var count = 0; count < 9; count++)
        {
            guard.Push(new CallPiece("a", default), output);
        }

        Assert.Equal(9, output.Count);
        for (var count = 0; count < 9; count++)
        {
            foreach (var word in (string[])[" so", " I", " think"])
            {
                guard.Push(new ThoughtPiece(word), output);
            }
        }

        Assert.True(guard.IsStopped);
        Assert.Equal(12, output.Count);
    }

    static (bool IsStopped, string Said) Show(string text, string? request = null)
    {
        var guard = new LoopGuard(request);
        var output = new List<AnswerPiece>();
        foreach (var piece in Pieces(text))
        {
            guard.Push(piece, output);
        }

        guard.Flush(output);
        return (guard.IsStopped, string.Concat(output.Cast<TextPiece>().Select(piece => piece.Text)));
    }

    static TextPiece[] Pieces(string text)
    {
        var pieces = Piece.Matches(text).Select(match => new TextPiece(match.Value, match.Index)).ToArray();
        Assert.Equal(text, string.Concat(pieces.Select(piece => piece.Text)));
        return pieces;
    }
}
