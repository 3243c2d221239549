namespace Noos.Corpus.Procedural.Exercises;

/// <summary>Brackets of several kinds that open and close in any nesting; at the end all are closed (a Dyck language).</summary>
sealed class BracketExercise : IExercise
{
    const int MaxDepth = 12;

    static readonly (string Open, string Close)[] s_usual = [("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"), ("a", "A"), ("b", "B"),
        ("c", "C")];

    public void Write(ExerciseText text)
    {
        var kinds = text.Random.Next(3) > 0
            ? text.PickMany(s_usual, text.Random.Next(2, s_usual.Length + 1))
            : [.. text.Distinct(text.Random.Next(2, 9), () => ExerciseWords.Invented(text)).Select(word => (word, "/" + word))];
        var open = new Stack<string>();
        var moves = text.Random.Next(8, 33);
        text.Say(text.Pick("Close:", "Brackets:", "Nest:"));
        for (var move = 0; move < moves || open.Count == 0; move++)
        {
            if (open.Count > 0 && (open.Count == MaxDepth || text.Random.Next(5) < 2))
            {
                // Whether one closes here is not to be foreseen, so only the last ones are asked for.
                text.Say(" " + open.Pop());
                continue;
            }

            var (opening, closing) = text.Pick(kinds);
            text.Say(" " + opening);
            open.Push(closing);
        }

        text.Say(" ;");
        while (open.Count > 0)
        {
            text.Ask(" " + open.Pop());
        }

        text.Ask(" .").Say("\n");
    }
}
