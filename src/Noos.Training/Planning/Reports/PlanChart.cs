using System.Globalization;
using System.Net;
using System.Text;

namespace Noos.Training.Planning.Reports;

/// <summary>One line of a chart.</summary>
/// <param name="Colour">Class of the style sheet.</param>
/// <param name="IsDashed">What would be, beside what is.</param>
/// <param name="IsArea">Filled down to the axis.</param>
sealed record PlanSeries(
    string Name, string Colour, IReadOnlyList<(double X, double Y)> Points, bool IsDashed = false, bool IsArea = false);

/// <summary>A line chart of a plan as SVG without a script; either axis may be logarithmic.</summary>
sealed class PlanChart
{
    const int Height = 270;
    const int Left = 54;
    const int Right = 18;
    const int Top = 10;
    const int Bottom = 40;

    public required string Title { get; init; }

    public required string Unit { get; init; }

    public required string XTitle { get; init; }

    public required IReadOnlyList<PlanSeries> Series { get; init; }

    public required (double Low, double High) X { get; init; }

    public required (double Low, double High) Y { get; init; }

    public bool LogX { get; init; }

    public bool LogY { get; init; }

    /// <summary>Ticks of the y axis; null to choose them.</summary>
    public IReadOnlyList<double>? TicksY { get; init; }

    public Func<double, string> FormatX { get; init; } = PlanNumber.Digits;

    public Func<double, string> FormatY { get; init; } = PlanNumber.Digits;

    /// <summary>Ticks of the x axis; null to choose them.</summary>
    public IReadOnlyList<double>? TicksX { get; init; }

    /// <summary>A line across the plot, and its name.</summary>
    public (double Y, string Name)? Bar { get; init; }

    /// <summary>Marked places of the x axis with names.</summary>
    public IReadOnlyList<(double X, string Name)> Marks { get; init; } = [];

    public int Width { get; init; } = 600;

    public string Render()
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture,
            $"<figure><figcaption><b>{Encode(Title)}</b> <span class=unit>{Encode(Unit)}</span></figcaption><div class=legend>");
        foreach (var series in Series)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<span><i class=\"{series.Colour}{(series.IsDashed ? " dash" : "")}\"></i>{Encode(series.Name)}</span>");
        }

        html.Append(CultureInfo.InvariantCulture,
            $"</div><svg viewBox=\"0 0 {Width} {Height}\" role=img aria-label=\"{Encode(Title)}\">");
        Axes(html);
        html.Append(CultureInfo.InvariantCulture,
            $"<svg x={Left} y={Top} width={Width - Left - Right} height={Height - Top - Bottom} viewBox=\"{Left} {Top} "
            + $"{Width - Left - Right} {Height - Top - Bottom}\">");
        foreach (var series in Series)
        {
            Line(html, series);
        }

        html.Append("</svg>");
        if (Bar is { } bar)
        {
            var y = N(MapY(bar.Y));
            html.Append(CultureInfo.InvariantCulture,
                $"<line class=bar x1={Left} x2={Width - Right} y1={y} y2={y} /><text class=note x={Left + 6} y={y} dy=-5 "
                + $"text-anchor=start>{Encode(bar.Name)}</text>");
        }

        for (var index = 0; index < Marks.Count; index++)
        {
            var (at, name) = Marks[index];
            var x = N(MapX(at));
            var right = MapX(at) > Width - 130;
            html.Append(CultureInfo.InvariantCulture,
                $"<line class=bar x1={x} x2={x} y1={Top} y2={Height - Bottom} /><text class=note x={x} "
                + $"y={Height - Bottom - 8 - (index * 15)} dx={(right ? -5 : 5)} text-anchor={(right ? "end" : "start")}>"
                + $"{Encode(name)}</text>");
        }

        return html.Append("</svg></figure>").ToString();
    }

    static string Encode(string text) => WebUtility.HtmlEncode(text);

    static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    static List<double> LinearTicks(double low, double high)
    {
        var rough = (high - low) / 5;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * ((rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
        var ticks = new List<double>();
        for (var k = Math.Ceiling((low / step) - 1e-9); k * step <= high + (1e-9 * step); k++)
        {
            ticks.Add(k == 0 ? 0 : k * step);
        }

        return ticks;
    }

    void Axes(StringBuilder html)
    {
        foreach (var tick in TicksY ?? LinearTicks(Y.Low, Y.High))
        {
            var y = N(MapY(tick));
            html.Append(CultureInfo.InvariantCulture,
                $"<line class=grid x1={Left} x2={Width - Right} y1={y} y2={y} /><text x={Left - 7} y={y} dy=4 text-anchor=end>"
                + $"{Encode(FormatY(tick))}</text>");
        }

        foreach (var tick in TicksX ?? LinearTicks(X.Low, X.High))
        {
            var x = N(MapX(tick));
            html.Append(CultureInfo.InvariantCulture,
                $"<line class=tick x1={x} x2={x} y1={Height - Bottom} y2={Height - Bottom + 4} /><text x={x} y={Height - Bottom + 17} "
                + $"text-anchor=middle>{Encode(FormatX(tick))}</text>");
        }

        html.Append(CultureInfo.InvariantCulture,
            $"<line class=axis x1={Left} x2={Width - Right} y1={Height - Bottom} y2={Height - Bottom} />"
            + $"<text x={(Left + Width - Right) / 2} y={Height - 5} text-anchor=middle>{Encode(XTitle)}</text>");
    }

    void Line(StringBuilder html, PlanSeries series)
    {
        var path = "M" + string.Join('L', series.Points.Select(point => $"{N(MapX(point.X))} {N(MapY(point.Y))}"));
        if (series.IsArea)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<path class=\"area {series.Colour}\" d=\"{path}L{N(MapX(series.Points[^1].X))} {N(MapY(Y.Low))}L"
                + $"{N(MapX(series.Points[0].X))} {N(MapY(Y.Low))}Z\" />");
        }

        html.Append(CultureInfo.InvariantCulture,
            $"<path class=\"{(series.IsDashed ? "dashed" : "line")} {series.Colour}\" d=\"{path}\" />");
    }

    double MapX(double x) => Left + (Math.Clamp(LogX
        ? Math.Log(x / X.Low) / Math.Log(X.High / X.Low)
        : (x - X.Low) / (X.High - X.Low), -0.5, 1.5) * (Width - Left - Right));

    // Far outside values are held near the plot, whose edge cuts them.
    double MapY(double y)
    {
        var share = LogY ? Math.Log(Math.Max(y, Y.Low / 10) / Y.Low) / Math.Log(Y.High / Y.Low) : (y - Y.Low) / (Y.High - Y.Low);
        return Top + ((1 - Math.Clamp(share, -0.5, 1.5)) * (Height - Top - Bottom));
    }
}
