using Noos.Core;

namespace Noos.Factory.Collection;

/// <summary>What of that which people taught a training may learn from.</summary>
public sealed record CollectionOptions
{
    /// <summary>What was said later waits for the next collection.</summary>
    public DateTimeOffset Until { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Demonstrations of the last so many days are new.</summary>
    public int NewDays { get; init; } = 14;

    /// <summary>A new demonstration is written so many times.</summary>
    public int NewPasses { get; init; } = 3;

    /// <summary>What a judgement of a person counts for, beside one of a scripted expert.</summary>
    public double Weight { get; init; } = 3;

    /// <summary>
    /// Rows that one rater may give in a calendar week, or <see cref="MaxWeekShare"/> of the week's rows where that is more.
    /// </summary>
    public int MaxRowsPerWeek { get; init; } = 50;

    /// <summary>See <see cref="MaxRowsPerWeek"/>.</summary>
    public double MaxWeekShare { get; init; } = 0.02;

    /// <summary>Raters without such a limit, such as the owner of the machine.</summary>
    public IReadOnlyList<string> Uncapped { get; init; } = [];

    /// <summary>Known or repeated pairs from which on a rater's share of right ones says something.</summary>
    public int MinRatedPairs { get; init; } = 5;

    /// <summary>
    /// A rater who gets fewer of the known pairs right, or judges fewer repeated pairs the same way again, counts nothing, unless the pairs
    /// are so few that chance may have made it so.
    /// </summary>
    public double MinRaterAccuracy { get; init; } = 0.7;

    /// <summary>Answers whose true scores differ by so much are a known pair: everybody who looks gets it right.</summary>
    public double KnownGap { get; init; } = 0.2;

    /// <summary>Rows whose runs of three words are equal to this share (Jaccard) are one row.</summary>
    public double MaxSimilarity { get; init; } = 0.8;

    /// <summary>Words in a row that a row must not share with a question of an examination.</summary>
    public int ExaminationWords { get; init; } = 8;

    /// <exception cref="NoosException">A number makes no sense.</exception>
    public CollectionOptions Validate()
    {
        Require(NewDays >= 0 && NewPasses is >= 1 and <= 100, "New demonstrations are written 1 to 100 times.");
        Require(Weight is > 0 and <= 100, $"A judgement of a person counts for more than 0 and at most 100, not {Weight}.");
        Require(MaxRowsPerWeek >= 1, "A rater may give at least one row a week.");
        Require(MaxWeekShare is >= 0 and <= 1, "The share of a week that a rater may give lies between 0 and 1.");
        Require(MinRatedPairs >= 1 && MinRaterAccuracy is >= 0 and <= 1, "The accuracy that is asked of a rater lies between 0 and 1.");
        Require(MaxSimilarity is > 0 and <= 1, "The similarity of near duplicates lies above 0 and at most at 1.");
        Require(ExaminationWords >= 4, "Fewer than four words in a row are anybody's.");
        return this;

        static void Require(bool condition, string message)
        {
            if (!condition)
            {
                throw new NoosException(ErrorKind.Invalid, message);
            }
        }
    }
}
