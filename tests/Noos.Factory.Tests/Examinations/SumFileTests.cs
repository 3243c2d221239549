using Noos.Core;
using Noos.Core.Conversations;
using Noos.Courses.Examinations;
using Noos.Factory.Examinations;
using Noos.Testing;
using Noos.Tools;

namespace Noos.Factory.Tests.Examinations;

public sealed class SumFileTests
{
    static readonly string s_rows =
        """
        {"question": "A bag has 4 nuts, I put in 3. How many?", "answer": "There are 4+3=<<4+3=7>>7 nuts.\n#### 7"}
        {"question": "Two steps?", "answer": "<<2*3=6>>6, then <<6+1=7>>7.\n#### 1,007"}
        {"prompt": "Dan had 3 dollars left of 4. What did he pay?", "answer": 1.0, "equation": "( 4.0 - 3.0 )"}
        {"prompt": "And -2?", "answer": "no number", "equation": "( 4.0 - -3.0 )"}
        """;

    [Fact]
    public void Word_problems_of_both_forms_are_read_with_their_steps()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sums.jsonl"), s_rows);

        var all = SumFile.Read(folder.File("sums.jsonl"));
        var single = SumFile.Read(folder.File("sums.jsonl"), steps: 1);

        Assert.Equal(["7", "1007", "1"], all.Select(question => question.Grader.Expected));
        Assert.Equal(["1 step", "2 steps", "1 step"], all.Select(question => question.Group));
        Assert.Equal(["7", "1"], single.Select(question => question.Grader.Expected));
        Assert.Null(single[0].Grader.FindFault(Played(single[0], "You have 7 nuts.")));
        Assert.NotNull(single[0].Grader.FindFault(Played(single[0], "You have 8 nuts.")));
    }

    [Fact]
    public void File_without_word_problems_is_refused_in_one_sentence()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("other.jsonl"), """{"question": "Why?", "answer": "Because."}""");
        File.WriteAllText(folder.File("broken.jsonl"), "{");

        Assert.Equal(ErrorKind.Invalid, Assert.Throws<NoosException>(() => SumFile.Read(folder.File("other.jsonl"))).Kind);
        Assert.Equal(ErrorKind.Damaged, Assert.Throws<NoosException>(() => SumFile.Read(folder.File("broken.jsonl"))).Kind);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<NoosException>(() => SumFile.Read(folder.File("none.jsonl"))).Kind);
    }

    /// <summary>Three hundred sums of one step in the wordings of others; our lessons hold none of them.</summary>
    [Fact]
    public void Collected_sums_are_three_hundred_and_no_lesson_gives_them_away()
    {
        var path = SharedFile("data/sft/svamp_mit.jsonl.zst");
        Assert.SkipWhen(path is null, "The shared word problems are not there.");

        var sums = SumFile.Read(path!, steps: 1);

        Assert.True(sums.Count >= 300, $"{sums.Count}");
        var wordings = new ExamWordings(sums);
        var taught = CourseCatalog.All.SelectMany(course => course.Lessons(new(1), TestContext.Current.CancellationToken)
            .Take(1000).ToBlockingEnumerable(TestContext.Current.CancellationToken));
        Assert.Equal(0, taught.Count(wordings.AreIn));
    }

    static string? SharedFile(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Path.Combine(folder.FullName, "shared", path) is var file && File.Exists(file))
            {
                return file;
            }
        }

        return null;
    }

    static Conversation Played(ExamQuestion question, string answer) => new([.. question.Prompt.Messages, Message.Assistant(answer)]);
}
