using System.Globalization;
using System.Text;
using Noos.Training.Runs;

namespace Noos.Training.Planning.Reports;

/// <summary>One line of a chart.</summary>
/// <param name="Colour">Class of the style sheet.</param>
/// <param name="IsDashed">What would be, beside what is.</param>
/// <param name="IsArea">Filled down to the axis.</param>
sealed record PlanSeries(
    string Name, string Colour, IReadOnlyList<(double X, double Y)> Points, bool IsDashed = false, bool IsArea = false);

/// <summary>A line chart of a plan: a <see cref="ChartFrame"/> with dashed lines, areas, a bar to hold and named places.</summary>
sealed class PlanChart
{
    const int Height = 270;
    const int Width = 600;

    // A name that would leave the drawing stands on the left of its place.
    const int NameSpace = 130;

    public required string Title { get; init; }

    public required string Unit { get; init; }

    public required string XTitle { get; init; }

    public required IReadOnlyList<PlanSeries> Series { get; init; }

    public required ChartAxis X { get; init; }

    public required ChartAxis Y { get; init; }

    /// <summary>A line across the plot, and its name.</summary>
    public (double Y, string Name)? Bar { get; init; }

    /// <summary>Marked places of the x axis with names.</summary>
    public IReadOnlyList<(double X, string Name)> Marks { get; init; } = [];

    public string Render()
    {
        var html = new StringBuilder();
        ChartFrame.RenderCaption(html, Title, Unit);
        html.Append("<div class=legend>");
        foreach (var series in Series)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<span><i class=\"{series.Colour}{(series.IsDashed ? " dash" : "")}\"></i>{ChartFrame.Encode(series.Name)}</span>");
        }

        html.Append("</div>");
        var frame = new ChartFrame(X, Y) { Width = Width, Height = Height, XTitle = XTitle };
        frame.Render(
            html, Title,
            plot =>
            {
                foreach (var series in Series)
                {
                    RenderSeries(plot, frame, series);
                }
            },
            drawing => RenderNotes(drawing, frame));
        return html.Append("</figure>").ToString();
    }

    static void RenderSeries(StringBuilder html, ChartFrame frame, PlanSeries series)
    {
        var path = frame.Path(series.Points);
        if (series.IsArea)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<path class=\"area {series.Colour}\" d=\"{path}L"
                + $"{ChartFrame.Number(frame.PlaceX(series.Points[^1].X))} {frame.PlotBottom}L"
                + $"{ChartFrame.Number(frame.PlaceX(series.Points[0].X))} {frame.PlotBottom}Z\" />");
        }

        html.Append(CultureInfo.InvariantCulture,
            $"<path class=\"{(series.IsDashed ? "dashed" : "line")} {series.Colour}\" d=\"{path}\" />");
    }

    void RenderNotes(StringBuilder html, ChartFrame frame)
    {
        if (Bar is { } bar)
        {
            var y = ChartFrame.Number(frame.PlaceY(bar.Y));
            html.Append(CultureInfo.InvariantCulture,
                $"<line class=bar x1={frame.PlotLeft} x2={frame.PlotRight} y1={y} y2={y} /><text class=note x={frame.PlotLeft + 6} y={y} "
                + $"dy=-5 text-anchor=start>{ChartFrame.Encode(bar.Name)}</text>");
        }

        for (var index = 0; index < Marks.Count; index++)
        {
            var (at, name) = Marks[index];
            var x = ChartFrame.Number(frame.PlaceX(at));
            var isLeft = frame.PlaceX(at) > Width - NameSpace;
            html.Append(CultureInfo.InvariantCulture,
                $"<line class=bar x1={x} x2={x} y1={frame.PlotTop} y2={frame.PlotBottom} /><text class=note x={x} "
                + $"y={frame.PlotBottom - 8 - (index * 15)} dx={(isLeft ? -5 : 5)} text-anchor={(isLeft ? "end" : "start")}>"
                + $"{ChartFrame.Encode(name)}</text>");
        }
    }
}
