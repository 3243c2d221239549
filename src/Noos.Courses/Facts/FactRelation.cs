using Noos.Courses.Lessons;

namespace Noos.Courses.Facts;

/// <summary>Facts of one kind with the ways to ask for them and to tell them.</summary>
sealed record FactRelation(string Name)
{
    /// <summary>Read from the text that is built in; explained at its head.</summary>
    public static IReadOnlyList<FactRelation> All { get; } = Read(Resource.ReadLines("facts.txt"));

    /// <summary>Wordings of the lessons.</summary>
    public List<string> Questions { get; } = [];

    /// <summary>Wordings of the examination.</summary>
    public List<string> ExamQuestions { get; } = [];

    public List<string> Answers { get; } = [];

    public List<Fact> Facts { get; } = [];

    /// <summary>What of a fact is the answer: the last part, unless the questions ask for the first.</summary>
    public bool AsksSubject => Questions[0].Contains("{b}", StringComparison.Ordinal);

    static List<FactRelation> Read(IReadOnlyList<string> lines)
    {
        var relations = new List<FactRelation>();
        foreach (var line in lines.Where(line => line.Length > 0))
        {
            var text = line[1..].Trim();
            switch (line[0])
            {
                case '=':
                    relations.Add(new FactRelation(text));
                    break;
                case '?':
                    relations[^1].Questions.Add(text);
                    break;
                case '%':
                    relations[^1].ExamQuestions.Add(text);
                    break;
                case '<':
                    relations[^1].Answers.Add(text);
                    break;
                default:
                    relations[^1].Facts.AddRange(text.Split(" | ").Select(entry => entry.Split('=')).Select(parts =>
                        parts.Length == 2 ? new Fact("", parts[0], parts[1]) : new Fact(parts[0], parts[1], parts[2])));
                    break;
            }
        }

        return relations;
    }
}

/// <summary>One fact: {c}, {a} and {b} of the wordings.</summary>
sealed record Fact(string Unit, string Subject, string Object)
{
    public string Fill(string wording) => wording.Replace("{c}", Unit).Replace("{a}", Subject).Replace("{b}", Object);
}
