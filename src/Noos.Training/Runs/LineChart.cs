using System.Globalization;
using System.Net;
using System.Text;

namespace Noos.Training.Runs;

/// <summary>One line of a chart.</summary>
/// <param name="Name">Shown in the legend; may be empty when the chart has one line only.</param>
/// <param name="Points">Step and value; values that are not finite are passed over.</param>
/// <param name="Dense">
/// A value per update: drawn as mean with a band from the least to the greatest. Otherwise each point is marked.
/// </param>
public sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y)> Points, bool Dense);

/// <summary>A line chart as SVG that needs no script; its colours are CSS variables, so that it follows light and dark.</summary>
public sealed class LineChart
{
    const int Width = 600;
    const int Height = 250;
    const int Left = 52;
    const int Right = 14;
    const int Top = 10;
    const int Bottom = 26;
    const int Buckets = 270;
    const int Colours = 8;

    public required string Title { get; init; }

    /// <summary>What the y axis counts.</summary>
    public required string Unit { get; init; }

    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>Right end of the x axis.</summary>
    public required double LastX { get; init; }

    /// <summary>Logarithmic y axis; values of 0 and less are passed over.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Whether the y axis begins at 0.</summary>
    public bool FromZero { get; init; }

    public Func<double, string> Format { get; init; } = ReportNumber.Abbreviate;

    /// <summary>Vertical marks: step, kind and text.</summary>
    public IReadOnlyList<RunEvent> Marks { get; init; } = [];

    public string Render()
    {
        var drawn = Series.Select(s => (s.Name, s.Dense, Buckets: Reduce(s))).ToList();
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture,
            $"<figure><figcaption><b>{Encode(Title)}</b> <span class=unit>{Encode(Unit)}</span></figcaption>");
        if (drawn.All(s => s.Buckets.Count == 0))
        {
            return html.Append("<p class=none>No values yet.</p></figure>").ToString();
        }

        html.Append("<div class=legend>");
        for (var i = 0; i < drawn.Count; i++)
        {
            if (drawn[i].Buckets.Count > 0)
            {
                html.Append(CultureInfo.InvariantCulture,
                    $"<span><i class=c{i % Colours}></i>{Encode(drawn[i].Name)} <b>{Encode(Format(drawn[i].Buckets[^1].Mean))}</b></span>");
            }
        }

        foreach (var kind in Marks.Select(m => m.Kind).Distinct(StringComparer.Ordinal))
        {
            html.Append(CultureInfo.InvariantCulture, $"<span><i class=\"key {Encode(kind)}\"></i>{Encode(kind)}</span>");
        }

        html.Append("</div>");
        var (low, high) = Range(drawn.SelectMany(s => s.Buckets).ToList());
        html.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=img aria-label=\"{Encode(Title)}\">");
        RenderAxes(html, low, high);
        html.Append(CultureInfo.InvariantCulture, $"<svg x={Left} y={Top} width={PlotWidth} height={PlotHeight}>");
        foreach (var mark in Marks)
        {
            var x = Number(MapX(mark.Step) - Left);
            html.Append(CultureInfo.InvariantCulture,
                $"<line class=\"mark {Encode(mark.Kind)}\" x1={x} x2={x} y1=0 y2={PlotHeight}><title>{Encode(mark.Kind)} at step "
                + $"{mark.Step:N0}: {Encode(mark.Message)}</title></line>");
        }

        for (var i = 0; i < drawn.Count; i++)
        {
            RenderSeries(html, drawn[i].Name, drawn[i].Dense, drawn[i].Buckets, i % Colours, low, high);
        }

        return html.Append("</svg></svg></figure>").ToString();
    }

    static int PlotWidth => Width - Left - Right;

    static int PlotHeight => Height - Top - Bottom;

    static string Encode(string text) => WebUtility.HtmlEncode(text);

    static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    static List<double> LinearTicks(double low, double high, int about)
    {
        var rough = (high - low) / about;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * ((rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
        var ticks = new List<double>();
        for (var k = Math.Ceiling((low / step) - 1e-9); k * step <= high + (1e-9 * step); k++)
        {
            // Not -0.
            ticks.Add(k == 0 ? 0 : k * step);
        }

        return ticks;
    }

    static List<double> LogarithmicTicks(double low, double high)
    {
        double[] digits = high / low > 300 ? [1] : high / low > 12 ? [1, 3] : [1, 1.5, 2, 3, 5, 7];
        var ticks = new List<double>();
        for (var power = Math.Floor(Math.Log10(low)); power <= Math.Ceiling(Math.Log10(high)); power++)
        {
            ticks.AddRange(digits.Select(d => d * Math.Pow(10, power)).Where(t => t >= low && t <= high));
        }

        return ticks;
    }

    /// <summary>Thousands of updates become some hundreds of points: what the pixels can show.</summary>
    List<Bucket> Reduce(ChartSeries series)
    {
        var points = series.Points.Where(p => double.IsFinite(p.Y) && (!Logarithmic || p.Y > 0));
        if (!series.Dense)
        {
            return [.. points.Select(p => new Bucket(p.X, p.Y, p.Y, p.Y))];
        }

        return [.. points
            .GroupBy(p => Math.Min(Buckets - 1, (int)(p.X / Math.Max(LastX, 1) * Buckets)))
            .OrderBy(g => g.Key)
            .Select(g => new Bucket(g.Average(p => p.X), g.Min(p => p.Y), g.Max(p => p.Y), g.Average(p => p.Y)))];
    }

    /// <summary>
    /// The range of the means. Few that lie far above all others (the first steps, a spike) must not flatten the
    /// curve: they leave the plot.
    /// </summary>
    (double Low, double High) Range(List<Bucket> buckets)
    {
        var means = buckets.Select(b => b.Mean).Order().ToList();
        double Quantile(double share) => means[(int)(share * (means.Count - 1))];
        var low = buckets.Select(b => b.Least).Order().ElementAt(means.Count > Colours * 4 ? means.Count / 200 : 0);
        var high = means[^1] - low > 3 * (Quantile(0.9) - low) && means.Count > Colours * 4 ? Quantile(0.985) : means[^1];
        if (Logarithmic)
        {
            return (low / 1.3, Math.Max(high, low * 1.05) * 1.3);
        }

        low = FromZero ? 0 : low;
        var margin = Math.Max((high - low) * 0.06, Math.Abs(high) * 1e-3);
        margin = margin > 0 ? margin : 1;
        return (FromZero ? 0 : low - margin, high + margin);
    }

    void RenderAxes(StringBuilder html, double low, double high)
    {
        foreach (var tick in Logarithmic ? LogarithmicTicks(low, high) : LinearTicks(low, high, 5))
        {
            var y = Number(MapY(tick, low, high));
            html.Append(CultureInfo.InvariantCulture,
                $"<line class=grid x1={Left} x2={Width - Right} y1={y} y2={y} /><text x={Left - 6} y={y} dy=4 "
                + $"text-anchor=end>{Encode(Format(tick))}</text>");
        }

        foreach (var tick in LinearTicks(0, Math.Max(LastX, 1), 6))
        {
            var x = Number(MapX(tick));
            html.Append(CultureInfo.InvariantCulture,
                $"<line class=tick x1={x} x2={x} y1={Height - Bottom} y2={Height - Bottom + 4} /><text x={x} y={Height - Bottom + 17} "
                + $"text-anchor=middle>{ReportNumber.Abbreviate(tick)}</text>");
        }

        html.Append(CultureInfo.InvariantCulture,
            $"<line class=axis x1={Left} x2={Width - Right} y1={Height - Bottom} y2={Height - Bottom} />");
    }

    void RenderSeries(StringBuilder html, string name, bool dense, List<Bucket> buckets, int colour, double low, double high)
    {
        if (buckets.Count == 0)
        {
            return;
        }

        double X(Bucket b) => MapX(b.X) - Left;
        double Y(double value) => MapY(value, low, high) - Top;
        string Path(IEnumerable<(double X, double Y)> points) => "M" + string.Join('L', points.Select(p => $"{Number(p.X)} {Number(p.Y)}"));

        if (dense)
        {
            var band = buckets.Select(b => (X(b), Y(b.Greatest))).Concat(buckets.AsEnumerable().Reverse().Select(b => (X(b), Y(b.Least))));
            html.Append(CultureInfo.InvariantCulture, $"<path class=\"band c{colour}\" d=\"{Path(band)}Z\" />");
        }

        html.Append(CultureInfo.InvariantCulture,
            $"<path class=\"line c{colour}\" d=\"{Path(buckets.Select(b => (X(b), Y(b.Mean))))}\" />");
        if (!dense)
        {
            // Many evaluations would run into one another: every second or later one is marked, the last always.
            var every = (buckets.Count / 60) + 1;
            foreach (var (index, b) in buckets.Index())
            {
                if ((buckets.Count - 1 - index) % every == 0)
                {
                    html.Append(CultureInfo.InvariantCulture,
                        $"<circle class=c{colour} cx={Number(X(b))} cy={Number(Y(b.Mean))} r=2.6><title>{Encode(name)} "
                        + $"{Encode(Format(b.Mean))} at step {b.X:N0}</title></circle>");
                }
            }
        }
    }

    double MapX(double x) => Left + (x / Math.Max(LastX, 1) * PlotWidth);

    /// <summary>Far outside values are held near the plot, whose edge cuts them.</summary>
    double MapY(double y, double low, double high)
    {
        var share = Logarithmic ? Math.Log(y / low) / Math.Log(high / low) : (y - low) / (high - low);
        return Top + ((1 - Math.Clamp(share, -0.5, 1.5)) * PlotHeight);
    }

    readonly record struct Bucket(double X, double Least, double Greatest, double Mean);
}
