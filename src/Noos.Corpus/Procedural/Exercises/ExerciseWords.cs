using Noos.Core.Text;

namespace Noos.Corpus.Procedural.Exercises;

/// <summary>The words that exercises are made of.</summary>
static class ExerciseWords
{
    static readonly string[] s_names =
    [
        "Anna", "Ben", "Carla", "David", "Ella", "Frank", "Grace", "Hugo", "Iris", "Jack", "Kate", "Leo", "Maria", "Nora", "Omar", "Paul",
        "Rosa",
        "Sam", "Tina", "Uma", "Vera", "Will", "Yuki", "Zoe", "Amina", "Boris", "Chen", "Dora", "Emil", "Fiona", "Gita", "Hans", "Ines",
        "Jonas",
        "Lena", "Marco", "Nils", "Olga", "Pedro", "Ruth", "Sara", "Tom", "Victor", "Wendy",
    ];

    public static IReadOnlyList<string> Things { get; } =
    [
        "ball", "kite", "lamp", "book", "drum", "key", "ring", "cup", "map", "hat", "coin", "bell", "rope", "boat", "box", "pen", "doll",
        "flute",
        "spoon", "knife", "basket", "candle", "mirror", "ladder", "clock", "violin", "blanket", "bottle", "hammer", "needle", "feather",
        "shell",
        "stone", "ticket", "letter", "camera", "guitar", "bicycle", "pillow", "scarf", "button", "brush", "bucket", "chair", "radio",
        "puzzle",
        "umbrella", "apple", "orange", "onion", "egg", "axe",
    ];

    public static IReadOnlyList<string> Colours { get; } =
        ["red", "blue", "green", "yellow", "black", "white", "brown", "purple", "pink", "grey", "orange", "golden"];

    public static IReadOnlyList<string> Animals { get; } =
        ["dog", "cat", "horse", "rabbit", "goat", "parrot", "turtle", "hamster", "duck", "sheep", "pony", "mouse", "snake", "fish", "owl",
            "donkey"];

    public static IReadOnlyList<string> Jobs { get; } =
        ["baker", "teacher", "doctor", "farmer", "painter", "driver", "singer", "tailor", "nurse", "pilot", "cook", "writer", "sailor",
            "judge"];

    public static IReadOnlyList<string> Foods { get; } =
        ["bread", "rice", "soup", "cheese", "honey", "pasta", "salad", "fish", "cake", "beans", "plums", "pizza", "nuts", "milk", "tea",
            "jam"];

    /// <summary>A name: invented, or one that people have.</summary>
    public static string Name(ExerciseText text) =>
        text.IsExamination || text.Random.Next(5) < 3 ? Invented(text, capital: true) : text.Pick(s_names);

    public static string Invented(ExerciseText text, bool capital = false) => capital
        ? InventedWords.CreateName(text.Random, text.IsExamination)
        : InventedWords.Create(text.Random, text.IsExamination);

    /// <summary>A short value without a pattern: a number, a code, a word.</summary>
    public static string Value(ExerciseText text) => text.Random.Next(4) switch
    {
        0 => $"{text.Random.Next(10, 10_000)}",
        1 => $"{(char)('A' + text.Random.Next(26))}{text.Random.Next(10, 1000)}",
        2 => text.Pick(Things),
        _ => Invented(text),
    };

    public static string WithArticle(string noun) => (noun[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? "an " : "a ") + noun;
}
