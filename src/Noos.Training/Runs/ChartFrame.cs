using System.Globalization;
using System.Net;
using System.Text;

namespace Noos.Training.Runs;

/// <summary>
/// What every line chart of a report has around its lines: caption, axes and a plot that cuts what leaves it, as SVG that needs no script.
/// Colours are CSS variables, so that it follows light and dark. Values are placed in the coordinates of the whole drawing.
/// </summary>
/// <param name="X">From left to right.</param>
/// <param name="Y">From bottom to top.</param>
sealed record ChartFrame(ChartAxis X, ChartAxis Y)
{
    const int Left = 54;
    const int Right = 16;
    const int Top = 10;
    const int TickSpace = 26;
    const int TitleSpace = 14;

    public required int Width { get; init; }

    public required int Height { get; init; }

    /// <summary>Name of the x axis; empty for none.</summary>
    public string XTitle { get; init; } = "";

    public int PlotLeft => Left;

    public int PlotRight => Width - Right;

    public int PlotTop => Top;

    public int PlotBottom => Height - TickSpace - (XTitle.Length > 0 ? TitleSpace : 0);

    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A coordinate as SVG has it.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Begins the figure.</summary>
    public static void RenderCaption(StringBuilder html, string title, string unit) => html.Append(CultureInfo.InvariantCulture,
        $"<figure><figcaption><b>{Encode(title)}</b> <span class=unit>{Encode(unit)}</span></figcaption>");

    public double PlaceX(double value) => PlotLeft + (X.Position(value) * (PlotRight - PlotLeft));

    public double PlaceY(double value) => PlotTop + ((1 - Y.Position(value)) * (PlotBottom - PlotTop));

    /// <summary>The path of a line through points.</summary>
    public string Path(IEnumerable<(double X, double Y)> points) =>
        "M" + string.Join('L', points.Select(point => $"{Number(PlaceX(point.X))} {Number(PlaceY(point.Y))}"));

    /// <summary>The drawing with its axes; what leaves the plot is cut, and notes are drawn over it.</summary>
    public void Render(StringBuilder html, string title, Action<StringBuilder> lines, Action<StringBuilder>? notes = null)
    {
        var (width, height) = (PlotRight - PlotLeft, PlotBottom - PlotTop);
        html.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=img aria-label=\"{Encode(title)}\">");
        RenderAxes(html);
        html.Append(CultureInfo.InvariantCulture,
            $"<svg x={PlotLeft} y={PlotTop} width={width} height={height} viewBox=\"{PlotLeft} {PlotTop} {width} {height}\">");
        lines(html);
        html.Append("</svg>");
        notes?.Invoke(html);
        html.Append("</svg>");
    }

    void RenderAxes(StringBuilder html)
    {
        foreach (var tick in Y.FindTicks())
        {
            var y = Number(PlaceY(tick));
            html.Append(CultureInfo.InvariantCulture,
                $"<line class=grid x1={PlotLeft} x2={PlotRight} y1={y} y2={y} /><text x={PlotLeft - 7} y={y} dy=4 text-anchor=end>"
                + $"{Encode(Y.Format(tick))}</text>");
        }

        foreach (var tick in X.FindTicks())
        {
            var x = Number(PlaceX(tick));
            html.Append(CultureInfo.InvariantCulture,
                $"<line class=tick x1={x} x2={x} y1={PlotBottom} y2={PlotBottom + 4} /><text x={x} y={PlotBottom + 17} "
                + $"text-anchor=middle>{Encode(X.Format(tick))}</text>");
        }

        html.Append(CultureInfo.InvariantCulture,
            $"<line class=axis x1={PlotLeft} x2={PlotRight} y1={PlotBottom} y2={PlotBottom} />");
        if (XTitle.Length > 0)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<text x={(PlotLeft + PlotRight) / 2} y={Height - 5} text-anchor=middle>{Encode(XTitle)}</text>");
        }
    }
}
