using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Courses.Examinations.Graders;

namespace Noos.Courses.Experts;

/// <summary>
/// Questions whose right answer is a call of a tool, or none where none is due: from the lessons of the courses that teach tools, and for
/// measuring from their examinations, whose wordings and values no lesson has. The whole call counts: tool and arguments.
/// </summary>
public static class CallPrompts
{
    /// <summary>What it is called among generators.</summary>
    public const string Generator = "calls";

    // Of a right call without its arguments.
    const double ToolShare = 0.4;

    /// <summary>Endless; the courses in turn.</summary>
    /// <param name="courses">Those that teach no tool are passed over.</param>
    /// <param name="seed">Decides the lessons.</param>
    /// <param name="isExamination">From the examinations; never to be trained on.</param>
    /// <exception cref="NoosException">No course has such questions (NotFound).</exception>
    public static IEnumerable<ExpertPrompt> Write(IReadOnlyList<ICourse> courses, int seed, bool isExamination)
    {
        ArgumentNullException.ThrowIfNull(courses);
        var sequences = courses.Where(course => course.Tools.Count > 0)
            .Select(course => isExamination ? Examined(course, seed) : Taught(course, seed)).OfType<IEnumerable<ExpertPrompt>>().ToArray();
        return sequences.Length > 0 ? Enumerate(sequences) : throw new NoosException(
            ErrorKind.NotFound, $"No course that is known here teaches a call, so there are no questions '{Generator}'.");
    }

    static IEnumerable<ExpertPrompt> Enumerate(IEnumerable<ExpertPrompt>[] sequences)
    {
        var open = Array.ConvertAll(sequences, sequence => sequence.GetEnumerator());
        for (var index = 0L; ; index++)
        {
            var sequence = open[index % open.Length];
            if (sequence.MoveNext())
            {
                yield return sequence.Current;
            }
        }
    }

    static IEnumerable<ExpertPrompt> Taught(ICourse course, int seed)
    {
        foreach (var lesson in course.Lessons(new LessonContext(seed)).ToBlockingEnumerable())
        {
            var first = lesson.Messages.Index().FirstOrDefault(item => item.Item.Role == Role.Assistant).Index;
            if (first > 0 && lesson.Messages[first - 1].Role == Role.User)
            {
                var answer = lesson.Messages[first];
                var calls = answer.Parts.OfType<ToolCallPart>().ToArray();
                yield return new ExpertPrompt(Generator, new Conversation([.. lesson.Messages.Take(first)]), TextOf(answer))
                {
                    Check = said => calls.Length == 0 ? NoCall(said) : Compare(said, calls),
                    MaxWords = MaxWordsOf(answer),
                };
            }
        }
    }

    /// <summary>Again and again; null where none of the questions is answered by one call.</summary>
    static IEnumerable<ExpertPrompt>? Examined(ICourse course, int seed)
    {
        var questions = course.Examination().Where(question => question.Tools is null && question.Prompt.Messages[^1].Role == Role.User
            && question.Grader is ToolCallGrader or NoCallGrader).ToArray();

        // An examination asks group by group; the first so many shall have some of each.
        new Random(seed).Shuffle(questions);
        return questions.Length == 0 ? null : Repeat();

        IEnumerable<ExpertPrompt> Repeat()
        {
            while (true)
            {
                foreach (var question in questions)
                {
                    yield return new ExpertPrompt(Generator, question.Prompt, question.Grader is ToolCallGrader call ? call.Tool : "No.")
                    {
                        Check = said => Grade(said, question.Grader, question.Prompt),
                        MaxWords = MaxWordsOf(question.Prompt.Messages[^1]),
                    };
                }
            }
        }
    }

    static double NoCall(ExpertAnswer said) => said.Calls.Count == 0 && said.Text.Trim().Length > 0 ? 1 : 0;

    static double Compare(ExpertAnswer said, ToolCallPart[] expected)
    {
        if (said.Calls.Count == 0 || said.Calls[0].Name != expected[0].Name)
        {
            return 0;
        }

        return said.Calls.Count == expected.Length && said.Calls.Zip(expected).All(pair => pair.First.Name == pair.Second.Name
            && JsonElement.DeepEquals(pair.First.Arguments, pair.Second.Arguments)) ? 1 : ToolShare;
    }

    static double Grade(ExpertAnswer said, IGrader grader, Conversation prompt)
    {
        var played = new Conversation([.. prompt.Messages, Message.Assistant([new TextPart(said.Text), .. said.Calls])]);
        return grader.FindFault(played) is null ? 1
            : grader is ToolCallGrader call && said.Calls is [var first, ..] && first.Name == call.Tool ? ToolShare
            : 0;
    }

    static string TextOf(Message answer) => string.Join('\n', answer.Parts.Select(part => part switch
    {
        TextPart text => text.Text,
        ToolCallPart call => $"{call.Name} {call.Arguments.GetRawText()}",
        _ => "",
    }).Where(text => text.Length > 0));

    // A call may say all that was asked, and its frame.
    static int MaxWordsOf(Message message) => ExpertPrompts.Words(TextOf(message)) + 20;
}
