using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;

namespace Noos.Courses.Talk;

/// <summary>Teaches small talk, who Noos is, simple questions, explanations and little stories, in one turn or several.</summary>
public sealed partial class TalkCourse : GeneratedCourse
{
    static readonly TalkScript s_script = TalkScript.Lessons;
    static readonly int[] s_weighted = [.. s_script.Blocks.SelectMany((block, index) => Enumerable.Repeat(index, Weight(block)))];
    static readonly int[] s_shortBlocks = [.. s_weighted.Where(index => s_script.Blocks[index].Count == 1)];
    static readonly string[] s_leads =
        ["Well, ", "Oh, ", "Hey, ", "Noos, ", "One question: ", "Okay, ", "Please, ", "Hmm, ", "Listen, ", "Sorry, ", "By the way, ", "I want to know: "];

    public override string Name => "talk";

    protected override IEnumerable<Conversation> Write(int seed)
    {
        var draw = new Draw(seed, isExamination: false);
        while (true)
        {
            var messages = new List<Message>();
            AddBlock(messages, draw, s_script.Blocks[draw.Pick(s_weighted)]);
            // A talk goes on: other subjects follow without notice.
            while (messages.Count < 8 && draw.Chance(0.4))
            {
                AddBlock(messages, draw, s_script.Blocks[draw.Pick(s_shortBlocks)]);
            }

            yield return new Conversation(messages);
        }
    }

    static int Weight(IReadOnlyList<TalkRound> block) =>
        block.Count > 1 ? 8 : block[0].Questions.Count * (block[0].Questions[0].Contains(".1}") ? 2 : 1);

    static void AddBlock(List<Message> messages, Draw draw, IReadOnlyList<TalkRound> block)
    {
        var chosen = new Dictionary<string, string>();
        foreach (var round in block)
        {
            var question = draw.Pick(round.Questions);
            var text = Fill(question, chosen, draw);
            messages.Add(Message.User(Typing.Careless(draw, question[0] == '{' ? Sentences.Capitalize(text) : Lead(draw, text))));
            messages.Add(Message.Assistant(Sentences.Capitalize(Fill(draw.Pick(round.Answers), chosen, draw))));
        }
    }

    /// <summary>Now and then a question does not come straight.</summary>
    static string Lead(Draw draw, string text) => text[^1] == '?' && char.IsAsciiLetterUpper(text[0]) && !text.StartsWith("I ", StringComparison.Ordinal) && draw.Chance(0.12)
        ? draw.Pick(s_leads) + char.ToLowerInvariant(text[0]) + text[1..]
        : text;

    static string Fill(string text, Dictionary<string, string> chosen, Draw draw)
    {
        var filled = SlotPattern().Replace(text, match =>
        {
            var slot = match.Groups["slot"].Value;
            if (!chosen.TryGetValue(slot, out var entry))
            {
                chosen[slot] = entry = draw.Pick(s_script.Slots[slot]);
            }

            return match.Groups["half"].Value switch
            {
                "1" => entry[..entry.IndexOf('=')],
                "2" => entry[(entry.IndexOf('=') + 1)..],
                _ => entry,
            };
        });
        return ArticlePattern().Replace(filled, "${article}n ");
    }

    protected override IReadOnlyList<ExamQuestion> WriteExamination()
    {
        var questions = new List<ExamQuestion>();
        var (group, mention) = ("", Array.Empty<string>());
        foreach (var line in Resource.ReadLines("talk-exam.txt").Where(line => line.Length > 0))
        {
            switch (line[0])
            {
                case '=':
                    (group, mention) = (line[2..], []);
                    break;
                case '!':
                    mention = line[1..].Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                    break;
                default:
                    IReadOnlyList<IGrader> graders = mention.Length == 0
                        ? [new NoCallGrader(), new FluencyGrader()]
                        : [new NoCallGrader(), new MentionGrader(mention), new FluencyGrader()];
                    questions.Add(new ExamQuestion(group, Conversation.From(Message.User(line)), new AllOfGrader(graders)));
                    break;
            }
        }

        return questions;
    }

    [GeneratedRegex(@"\{(?<slot>\w+)(\.(?<half>\d))?\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SlotPattern();

    [GeneratedRegex(@"\b(?<article>[Aa]) (?=[aeio])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ArticlePattern();
}
