using Noos.Courses.Lessons;

namespace Noos.Courses.Talk;

/// <summary>One exchange of a block: any of the questions goes with any of the answers.</summary>
sealed record TalkRound(IReadOnlyList<string> Questions, IReadOnlyList<string> Answers);

/// <summary>The written text of the talk lessons; the format is explained at its head.</summary>
sealed class TalkScript
{
    TalkScript(IReadOnlyList<IReadOnlyList<TalkRound>> blocks, IReadOnlyDictionary<string, IReadOnlyList<string>> slots)
    {
        Blocks = blocks;
        Slots = slots;
    }

    public static TalkScript Lessons { get; } = Read(Resource.ReadLines("talk-lessons.txt"));

    public IReadOnlyList<IReadOnlyList<TalkRound>> Blocks { get; }

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Slots { get; }

    static TalkScript Read(IReadOnlyList<string> lines)
    {
        var slots = new Dictionary<string, IReadOnlyList<string>>();
        var blocks = new List<IReadOnlyList<TalkRound>>();
        var rounds = new List<(List<string> Questions, List<string> Answers)>();
        foreach (var line in lines.Append(""))
        {
            if (line.Length == 0)
            {
                if (rounds.Count > 0)
                {
                    blocks.Add([.. rounds.Select(round => new TalkRound(round.Questions, round.Answers))]);
                }

                rounds = [];
            }
            else if (line[0] == '>')
            {
                if (rounds.Count == 0 || rounds[^1].Answers.Count > 0)
                {
                    rounds.Add(([], []));
                }

                rounds[^1].Questions.Add(line[2..]);
            }
            else if (line[0] == '<')
            {
                rounds[^1].Answers.Add(line[2..]);
            }
            else
            {
                var colon = line.IndexOf(": ", StringComparison.Ordinal);
                slots.Add(line[..colon], line[(colon + 2)..].Split(" | "));
            }
        }

        return new TalkScript(blocks, slots);
    }
}
