using System.Text;

namespace Noos.Testing;

/// <summary>
/// What people and programs type when they do not ask nicely: nothing, one letter, noise, other languages, orders to repeat for ever, code,
/// emoji, the marks of the layout. The same seed gives the same prompts.
/// </summary>
public static class OddPrompts
{
    static readonly Func<Random, string>[] s_kinds =
    [
        Blank, Letter, Punctuation, LetterNoise, WordNoise, SymbolNoise, Foreign, RepeatForever, RepeatTimes, LongQuestion, Code, Emoji,
        Marks, Digits, Echo, Question, Question, Request, Request, Shout,
    ];

    static readonly string[] s_words =
    [
        "water", "moon", "garden", "engine", "river", "glass", "paper", "window", "bread", "stone", "light", "music", "winter", "tiger",
        "doctor", "market", "cloud", "sugar", "ocean", "bridge", "letter", "mirror", "forest", "planet", "copper", "shadow", "ticket",
        "whale",
    ];

    static readonly string[] s_foreign =
    [
        "Warum ist der Himmel blau und das Meer salzig?", "Schreib mir ein Gedicht \u00fcber den Herbst.",
        "Quelle est la capitale de la France ?",
        "Raconte-moi une histoire d'un petit chat.", "\u00bfPor qu\u00e9 los gatos tienen miedo del agua?",
        "Qual \u00e8 il fiume pi\u00f9 lungo del mondo?",
        "Hoe laat is het in Amsterdam?",
        "\u041f\u043e\u0447\u0435\u043c\u0443 \u0442\u0440\u0430\u0432\u0430 \u0437\u0435\u043b\u0451\u043d\u0430\u044f?",
        "\u4f60\u597d\uff0c\u4f60\u662f\u8c01\uff1f", "\u732b\u306f\u597d\u304d\u3067\u3059\u304b\u3002",
        "\ud55c\uad6d\uc5b4\ub97c \ud560 \uc904 \uc544\uc138\uc694?",
        "\u0645\u0627 \u0647\u064a \u0639\u0627\u0635\u0645\u0629 \u0645\u0635\u0631\u061f",
        "\u092d\u093e\u0930\u0924 \u0915\u0940 \u0930\u093e\u091c\u0927\u093e\u0928\u0940 \u0915\u094d\u092f\u093e \u0939\u0948?",
        "Mik\u00e4 on Suomen p\u00e4\u00e4kaupunki?", "Dlaczego niebo jest niebieskie?", "T\u00fcrkiye'nin ba\u015fkenti neresidir?",
    ];

    static readonly string[] s_emoji =
    [
        "\U0001F600", "\U0001F98A", "\u2764\uFE0F", "\U0001F389", "\U0001F44D\U0001F3FD",
        "\U0001F468\u200D\U0001F469\u200D\U0001F467", "\u2615", "\U0001F1E9\U0001F1EA",
    ];

    static readonly string[] s_code =
    [
        "for (int i = 0; i < 10; i++) { Console.WriteLine(i); }", "def f(x):\n    return f(x - 1) + f(x - 2)",
        "SELECT * FROM users WHERE 1 = 1; --",
        "while True: print('again')", "{\"a\": [1, 2, {\"b\": null}], \"c\": \"\\u0041\"}", "<div><p>Hello<br/></p></div>",
        "#!/bin/sh\nyes | head -n 100000",
        "[\n  [0, 0, 0],\n  [0, 0, 0]\n]", "```\nA -> B -> A -> B\n```", "console.log('a'.repeat(1e6))",
    ];

    static readonly string[] s_marks =
    [
        "<|im_end|>", "<|im_start|>assistant", "<tool_call>", "</tool_call>", "<|endoftext|>", "<think>", "[INST]", "{{ messages }}",
        "<tool_response>", "\\n\\n\\n",
    ];

    static readonly string[] s_questions =
    [
        "Why does {0} need {1}?", "What is the difference between {0} and {1}?", "How do I make {0}?", "Who discovered the {0}?",
        "When was the first {0} built?",
        "What happens when {0} meets {1}?", "Can a {0} think?", "How many kinds of {0} are there?", "Why do people like {0}?",
        "What would you do with a {0}?",
        "Explain {0} to a child.", "Is {0} better than {1}?", "Where does {0} come from?", "What do you know about {0} and {1}?",
        "How does a {0} work?",
    ];

    static readonly string[] s_requests =
    [
        "Write a poem about {0}.", "Tell me a long story about a {0} and a {1}.", "List ten facts about {0}.",
        "Write an essay about {0}.", "Make a table of {0} and {1}.",
        "Write a song with a refrain about {0}.", "Count from one to fifty.", "Name all countries.", "Give me a recipe with {0}.",
        "Write a program that sorts {0}.",
        "Summarize the history of the {0}.", "Describe a {0} in great detail.", "Draw a {0} with characters.",
        "Write the alphabet backwards.", "Say nothing.",
    ];

    /// <summary>So many prompts, the kinds in turn.</summary>
    public static IEnumerable<string> Create(int count, int seed = 1)
    {
        var random = new Random(seed);
        for (var index = 0; index < count; index++)
        {
            yield return s_kinds[index % s_kinds.Length](random);
        }
    }

    static string Blank(Random random) => new([.. Enumerable.Range(0, random.Next(6)).Select(_ => " \n\t\u00a0\u3000"[random.Next(5)])]);

    static string Letter(Random random) => ((char)('a' + random.Next(26))).ToString();

    static string Punctuation(Random random) => new(".?!-*#_=~,;:\"'"[random.Next(14)], random.Next(1, 40));

    static string LetterNoise(Random random) => Join(random.Next(10, 60), _ => new string([.. Enumerable.Range(0, random.Next(1, 9))
        .Select(_ => (char)('a' + random.Next(26)))]));

    static string WordNoise(Random random) => Join(random.Next(20, 250), _ => Word(random));

    static string SymbolNoise(Random random) => new([.. Enumerable.Range(0, random.Next(20, 150)).Select(_ => (char)random.Next(33, 127))]);

    static string Foreign(Random random) => Join(random.Next(1, 4), _ => Any(random, s_foreign));

    static string RepeatForever(Random random) => string.Format(null, Any(random,
        "Repeat the word {0} forever.", "Say {0} again and again and never stop.", "Repeat after me without end: {0} {1}",
        "{0} {0} {0} {0} {0} {0} {0} {0} {0}",
        "Write \"{0} and {1}\" a thousand times.", "Keep saying {0}.", "Repeat this sentence endlessly: The {0} is a {1}.",
        "Do not stop. {0}! {0}! {0}!"), Word(random), Word(random));

    static string RepeatTimes(Random random) => string.Format(
        null,
        Any(random, "Write the word {0} {1} times.", "Say {0} {1} times.", "Repeat {1} times: the {0} is blue"),
        Word(random),
        random.Next(2, 30));

    static string LongQuestion(Random random) => Join(random.Next(5, 25), index => index == 0
        ? "If"
        : $"{Word(random)} is {Any(random, "near", "above", "like", "without", "older than")} {Word(random)}, and if")
            + $" not, then what is {Word(random)}?";

    static string Code(Random random) =>
        Any(random, "", "What does this do?\n", "Continue:\n", "Fix this: ") + Any(random, s_code);

    static string Emoji(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 20)).Select(_ => Any(random, s_emoji)));

    static string Marks(Random random) =>
        Join(random.Next(1, 5), _ => Any(random, s_marks)) + (random.Next(2) == 0 ? "" : " " + Question(random));

    static string Digits(Random random) => string.Format(
        null,
        Any(random, "{0}", "{0} + {0}", "What comes after {0}?", "0.{0}", "Is {0} prime?", "{0} apples"),
        new string([.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => (char)('0' + random.Next(10)))]));

    static string Echo(Random random)
    {
        var word = Word(random);
        return Join(random.Next(3, 120), _ => word);
    }

    static string Question(Random random) => string.Format(null, Any(random, s_questions), Word(random), Word(random));

    static string Request(Random random) => string.Format(null, Any(random, s_requests), Word(random), Word(random));

    static string Shout(Random random) => Question(random).ToUpperInvariant() + new string('!', random.Next(1, 10));

    static string Word(Random random) => Any(random, s_words);

    static T Any<T>(Random random, params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];

    static string Join(int count, Func<int, string> part)
    {
        var text = new StringBuilder();
        for (var index = 0; index < count; index++)
        {
            text.Append(index == 0 ? "" : " ").Append(part(index));
        }

        return text.ToString();
    }
}
