namespace Noos.Corpus.Procedural.Exercises;

/// <summary>Keys with values, then some of the keys again.</summary>
sealed class KeyValueExercise : IExercise
{
    const int MaxPairs = 16;

    static readonly string[] s_signs = [":", " =", " ->", " is", ",", " -", " means"];

    public void Write(ExerciseText text)
    {
        var count = text.Random.Next(2, MaxPairs + 1);
        var keys = text.Distinct(count, () => ExerciseWords.Value(text));
        var values = text.Distinct(count, () => ExerciseWords.Value(text));
        var sign = text.Pick(s_signs);
        var end = text.Pick("\n", "\n", ". ", "; ");
        for (var index = 0; index < count; index++)
        {
            text.Say($"{keys[index]}{sign} {values[index]}{end}");
        }

        if (end != "\n")
        {
            text.Say("\n");
        }

        var opening = text.Pick("", "", "? ", "Q: ");
        foreach (var index in text.PickMany([.. Enumerable.Range(0, count)], text.Random.Next(1, count + 1)))
        {
            text.Say($"{opening}{keys[index]}{sign}").Ask($" {values[index]}").Say("\n");
        }
    }
}
