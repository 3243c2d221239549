using System.Text;
using Noos.Language.Tokenization;

namespace Noos.Corpus.Procedural.Exercises;

/// <summary>An exercise while it is written: plain ASCII text of which some parts follow from what stands before them.</summary>
sealed class ExerciseText(Random random, bool isExamination)
{
    readonly StringBuilder _text = new();
    readonly List<(int Start, int End)> _asked = [];

    public Random Random { get; } = random;

    /// <summary>Invented words come from the pack of the examinations.</summary>
    public bool IsExamination { get; } = isExamination;

    /// <summary>Text that cannot be predicted, so that it is not learnt.</summary>
    public ExerciseText Say(string text)
    {
        _text.Append(text);
        return this;
    }

    /// <summary>Text that follows from what was said; begin it with the space before it, which belongs to its first token.</summary>
    public ExerciseText Ask(string text)
    {
        _asked.Add((_text.Length, _text.Length + text.Length));
        return Say(text);
    }

    public T Pick<T>(params IReadOnlyList<T> items) => items[Random.Next(items.Count)];

    /// <summary>Different items in random order.</summary>
    public T[] PickMany<T>(IReadOnlyList<T> items, int count)
    {
        var chosen = items.ToArray();
        Random.Shuffle(chosen);
        return chosen[..count];
    }

    /// <summary>Different things that <paramref name="create"/> makes.</summary>
    public string[] Distinct(int count, Func<string> create)
    {
        var made = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (made.Count < count)
        {
            made.Add(create());
        }

        return [.. made];
    }

    /// <summary>Appends the tokens of the text, and which of them are to be predicted: those that begin within what was asked.</summary>
    public void Encode(Tokenizer tokenizer, List<int> tokens, List<bool> isTarget)
    {
        var place = 0;
        var asked = 0;
        foreach (var token in tokenizer.Encode(_text.ToString()))
        {
            while (asked < _asked.Count && _asked[asked].End <= place)
            {
                asked++;
            }

            tokens.Add(token);
            isTarget.Add(asked < _asked.Count && place >= _asked[asked].Start);
            place += tokenizer.BytesOf(token).Length;
        }
    }
}
