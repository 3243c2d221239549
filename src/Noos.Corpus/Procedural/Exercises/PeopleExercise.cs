namespace Noos.Corpus.Procedural.Exercises;

/// <summary>Who has what, lives where, is what: facts about people that nobody can know, then the same again or asked about.</summary>
/// <param name="people">How many people; 0 for two to six.</param>
sealed class PeopleExercise(int people) : IExercise
{
    const int MaxPeople = 6;

    static readonly Relation[] s_relations =
    [
        new("has", "Who has", "What does {0} have?", text => ExerciseWords.WithArticle(Thing(text))),
        new("has", "Who has", "What does {0} have?",
            text => ExerciseWords.WithArticle($"{text.Pick(ExerciseWords.Colours)} {Thing(text)}")),
        new("lives in", "Who lives in", "Where does {0} live?", text => ExerciseWords.Invented(text, capital: true)),
        new("comes from", "Who comes from", "Where does {0} come from?", text => ExerciseWords.Invented(text, capital: true)),
        new("likes", "Who likes", "What does {0} like?", text => text.Pick(ExerciseWords.Foods)),
        new("is", "Who is", "What is {0}?", text => ExerciseWords.WithArticle(text.Pick(ExerciseWords.Jobs))),
        new("owns", "Who owns", "What does {0} own?", text => ExerciseWords.WithArticle(text.Pick(ExerciseWords.Animals))),
        new("is", "Who is", "How old is {0}?", text => $"{text.Random.Next(5, 100)} years old"),
        new("paid", "Who paid", "What did {0} pay?", text => $"{text.Random.Next(2, 1000)} dollars"),
        new("came at", "Who came at", "When did {0} come?", text => $"{text.Random.Next(1, 13)}:{text.Random.Next(0, 60):00}"),
    ];

    public void Write(ExerciseText text)
    {
        var count = people > 0 ? people : text.Random.Next(2, MaxPeople + 1);
        var names = text.Distinct(count, () => ExerciseWords.Name(text));
        var relations = text.PickMany(s_relations, people > 0 ? 1 : text.Pick(1, 1, 2, 3)).DistinctBy(relation => relation.Verb).ToArray();
        var facts = relations
            .SelectMany(relation => names.Zip(text.Distinct(count, () => relation.CreateValue(text)),
                (name, value) => (name, relation, value)))
            .ToArray();
        text.Random.Shuffle(facts);
        foreach (var (name, relation, value) in facts)
        {
            text.Say($"{name} {relation.Verb} {value}. ");
        }

        text.Say(text.Pick("", "\n", "\n\n"));
        text.Random.Shuffle(facts);
        var form = text.Random.Next(3);
        foreach (var (name, relation, value) in facts.Take(text.Random.Next(1, facts.Length + 1)))
        {
            _ = form switch
            {
                0 => text.Say($"{name} {relation.Verb}").Ask($" {value}").Say(". "),
                1 => text.Say(string.Format(null, relation.Question,
                    name)).Ask($" {char.ToUpperInvariant(value[0])}{value[1..]}").Say(".\n"),
                _ => text.Say($"{relation.Who} {value}?").Ask($" {name}").Say(".\n"),
            };
        }

        text.Say("\n");
    }

    static string Thing(ExerciseText text) => text.Random.Next(4) == 0 ? ExerciseWords.Invented(text) : text.Pick(ExerciseWords.Things);

    sealed record Relation(string Verb, string Who, string Question, Func<ExerciseText, string> CreateValue);
}
