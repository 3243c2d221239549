namespace Noos.Inference.Encoders;

/// <summary>
/// What the distance of two tokens does to their score: it falls in proportion (ALiBi; Press et al., arXiv:2108.12409), and beyond a window
/// there is none.
/// </summary>
/// <param name="Slope">Taken from the unscaled score q . k for each token of distance; at least 0.</param>
/// <param name="Radius">Tokens farther away are not seen.</param>
sealed unsafe record DistanceBias(float Slope, int Radius)
{
    // So far below every score that its exponential is exactly zero, and finite: infinities would give no number.
    const float Unseen = -1e30f;

    /// <summary>The rate at which ALiBi's scores fall in a head: a geometric sequence, then every second of a finer one.</summary>
    public static double SlopeOf(int head, int heads)
    {
        var powers = 1 << int.Log2(heads);
        return head < powers
            ? Math.Pow(2, -8.0 * (head + 1) / powers)
            : Math.Pow(2, -4.0 * ((2 * (head - powers)) + 1) / powers);
    }

    /// <summary>Applies it to one query's scores [tokens].</summary>
    public void Apply(float* scores, int position, int tokens)
    {
        for (var key = 0; key < tokens; key++)
        {
            var distance = Math.Abs(position - key);
            scores[key] = distance > Radius ? Unseen : scores[key] - (Slope * distance);
        }
    }
}
