namespace Noos.Factory.Champions;

/// <summary>
/// Whether something happens more often than it did: a test that may be looked at after every answer, since it is wrong in at most one of
/// so many cases however often one looks (a safe test of two proportions; Turner, Ly and Grünwald, 2021, with blocks of one answer each).
/// It bets on a rise alone. Not thread-safe.
/// </summary>
public sealed class SafeTest
{
    // Of the beta prior of both shares; the authors' choice.
    const double Prior = 0.18;

    int _blocks;
    int _before;
    int _after;
    double _log;

    /// <summary>The evidence for a rise: at least 1/α in at most a share α of all cases without one. Grows by betting, from 1.</summary>
    public double Evidence => Math.Exp(Math.Min(_log, 700));

    /// <summary>The greatest evidence so far.</summary>
    public double MaxEvidence { get; private set; } = 1;

    /// <summary>Takes in one answer from before and one from after.</summary>
    public void Add(bool before, bool after)
    {
        var old = (_before + Prior) / (_blocks + (2 * Prior));
        var now = (_after + Prior) / (_blocks + (2 * Prior));

        // Where the data so far shows no rise nothing is bet.
        if (now > old)
        {
            var both = (old + now) / 2;
            _log += Math.Log(Likelihood(old, before)) + Math.Log(Likelihood(now, after))
                - Math.Log(Likelihood(both, before)) - Math.Log(Likelihood(both, after));
        }

        _blocks++;
        _before += before ? 1 : 0;
        _after += after ? 1 : 0;
        MaxEvidence = Math.Max(MaxEvidence, Evidence);
    }

    static double Likelihood(double share, bool happened) => happened ? share : 1 - share;
}
