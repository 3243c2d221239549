using System.Globalization;

namespace Noos.Training.Planning.Published;

/// <summary>What was published of a quantity.</summary>
public enum PublishedKind
{
    /// <summary>A number.</summary>
    About,

    /// <summary>A bound from below, taken as the number.</summary>
    AtLeast,

    /// <summary>From one number to another.</summary>
    Range,
}

/// <summary>One quantity that was published and that the planner computes without knowing it.</summary>
/// <param name="Quantity">What it is, with its unit.</param>
/// <param name="Published">The number that was published, or follows from published ones by <paramref name="How"/>.</param>
/// <param name="Predicted">The planner's.</param>
/// <param name="How">How the published number was obtained, where it is not written as such; else empty.</param>
/// <param name="Format">Format of the numbers.</param>
public sealed record RunCheck(
    string Quantity, double Published, double Predicted, PublishedKind Kind, string How, string Format = "0.##")
{
    /// <summary>Largest error that passes.</summary>
    public const double Tolerance = 0.15;

    /// <summary>The upper end of a range; else <see cref="Published"/>.</summary>
    public double PublishedHigh { get; init; } = Published;

    /// <summary>Relative error of the prediction; of a range from its nearer end.</summary>
    public double Error => (Predicted / Math.Clamp(Predicted, Published, PublishedHigh)) - 1;

    /// <summary>The published number as text.</summary>
    public string PublishedText => Kind switch
    {
        PublishedKind.AtLeast => "≥ " + Text(Published),
        PublishedKind.Range => $"{Text(Published)} to {Text(PublishedHigh)}",
        _ => Text(Published),
    };

    /// <summary>The planner's number as text.</summary>
    public string PredictedText => Text(Predicted);

    /// <summary>
    /// Within the tolerance; above a published lower bound there is no error as long as the planner does not exceed what is possible.
    /// </summary>
    public bool Passes => Math.Abs(Error) <= Tolerance || (Kind == PublishedKind.AtLeast && Predicted >= Published);

    string Text(double value) => value.ToString(Format, CultureInfo.InvariantCulture);
}

/// <summary>A published run as the planner sees it: what goes in, what comes out, and from where both are known.</summary>
/// <param name="Inputs">Numbers that the planner is given, with their sources.</param>
/// <param name="Checks">Numbers that it is not given.</param>
/// <param name="Caveats">What the comparison leaves out.</param>
public sealed record PublishedRun(
    string Name, string Summary, IReadOnlyList<(string What, string Source)> Inputs, IReadOnlyList<RunCheck> Checks, string Caveats);
