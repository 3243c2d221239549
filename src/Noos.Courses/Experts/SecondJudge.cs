namespace Noos.Courses.Experts;

/// <summary>
/// Another scripted expert, written without a look at <see cref="ExpertLabeler"/> and sharing no code with it: it holds an answer beside
/// the good one and asks how near it comes in words and in shape. A policy that has learned the weak spots of one judge does not please
/// both. Immutable and thread-safe.
/// </summary>
public sealed class SecondJudge
{
    // Nearer than this two answers are equally good.
    const double Tie = 0.02;

    static readonly HashSet<string> s_insults = new(
        ["stupid", "dumb", "idiot", "moron", "fool", "pathetic", "ridiculous", "ignorant", "lazy", "hate", "annoy", "shut", "lost", "waste",
            "nobody"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The only instance that anyone needs: there are no settings.</summary>
    public static SecondJudge Instance { get; } = new();

    /// <returns>More than 0: the first is better; less: the second; 0: neither.</returns>
    public int Compare(ExpertPrompt prompt, ExpertAnswer first, ExpertAnswer second)
    {
        var difference = Rate(prompt, first) - Rate(prompt, second);
        return Math.Abs(difference) < Tie ? 0 : Math.Sign(difference);
    }

    /// <summary>How near an answer comes to the good one; at most 1, without a lower bound.</summary>
    public double Rate(ExpertPrompt prompt, ExpertAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(answer);
        var said = Tokens(answer.Text);
        if (said.Count == 0)
        {
            return -1;
        }

        var good = Tokens(prompt.Answer);
        var shape = Shape(prompt.Answer, answer.Text);
        var rating = prompt.Right is null ? shape : (0.7 * F1(said, good)) + (0.3 * shape);

        // Whatever it says, these are faults.
        rating -= answer.IsEnded ? 0 : 0.4;
        rating -= Repetition(said);
        rating -= said.Exists(s_insults.Contains) && !good.Exists(s_insults.Contains) ? 0.35 : 0;
        rating -= said.Count > 2 * Math.Max(good.Count, 15) ? 0.2 : 0;
        if (prompt.Source is { } source)
        {
            var known = Tokens($"{source} {prompt.Question} {prompt.Answer}").ToHashSet(StringComparer.OrdinalIgnoreCase);
            var numbers = said.Where(word => char.IsDigit(word[0])).ToArray();
            rating -= numbers.Length > 0 && Array.Exists(numbers, number => !known.Contains(number)) ? 0.15 : 0;
        }

        return rating;
    }

    static List<string> Tokens(string text)
    {
        var tokens = new List<string>();
        var start = -1;
        for (var index = 0; index <= text.Length; index++)
        {
            var isPart = index < text.Length && char.IsLetterOrDigit(text[index]);
            if (isPart && start < 0)
            {
                start = index;
            }
            else if (!isPart && start >= 0)
            {
                tokens.Add(text[start..index].ToLowerInvariant());
                start = -1;
            }
        }

        return tokens;
    }

    // Harmonic mean of precision and recall of the words, as SQuAD has it.
    static double F1(List<string> said, List<string> good)
    {
        var left = good.CountBy(word => word, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var common = 0;
        foreach (var word in said)
        {
            if (left.GetValueOrDefault(word) > 0)
            {
                left[word]--;
                common++;
            }
        }

        return good.Count + said.Count == 0 ? 0 : 2.0 * common / (good.Count + said.Count);
    }

    // The share of words that only say again what two neighbouring words said before.
    static double Repetition(List<string> said)
    {
        var pairs = said.Zip(said.Skip(1)).ToArray();
        var repeated = pairs.Length - pairs.Distinct().Count();
        return pairs.Length < 8 ? 0 : Math.Max(0, ((double)repeated / pairs.Length) - 0.25);
    }

    // Lines, signs, cases and brackets: 1 where they are those of the good answer.
    static double Shape(string good, string said)
    {
        (Func<string, double> Trait, double Weight)[] traits =
        [
            (text => text.Trim().Count('\n'.Equals), 1), (text => text.Count("{}[]".Contains), 1),
            (text => text.Count("*#<>`|".Contains), 2),
            (text => text.Any(char.IsLower) ? 1 : 0, 1), (text => text.Any(char.IsUpper) ? 1 : 0, 1), (text => text.Count('"'.Equals), 1),
            (text => text.Any(char.IsDigit) ? 1 : 0, 1), (text => char.IsLetterOrDigit(text.Trim()[0]) ? 1 : 0, 1),
        ];
        return traits.Sum(trait => trait.Trait(good) == trait.Trait(said) ? trait.Weight : 0) / traits.Sum(trait => trait.Weight);
    }
}
