using Noos.Core;

namespace Noos.Factory.Gates;

/// <summary>What a candidate must hold to become the champion.</summary>
public sealed record GateOptions
{
    /// <summary>Level of the tests; over several examinations by Holm's method.</summary>
    public double Level { get; init; } = 0.05;

    /// <summary>No examination may go down by more points (percent of its questions), significantly or not.</summary>
    public double MaxDrop { get; init; } = 1;

    /// <summary>Loops, missing ends and rude answers may go up by as many points.</summary>
    public double MaxRise { get; init; } = 1;

    /// <summary>Bits per byte of text may go up by as many percent.</summary>
    public double MaxTextRise { get; init; } = 1;

    /// <summary>
    /// Least share of questions at which the candidate's answer is the better one by the true labeler; a tie counts half.
    /// </summary>
    public double MinWinRate { get; init; } = 0.52;

    /// <summary>Least lower end of the 95 % interval of that share.</summary>
    public double MinLowerBound { get; init; } = 0.5;

    /// <exception cref="NoosException">A number is no share.</exception>
    public GateOptions Validate() => Level is > 0 and < 1 && MaxDrop >= 0 && MaxRise >= 0 && MaxTextRise >= 0
        && MinWinRate is >= 0 and <= 1
        && MinLowerBound is >= 0 and <= 1
        ? this
        : throw new NoosException(
            ErrorKind.Invalid, "Level, win rate and lower bound of a gate are shares of 1, drop and rises not negative.");
}
