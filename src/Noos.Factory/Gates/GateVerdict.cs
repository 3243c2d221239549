using System.Text.Json.Serialization;

namespace Noos.Factory.Gates;

/// <summary>Whether a candidate becomes the champion, and why.</summary>
/// <param name="Checks">All that was looked at.</param>
public sealed record GateVerdict(IReadOnlyList<GateCheck> Checks)
{
    /// <summary>Share of questions at which the candidate's answer is the better one, by the true labeler.</summary>
    public double WinRate { get; init; }

    /// <summary>The ends of its 95 % interval.</summary>
    public double WinRateLow { get; init; }

    /// <inheritdoc cref="WinRateLow"/>
    public double WinRateHigh { get; init; }

    /// <summary>Every check is passed.</summary>
    [JsonIgnore]
    public bool IsPassed => Checks.All(check => check.IsPassed);

    /// <summary>The checks that are not passed.</summary>
    [JsonIgnore]
    public IEnumerable<GateCheck> Failed => Checks.Where(check => !check.IsPassed);

    /// <summary>One sentence for people: what was decided, and each reason.</summary>
    public string ToText() => IsPassed
        ? "The candidate passes the gate."
        : "The candidate is refused: " + string.Join(" ", Failed.Select(check => check.Sentence));
}

/// <summary>One thing that a gate looks at.</summary>
/// <param name="Name">Which: an examination, loops, ends, rude, win rate.</param>
/// <param name="IsPassed">Whether the candidate holds it.</param>
/// <param name="Sentence">What was found, and what that means.</param>
public sealed record GateCheck(string Name, bool IsPassed, string Sentence)
{
    /// <summary>What the champion has, in percent.</summary>
    public double Champion { get; init; }

    /// <summary>What the candidate has, in percent.</summary>
    public double Candidate { get; init; }

    /// <summary>The probability of so bad a result by chance.</summary>
    public double Probability { get; init; } = 1;
}
