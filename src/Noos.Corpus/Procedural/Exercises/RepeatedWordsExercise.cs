namespace Noos.Corpus.Procedural.Exercises;

/// <summary>A line of invented words, names and numbers, then the same line again after some others.</summary>
sealed class RepeatedWordsExercise : IExercise
{
    const int MaxLines = 4;

    public void Write(ExerciseText text)
    {
        var lines = Enumerable.Range(0, text.Random.Next(1, MaxLines + 1)).Select(_ => Line(text)).ToArray();
        for (var index = 0; index < lines.Length; index++)
        {
            text.Say($"{index + 1}. {lines[index]}\n");
        }

        var chosen = text.Random.Next(lines.Length);
        text.Say(text.Pick($"Repeat {chosen + 1}.", $"Line {chosen + 1} again:", $"{chosen + 1}.")).Ask($" {lines[chosen]}").Say("\n");
    }

    static string Line(ExerciseText text) => string.Join(' ',
        Enumerable.Range(0, text.Random.Next(3, 13)).Select(_ => text.Random.Next(4) switch
    {
        0 => ExerciseWords.Name(text),
        1 => text.Pick(ExerciseWords.Things),
        _ => ExerciseWords.Value(text),
    }));
}
