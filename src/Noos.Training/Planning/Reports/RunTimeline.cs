using System.Globalization;
using System.Text;
using Noos.Training.Planning.Simulation;

namespace Noos.Training.Planning.Reports;

/// <summary>A simulated run as a calendar: a row for each day (or week), from left to right its hours.</summary>
static class RunTimeline
{
    const int Width = 1200;
    const int Left = 54;
    const int Top = 20;
    const int MaxRows = 120;
    const double MinWidth = 0.7;

    static readonly (RunPhase Phase, string Name)[] s_phases =
    [
        (RunPhase.Useful, "training"),
        (RunPhase.Slow, "slower: stragglers, missing replicas"),
        (RunPhase.Redone, "doing again what was lost"),
        (RunPhase.Recovering, "recovering"),
        (RunPhase.Waiting, "waiting for a server"),
    ];

    public static string Render(SimulatedRun run)
    {
        var days = Math.Max(1e-6, run.Elapsed / 86_400);
        var perRow = days <= MaxRows ? 1 : Math.Ceiling(days / MaxRows / 7) * 7;

        // A run of hours fills its one row.
        var span = days < 1 ? run.Elapsed : perRow * 86_400;
        var rows = (int)Math.Ceiling(run.Elapsed / span);
        var height = rows switch { > 60 => 6, > 20 => 10, > 5 => 16, _ => 26 };
        var total = Top + (rows * (height + 2)) + 4;
        var html = new StringBuilder("<div class=legend>");
        foreach (var (phase, name) in s_phases.Where(item => run.Timeline.Any(segment => segment.Phase == item.Phase)))
        {
            html.Append(CultureInfo.InvariantCulture, $"<span><i class=\"box {Class(phase)}\"></i>{name}</span>");
        }

        html.Append(CultureInfo.InvariantCulture,
            $"</div><svg viewBox=\"0 0 {Width} {total}\" role=img aria-label=\"Calendar of the simulated run\">");
        for (var tick = 0; tick <= 4; tick++)
        {
            var label = span >= 86_400 * 6 ? $"day {tick * perRow / 4:0.#}" : span >= 86_400 ? $"{tick * 6}:00"
                : PlanNumber.Duration(span * tick / 4);
            html.Append(CultureInfo.InvariantCulture,
                $"<text x={X(span * tick / 4):0.#} y=12 text-anchor={(tick == 0 ? "start" : tick == 4 ? "end" : "middle")}>{label}</text>");
        }

        var every = rows > 60 ? 10 : rows > 20 ? 5 : 1;
        for (var row = 0; row < rows; row++)
        {
            var width = X(Math.Min(span, run.Elapsed - (row * span))) - Left;
            html.Append(CultureInfo.InvariantCulture,
                $"<rect class=row x={Left} y={Y(row)} width={width:0.##} height={height} rx=2 />");
            if (row % every == 0 && days >= 1)
            {
                html.Append(CultureInfo.InvariantCulture,
                    $"<text x={Left - 8} y={Y(row) + (height / 2.0)} dy=4 text-anchor=end>day {(row * perRow) + 1:0}</text>");
            }
        }

        foreach (var (phase, _) in s_phases)
        {
            var path = new StringBuilder();
            foreach (var segment in run.Timeline.Where(segment => segment.Phase == phase))
            {
                Append(path, segment);
            }

            if (path.Length > 0)
            {
                html.Append(CultureInfo.InvariantCulture, $"<path class=\"fill {Class(phase)}\" d=\"{path}\" />");
            }
        }

        return html.Append("</svg>").ToString();

        double X(double seconds) => Left + (seconds / span * (Width - Left));

        int Y(int row) => Top + (row * (height + 2));

        void Append(StringBuilder path, RunSegment segment)
        {
            var start = segment.Start;
            while (start < segment.End)
            {
                var row = (int)(start / span);
                var end = Math.Min(segment.End, (row + 1) * span);
                if (row >= rows || end <= start)
                {
                    return;
                }

                // Minutes would be less than a pixel wide: what went wrong must be seen.
                var width = Math.Max(X(end - (row * span)) - X(start - (row * span)), MinWidth);
                path.Append(CultureInfo.InvariantCulture,
                    $"M{X(start - (row * span)):0.##} {Y(row)}h{width:0.##}v{height}h{-width:0.##}z");
                start = end;
            }
        }
    }

    static string Class(RunPhase phase) => phase switch
    {
        RunPhase.Useful => "useful",
        RunPhase.Slow => "slow",
        RunPhase.Redone => "redone",
        RunPhase.Recovering => "recovering",
        _ => "waiting",
    };
}
