namespace Noos.Corpus.Procedural.Exercises;

/// <summary>A list, then its first, last, or n-th item, what follows an item, or the whole again or backwards.</summary>
sealed class ListExercise : IExercise
{
    const int MaxItems = 8;

    static readonly string[] s_ordinals = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];

    public void Write(ExerciseText text)
    {
        var count = text.Random.Next(3, MaxItems + 1);
        var items = text.Distinct(count, () => ExerciseWords.Value(text));
        text.Say($"{text.Pick("List", "Items", "Words", "Order")}: {string.Join(", ", items)}.\n");
        foreach (var kind in text.PickMany([0, 1, 2, 3, 4, 5], text.Random.Next(1, 5)))
        {
            var place = text.Random.Next(count);
            _ = kind switch
            {
                0 => text.Say($"The {s_ordinals[place]} one:").Ask($" {items[place]}"),
                1 => text.Say("The last one:").Ask($" {items[^1]}"),
                2 => text.Say($"After {items[place % (count - 1)]} comes").Ask($" {items[(place % (count - 1)) + 1]}"),
                3 => text.Say($"Before {items[(place % (count - 1)) + 1]} comes").Ask($" {items[place % (count - 1)]}"),
                4 => text.Say("Again:").Ask($" {string.Join(", ", items)}"),
                _ => text.Say("Backwards:").Ask($" {string.Join(", ", items.Reverse())}"),
            };
            text.Say(".\n");
        }
    }
}
