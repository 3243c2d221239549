namespace Noos.Corpus.Procedural.Exercises;

/// <summary>Numbers or words in any order, then in theirs.</summary>
sealed class SortingExercise : IExercise
{
    public void Write(ExerciseText text)
    {
        var count = text.Random.Next(3, 8);
        string[] items;
        string[] sorted;
        if (text.Random.Next(2) == 0)
        {
            var highest = text.Pick(20, 100, 1000);
            items = text.Distinct(count, () => $"{text.Random.Next(1, highest)}");
            sorted = [.. items.OrderBy(int.Parse)];
        }
        else
        {
            items = text.Distinct(count, () => text.Random.Next(2) == 0 ? text.Pick(ExerciseWords.Things) : ExerciseWords.Invented(text));
            sorted = [.. items.Order(StringComparer.Ordinal)];
        }

        if (text.Random.Next(4) == 0)
        {
            text.Say($"Largest first: {string.Join(' ', items)}\nSorted:").Ask($" {string.Join(' ', sorted.Reverse())}").Say("\n");
            return;
        }

        text.Say($"Smallest first: {string.Join(' ', items)}\nSorted:").Ask($" {string.Join(' ', sorted)}").Say("\n");
    }
}
