using Noos.Core;
using Noos.Core.Text;
using Noos.Corpus.Procedural;
using Noos.Language.Tokenization;

namespace Noos.Corpus.Tests.Procedural;

public sealed class ProceduralRowsTests
{
    const int RowLength = 257;

    static readonly Tokenizer s_tokenizer = SampleTokenizer.Instance;

    [Fact]
    public void Row_is_a_pure_function_of_its_number()
    {
        var (one, other) = (new ProceduralRows(s_tokenizer, RowLength, seed: 5), new ProceduralRows(s_tokenizer, RowLength, seed: 5));
        _ = Read(other, 3);
        var rows = Enumerable.Range(0, 40).Select(index => Read(one, index)).ToArray();

        Assert.Equal(rows[17].Tokens, Read(other, 17).Tokens);
        Assert.Equal(rows[17].IsTarget, Read(other, 17).IsTarget);
        Assert.Equal(40, rows.Select(row => string.Join(' ', row.Tokens)).Distinct(StringComparer.Ordinal).Count());
        Assert.NotEqual(rows[0].Tokens, Read(new ProceduralRows(s_tokenizer, RowLength, seed: 6), 0).Tokens);
        Assert.All(rows, row => Assert.Contains(true, row.IsTarget));
        Assert.All(rows, row => Assert.Equal(RowLength, row.Tokens.Length));
        Assert.All(rows, row => Assert.False(row.IsTarget[0]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(100)]
    public void Counted_tokens_of_repeated_segments_come_as_they_came_before(int length)
    {
        var rows = new ProceduralRows(
            s_tokenizer, RowLength, seed: 1, new ProceduralOptions { RepeatedShare = 1, RepeatedLength = length });
        for (var index = 0; index < 50; index++)
        {
            var (tokens, isTarget) = Read(rows, index);
            Assert.Contains(true, isTarget);
            for (var place = 1; place < RowLength; place++)
            {
                if (isTarget[place])
                {
                    // The token before it stood before, too, with the same follower.
                    Assert.Contains(
                        Enumerable.Range(0, place - 1), earlier =>
                            tokens[earlier] == tokens[place - 1] && tokens[earlier + 1] == tokens[place]);
                    Assert.True(length == 0 || tokens[place - length] == tokens[place]);
                }
            }
        }
    }

    [Theory]
    [InlineData("keys")]
    [InlineData("people")]
    [InlineData("tables")]
    [InlineData("words")]
    [InlineData("sorting")]
    [InlineData("lists")]
    [InlineData("brackets")]
    public void What_is_asked_for_stands_before_it(string exercise)
    {
        var rows = new ProceduralRows(
            s_tokenizer, RowLength, seed: 2, new ProceduralOptions { RepeatedShare = 0, Exercises = [exercise] });
        var asked = 0;
        for (var index = 0; index < 40; index++)
        {
            var (tokens, isTarget) = Read(rows, index);
            for (var place = 1; place < RowLength; place++)
            {
                if (!isTarget[place] || isTarget[place - 1])
                {
                    continue;
                }

                var end = place;
                while (end < RowLength && isTarget[end])
                {
                    end++;
                }

                var start = Array.LastIndexOf(tokens, s_tokenizer.EndOfText, place) + 1;
                var before = s_tokenizer.DecodeText(tokens.AsSpan(start..place));
                var words = s_tokenizer.DecodeText(tokens.AsSpan(place..end)).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);

                // Closing brackets are told by their openings.
                var sources = exercise == "brackets" ? words.Where(word => word[0] == '/').Select(word => word[1..]) : words;
                Assert.All(sources, word => Assert.Contains(word.TrimEnd('.'), before, StringComparison.OrdinalIgnoreCase));
                asked++;
            }
        }

        Assert.InRange(asked, 40, 4000);
    }

    [Fact]
    public void Examinations_have_words_that_no_lesson_has()
    {
        var random = new Random(3);
        var (lessons, exams) = (Words(isReserved: false), Words(isReserved: true));

        Assert.Empty(lessons.Intersect(exams, StringComparer.Ordinal));
        Assert.All(exams, word => Assert.True(InventedWords.IsReserved(word)));
        Assert.All(lessons, word => Assert.False(InventedWords.IsReserved(word)));
        Assert.All(exams.Concat(lessons), word => Assert.InRange(word.Length, 2, 14));

        string[] Words(bool isReserved) => [.. Enumerable.Range(0, 500).Select(_ => InventedWords.Create(random, isReserved))];
    }

    [Fact]
    public void Unknown_exercise_and_impossible_length_are_refused()
    {
        Assert.Equal(
            ErrorKind.NotFound,
            Assert.Throws<NoosException>(() =>
                new ProceduralRows(s_tokenizer, RowLength, 1, new ProceduralOptions { Exercises = ["dance"] })).Kind);
        Assert.Throws<NoosException>(() => new ProceduralRows(s_tokenizer, RowLength, 1, new ProceduralOptions { RepeatedLength = 200 }));
        Assert.Throws<NoosException>(() => new ProceduralRows(s_tokenizer, RowLength, 1, new ProceduralOptions { RepeatedShare = 2 }));
    }

    static (int[] Tokens, bool[] IsTarget) Read(ProceduralRows rows, long index)
    {
        var (tokens, isTarget) = (new int[RowLength], new bool[RowLength]);
        rows.Read(index, tokens, isTarget);
        return (tokens, isTarget);
    }
}
