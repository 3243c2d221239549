using System.Security.Cryptography;
using System.Text;
using Noos.Core.Conversations;
using Noos.Courses;
using Noos.Courses.Examinations.Graders;

namespace Noos.Tools.Tests.Examinations;

/// <summary>
/// Lessons and questions are data that results refer to: a change of code must not change them. When they are meant to change, so do these
/// hashes, and the models that were taught and examined before are no longer comparable.
/// </summary>
public sealed class CourseStabilityTests
{
    [Theory]
    [InlineData("arithmetic", "b0682e19f78a1297b528d504be1030a6584914166f2017858e8976b8e152dba5")]
    [InlineData("talk", "4deaa49c616b88c905d3c499a4fc91e19e14ec76f9911169d37f78809d8967dd")]
    public async Task Lessons_of_a_seed_stay_the_same(string course, string expected)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (var lesson in CourseCatalog.Find(course)!.Lessons(new LessonContext(1), TestContext.Current.CancellationToken)
            .Take(2000))
        {
            hash.AppendData(ConversationJson.WriteUtf8(AsAtFirst(lesson)));
            hash.AppendData("\n"u8);
        }

        Assert.Equal(expected, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>
    /// As lessons were written when the hashes were made: with the prefix of errors in the text, where now it is added for the model.
    /// </summary>
    static Conversation AsAtFirst(Conversation lesson) => new([.. lesson.Messages.Select(message => new Message(
        message.Role,
        [.. message.Parts.Select(part => part is ToolResultPart { IsError: true } error
            ? new ToolResultPart(error.Name, "Error: " + error.Text, IsError: true, error.CallId)
            : part)]))]);

    [Theory]
    [InlineData("arithmetic", "f4bfbee3c89575593903c3c91081233d41d99f3c090964032c47f31e7b462276")]
    [InlineData("talk", "ba5f86702294c13b6bf50f4cc16bfff2afa1c00cd64c32e1a8a78d2cb2755797")]
    public void Examination_stays_the_same(string course, string expected)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var question in CourseCatalog.Find(course)!.Examination())
        {
            var graders = Assert.IsType<AllOfGrader>(question.Grader).Graders;
            var words = string.Join('|', graders.OfType<MentionGrader>().SelectMany(grader => grader.Words));
            var line = $"{question.Group}\t{ConversationJson.Write(question.Prompt)}\t{question.Grader.Expected}\t"
                + $"{graders.OfType<ToolCallGrader>().Any()}\t{words}\n";
            hash.AppendData(Encoding.UTF8.GetBytes(line));
        }

        Assert.Equal(expected, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
