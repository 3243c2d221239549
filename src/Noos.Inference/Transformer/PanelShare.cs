using Noos.Inference.Kernels.Panels;
using Noos.Inference.Weights;

namespace Noos.Inference.Transformer;

/// <summary>
/// A range of panels of a matrix. Where reading weights is the bottleneck, the workers take half of the panels in equal shares, then half
/// of the rest, and so on to single panels: memory is read fastest in long runs, and short ones at the end let all finish together (guided
/// self-scheduling, Polychronopoulos and Kuck 1987).
/// </summary>
readonly record struct PanelShare(int Begin, int End)
{
    /// <summary>Number of shares of a matrix.</summary>
    public static int Count(int panels, int members) => members == 1 ? 1 : members * (Halvings(panels, members) + 1);

    /// <param name="panels">Panels of the matrix.</param>
    /// <param name="members">Workers of the team.</param>
    /// <param name="index">0 .. <see cref="Count"/> - 1; a share of few panels may be empty.</param>
    public static PanelShare Get(int panels, int members, int index)
    {
        if (members == 1)
        {
            return new(0, panels);
        }

        var (halving, part) = Math.DivRem(index, members);
        var begin = panels - (panels >> halving);
        var length = halving == Halvings(panels, members) ? panels - begin : (panels >> halving) - (panels >> (halving + 1));
        return new(begin + (int)((long)length * part / members), begin + (int)((long)length * (part + 1) / members));
    }

    /// <summary>The rows of these panels, without those that only fill the last panel up.</summary>
    public (int Begin, int End) RowsOf(WeightMatrix matrix) => (Begin * Panel.Rows, Math.Min(End * Panel.Rows, matrix.Rows));

    static int Halvings(int panels, int members) => int.Log2(Math.Max(1, panels / members));
}
