using System.Globalization;
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
        ChartFrame.RenderCaption(html, Title, Unit);
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
                    $"<span><i class=c{i % Colours}></i>{ChartFrame.Encode(drawn[i].Name)} "
                    + $"<b>{ChartFrame.Encode(Format(drawn[i].Buckets[^1].Mean))}</b></span>");
            }
        }

        foreach (var kind in Marks.Select(m => m.Kind).Distinct(StringComparer.Ordinal))
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<span><i class=\"key {ChartFrame.Encode(kind)}\"></i>{ChartFrame.Encode(kind)}</span>");
        }

        html.Append("</div>");
        var (low, high) = Range(drawn.SelectMany(s => s.Buckets).ToList());
        var frame = new ChartFrame(
            new ChartAxis(0, Math.Max(LastX, 1)) { TickCount = 6 }, new ChartAxis(low, high, Logarithmic) { Format = Format })
        {
            Width = Width,
            Height = Height,
        };
        frame.Render(html, Title, plot =>
        {
            foreach (var mark in Marks)
            {
                var x = ChartFrame.Number(frame.PlaceX(mark.Step));
                var kind = ChartFrame.Encode(mark.Kind);
                plot.Append(CultureInfo.InvariantCulture,
                    $"<line class=\"mark {kind}\" x1={x} x2={x} y1={frame.PlotTop} y2={frame.PlotBottom}><title>{kind} at step "
                    + $"{mark.Step:N0}: {ChartFrame.Encode(mark.Message)}</title></line>");
            }

            for (var i = 0; i < drawn.Count; i++)
            {
                RenderSeries(plot, frame, drawn[i].Name, drawn[i].Dense, drawn[i].Buckets, i % Colours);
            }
        });
        return html.Append("</figure>").ToString();
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

    void RenderSeries(StringBuilder html, ChartFrame frame, string name, bool dense, List<Bucket> buckets, int colour)
    {
        if (buckets.Count == 0)
        {
            return;
        }

        if (dense)
        {
            var band = buckets.Select(b => (b.X, b.Greatest)).Concat(buckets.AsEnumerable().Reverse().Select(b => (b.X, b.Least)));
            html.Append(CultureInfo.InvariantCulture, $"<path class=\"band c{colour}\" d=\"{frame.Path(band)}Z\" />");
        }

        html.Append(CultureInfo.InvariantCulture,
            $"<path class=\"line c{colour}\" d=\"{frame.Path(buckets.Select(b => (b.X, b.Mean)))}\" />");
        if (!dense)
        {
            // Many evaluations would run into one another: every second or later one is marked, the last always.
            var every = (buckets.Count / 60) + 1;
            foreach (var (index, b) in buckets.Index())
            {
                if ((buckets.Count - 1 - index) % every == 0)
                {
                    html.Append(CultureInfo.InvariantCulture,
                        $"<circle class=c{colour} cx={ChartFrame.Number(frame.PlaceX(b.X))} cy={ChartFrame.Number(frame.PlaceY(b.Mean))} "
                        + $"r=2.6><title>{ChartFrame.Encode(name)} {ChartFrame.Encode(Format(b.Mean))} at step {b.X:N0}</title></circle>");
                }
            }
        }
    }

    readonly record struct Bucket(double X, double Least, double Greatest, double Mean);
}
