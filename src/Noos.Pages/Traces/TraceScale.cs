namespace Noos.Pages.Traces;

/// <summary>
/// From times to places on a line, from 0 to 1. A person who was asked may have taken hours: that is drawn shortened, so that what the
/// machine did stays to be seen.
/// </summary>
public sealed class TraceScale
{
    // Of the machine's time; and at least so long.
    const double MaxShare = 0.2;

    static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(200);

    readonly DateTimeOffset _begin;
    readonly List<(DateTimeOffset From, TimeSpan Removed)> _cuts = [];

    public TraceScale(DateTimeOffset begin, IReadOnlyList<TraceSpan> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        _begin = begin;
        var end = spans.Count == 0 ? begin : spans.Max(span => span.End);
        var asked = spans.Where(span => span.Kind == TraceSpanKind.Person).ToArray();
        var machine = end - begin - asked.Aggregate(TimeSpan.Zero, (sum, span) => sum + span.Duration);
        var allowed = machine * MaxShare > s_least ? machine * MaxShare : s_least;
        _cuts.AddRange(asked.Where(span => span.Duration > allowed).Select(span => (span.Begin + allowed, span.Duration - allowed)));
        Length = end - begin - _cuts.Aggregate(TimeSpan.Zero, (sum, cut) => sum + cut.Removed);
    }

    /// <summary>What the whole line stands for, without what is left out.</summary>
    public TimeSpan Length { get; }

    /// <summary>Something is drawn shorter than it was.</summary>
    public bool IsCut => _cuts.Count > 0;

    public bool Cuts(TraceSpan span)
    {
        ArgumentNullException.ThrowIfNull(span);
        return span.Kind == TraceSpanKind.Person && _cuts.Exists(cut => cut.From > span.Begin && cut.From <= span.End);
    }

    /// <summary>The place of a time.</summary>
    public double PlaceOf(DateTimeOffset time)
    {
        if (Length <= TimeSpan.Zero)
        {
            return 0;
        }

        var place = time - _begin;
        foreach (var (from, removed) in _cuts)
        {
            var behind = time - from;
            place -= behind <= TimeSpan.Zero ? TimeSpan.Zero : behind < removed ? behind : removed;
        }

        return Math.Clamp(place / Length, 0, 1);
    }

    /// <summary>Round times for a ruler: at most six.</summary>
    public IReadOnlyList<TimeSpan> Ticks()
    {
        if (Length <= TimeSpan.Zero)
        {
            return [];
        }

        var least = Length.TotalSeconds / 6;
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        var step = ((double[])[1, 2, 5, 10]).First(factor => factor * power >= least) * power;
        return [.. Enumerable.Range(0, (int)(Length.TotalSeconds / step) + 1).Select(index => TimeSpan.FromSeconds(index * step))];
    }
}
