using System.Globalization;
using System.Net;
using System.Text;

namespace Noos.Tools.Code.Charts;

/// <summary>
/// Draws a <see cref="Chart"/> as SVG that stands alone: no scripts, no fonts, nothing from elsewhere. Every text in it is escaped, since
/// labels come from files and pages.
/// </summary>
public static class SvgChart
{
    const int Width = 720;
    const int Height = 420;
    const int Right = 24;
    const int CharacterWidth = 7;

    // Okabe and Ito's colours, which people who see few colours can tell apart; the yellow comes last, as it is hard to see on white.
    static readonly string[] s_colors =
        ["#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#999999", "#b8a800"];

    public static string Draw(Chart chart)
    {
        ArgumentNullException.ThrowIfNull(chart);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" ");
        svg.Append(CultureInfo.InvariantCulture, $"width=\"{Width}\" height=\"{Height}\" ");
        svg.Append("font-family=\"system-ui, 'Liberation Sans', Arial, sans-serif\" font-size=\"12\" fill=\"#333\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        if (chart.Title.Length > 0)
        {
            Text(svg, Width / 2.0, 28, chart.Title, "middle", "font-size=\"16\" font-weight=\"600\"");
        }

        if (chart.Kind == ChartKind.Pie)
        {
            DrawPie(svg, chart);
        }
        else
        {
            DrawAxes(svg, chart);
        }

        return svg.Append("</svg>\n").ToString();
    }

    static void DrawAxes(StringBuilder svg, Chart chart)
    {
        var numbers = chart.Series.SelectMany(series => series.Y).Where(double.IsFinite).ToArray();
        var (min, max) = numbers.Length == 0 ? (0, 0) : (numbers.Min(), numbers.Max());
        if (chart.Kind == ChartKind.Bar)
        {
            // The length of a bar is its number: its axis begins at zero.
            (min, max) = (Math.Min(min, 0), Math.Max(max, 0));
        }

        var y = AxisScale.Around(min, max, 6);
        var marks = y.Marks.Select(y.Format).ToArray();
        var places = chart.Series.Max(series => series.Y.Count);
        var isCategorical = chart.Kind == ChartKind.Bar || chart.Labels is not null || chart.Series.All(series => series.X is null);
        string[] labels = [.. Enumerable.Range(0, places).Select(place => LabelOf(chart, place))];
        var names = chart.Series.Where(series => series.Name.Length > 0).ToArray();

        // Long labels stand aslant, and take room below.
        var isCrowded = isCategorical && labels.Sum(label => (label.Length + 2) * CharacterWidth) > Width - 100;
        var left = 28 + (marks.Max(mark => mark.Length) * CharacterWidth) + (chart.YTitle.Length > 0 ? 20 : 0);
        var top = (chart.Title.Length > 0 ? 48 : 24) + (names.Length > 0 ? 20 : 0);
        var bottom = Height - 40 - (chart.XTitle.Length > 0 ? 20 : 0)
            - (isCrowded ? Math.Min(80, labels.Max(label => label.Length) * 4) : 0);
        var frame = new Frame(left, top, Width - Right, bottom);
        foreach (var (mark, text) in y.Marks.Zip(marks))
        {
            var height = frame.Y(y.Place(mark));
            Line(svg, frame.Left, height, frame.Right, height, Math.Abs(mark) < y.Step / 2 ? "#888" : "#e3e3e3");
            Text(svg, frame.Left - 8, height + 4, text, "end");
        }

        Func<ChartSeries, int, double> place;
        if (isCategorical)
        {
            DrawLabels(svg, labels, frame, isCrowded);
            place = (_, index) => frame.X((index + 0.5) / places);
        }
        else
        {
            var across = chart.Series.SelectMany(X).Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
            var x = AxisScale.Around(across.Min(), across.Max(), 8);
            foreach (var mark in x.Marks)
            {
                Line(svg, frame.X(x.Place(mark)), frame.Bottom, frame.X(x.Place(mark)), frame.Bottom + 5, "#888");
                Text(svg, frame.X(x.Place(mark)), frame.Bottom + 19, x.Format(mark), "middle");
            }

            place = (series, index) => frame.X(x.Place(X(series)[index]));
        }

        Line(svg, frame.Left, frame.Bottom, frame.Right, frame.Bottom, "#888");
        for (var i = 0; i < chart.Series.Count; i++)
        {
            DrawSeries(svg, chart, i, frame, y, place, places);
        }

        DrawTitles(svg, chart, frame);
        DrawLegend(svg, names, chart, frame);
    }

    static void DrawSeries(
        StringBuilder svg, Chart chart, int index, Frame frame, AxisScale y, Func<ChartSeries, int, double> place, int places)
    {
        var series = chart.Series[index];
        var color = s_colors[index % s_colors.Length];
        if (chart.Kind == ChartKind.Bar)
        {
            var room = frame.Width / places;
            var width = room * 0.8 / chart.Series.Count;
            for (var i = 0; i < series.Y.Count; i++)
            {
                if (double.IsFinite(series.Y[i]))
                {
                    var (zero, end) = (frame.Y(y.Place(0)), frame.Y(y.Place(series.Y[i])));
                    var start = frame.X((double)i / places) + (room * 0.1) + (index * width);
                    svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{start:0.##}\" y=\"{Math.Min(zero, end):0.##}\" ");
                    svg.Append(CultureInfo.InvariantCulture, $"width=\"{Math.Max(0.5, width - 1):0.##}\" ");
                    svg.Append(CultureInfo.InvariantCulture, $"height=\"{Math.Abs(end - zero):0.##}\" fill=\"{color}\">");
                    svg.Append(CultureInfo.InvariantCulture, $"<title>{Escape(Tip(chart, series, i))}</title></rect>\n");
                }
            }

            return;
        }

        var isLine = chart.Kind == ChartKind.Line;
        var path = new StringBuilder();
        var isBroken = true;
        for (var i = 0; i < series.Y.Count; i++)
        {
            var (across, up) = (place(series, i), frame.Y(y.Place(series.Y[i])));
            if (!double.IsFinite(across) || !double.IsFinite(up))
            {
                isBroken = true;
                continue;
            }

            path.Append(CultureInfo.InvariantCulture, $"{(isBroken ? 'M' : 'L')}{across:0.##} {up:0.##} ");
            isBroken = false;
            // Few points of a line are shown as such; of many the line says all.
            if (!isLine || series.Y.Count <= 40)
            {
                svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{across:0.##}\" cy=\"{up:0.##}\" r=\"{(isLine ? 3 : 3.5)}\" ");
                svg.Append(CultureInfo.InvariantCulture, $"fill=\"{color}\"{(isLine ? "" : " fill-opacity=\"0.75\"")}>");
                svg.Append(CultureInfo.InvariantCulture, $"<title>{Escape(Tip(chart, series, i))}</title></circle>\n");
            }
        }

        if (isLine && path.Length > 0)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"{path.ToString().TrimEnd()}\" fill=\"none\" stroke=\"{color}\" ");
            svg.Append("stroke-width=\"2\" stroke-linejoin=\"round\"/>\n");
        }
    }

    static void DrawLabels(StringBuilder svg, string[] labels, Frame frame, bool isCrowded)
    {
        // Where not even slanted labels have room, every n-th is shown.
        var step = Math.Max(1, (int)Math.Ceiling(labels.Length * (isCrowded ? 16.0 : 8.0) / frame.Width));
        for (var i = 0; i < labels.Length; i += step)
        {
            var (x, y) = (frame.X((i + 0.5) / labels.Length), frame.Bottom + 18);
            var label = labels[i].Length > 24 ? labels[i][..23] + "…" : labels[i];
            if (isCrowded)
            {
                Text(svg, x + 4, y - 2, label, "end", Turn(-35, x + 4, y - 2));
            }
            else
            {
                Text(svg, x, y, label, "middle");
            }
        }
    }

    static void DrawTitles(StringBuilder svg, Chart chart, Frame frame)
    {
        if (chart.XTitle.Length > 0)
        {
            Text(svg, (frame.Left + frame.Right) / 2, Height - 12, chart.XTitle, "middle");
        }

        if (chart.YTitle.Length > 0)
        {
            var middle = (frame.Top + frame.Bottom) / 2;
            Text(svg, 18, middle, chart.YTitle, "middle", Turn(-90, 18, middle));
        }
    }

    static void DrawLegend(StringBuilder svg, ChartSeries[] names, Chart chart, Frame frame)
    {
        var x = frame.Left;
        foreach (var series in names)
        {
            var color = s_colors[chart.Series.Select((one, index) => (one, index)).First(pair => ReferenceEquals(pair.one, series)).index
                % s_colors.Length];
            Swatch(svg, x, frame.Top - 26, color);
            Text(svg, x + 17, frame.Top - 16, series.Name, "start");
            x += 34 + (series.Name.Length * CharacterWidth);
        }
    }

    static void DrawPie(StringBuilder svg, Chart chart)
    {
        var values = chart.Series[0].Y.Select(value => double.IsFinite(value) && value > 0 ? value : 0).ToArray();
        var total = values.Sum();
        var (x, y, radius) = (250.0, (Height + 20) / 2.0, 150.0);
        var angle = -Math.PI / 2;
        for (var i = 0; i < values.Length; i++)
        {
            var share = total > 0 ? values[i] / total : 0;
            var color = s_colors[i % s_colors.Length];
            var next = angle + (share * 2 * Math.PI);
            if (share > 0.9999)
            {
                // An arc from a point to itself is none.
                svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{color}\"/>\n");
            }
            else if (share > 0)
            {
                svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{x} {y} L{x + (radius * Math.Cos(angle)):0.##} ");
                svg.Append(CultureInfo.InvariantCulture, $"{y + (radius * Math.Sin(angle)):0.##} A{radius} {radius} 0 ");
                svg.Append(CultureInfo.InvariantCulture, $"{(share > 0.5 ? 1 : 0)} 1 ");
                svg.Append(CultureInfo.InvariantCulture, $"{x + (radius * Math.Cos(next)):0.##} {y + (radius * Math.Sin(next)):0.##} Z\" ");
                svg.Append(CultureInfo.InvariantCulture, $"fill=\"{color}\" stroke=\"#fff\" stroke-width=\"1.5\"/>\n");
            }

            angle = next;
            if (i < 16)
            {
                var row = 80 + (i * 20);
                Swatch(svg, 450, row, color);
                Text(svg, 468, row + 10, string.Create(CultureInfo.InvariantCulture, $"{LabelOf(chart, i)} ({share:0.#%})"), "start");
            }
        }
    }

    static IReadOnlyList<double> X(ChartSeries series) =>
        series.X is { } given && given.Count >= series.Y.Count
            ? given
            : [.. Enumerable.Range(1, series.Y.Count).Select(place => (double)place)];

    static string LabelOf(Chart chart, int place) =>
        chart.Labels is { } labels ? place < labels.Count ? labels[place] : ""
        : chart.Series[0].X is { } x && place < x.Count ? x[place].ToString(CultureInfo.InvariantCulture)
        : (place + 1).ToString(CultureInfo.InvariantCulture);

    static string Tip(Chart chart, ChartSeries series, int place)
    {
        var value = series.Y[place].ToString(CultureInfo.InvariantCulture);
        return string.Join(": ", new[] { series.Name, LabelOf(chart, place), value }.Where(part => part.Length > 0));
    }

    static void Line(StringBuilder svg, double x1, double y1, double x2, double y2, string color) => svg.Append(
        CultureInfo.InvariantCulture,
        $"<line x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" x2=\"{x2:0.##}\" y2=\"{y2:0.##}\" stroke=\"{color}\"/>\n");

    static void Text(StringBuilder svg, double x, double y, string text, string anchor, string attributes = "")
    {
        var more = attributes.Length > 0 ? " " + attributes : "";
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.##}\" y=\"{y:0.##}\" text-anchor=\"{anchor}\"{more}>");
        svg.Append(Escape(text)).Append("</text>\n");
    }

    static string Turn(int degrees, double x, double y) =>
        string.Create(CultureInfo.InvariantCulture, $"transform=\"rotate({degrees} {x:0.##} {y:0.##})\"");

    static void Swatch(StringBuilder svg, double x, double y, string color)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"12\" height=\"12\" rx=\"2\" ");
        svg.Append(CultureInfo.InvariantCulture, $"fill=\"{color}\"/>\n");
    }

    // Control characters are no XML, however they are written.
    static string Escape(string text) => WebUtility.HtmlEncode(new string([.. text.Select(one => char.IsControl(one) ? ' ' : one)]));

    /// <summary>Where the numbers are drawn.</summary>
    readonly record struct Frame(double Left, double Top, double Right, double Bottom)
    {
        public double Width => Right - Left;

        public double X(double place) => Left + (place * Width);

        public double Y(double place) => Bottom - (place * (Bottom - Top));
    }
}
