using System.Globalization;
using System.Text;

namespace Noos.Cli.Terminal;

/// <summary>How far a long piece of work is.</summary>
/// <param name="Done">Units of work that are done.</param>
/// <param name="Total">Units in all; 0 when unknown.</param>
/// <param name="Amount">Both in words, such as "3 of 12 questions"; null shows the share alone.</param>
/// <param name="Rate">How fast it goes, in words, such as "3.2 MB/s".</param>
/// <param name="TimeLeft">Null when it cannot be told.</param>
/// <param name="Text">What else to say, such as the name of a file.</param>
readonly record struct ProgressState(
    long Done, long Total, string? Amount = null, string? Rate = null, TimeSpan? TimeLeft = null, string? Text = null)
{
    const int BarLength = 16;
    const string Gap = "  ";

    /// <summary>From the pace so far: null before anything is done, and where the end is further away than a time span can say.</summary>
    public static TimeSpan? EstimateTimeLeft(long done, long total, TimeSpan elapsed)
    {
        var seconds = elapsed.TotalSeconds / done * Math.Max(0, total - done);
        return done > 0 && seconds < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>The share of the work that is done, as a bar of fixed length; empty when the total is unknown.</summary>
    public string ToBar()
    {
        if (Total <= 0)
        {
            return "";
        }

        var done = (int)Math.Clamp(BarLength * (double)Done / Total, 0, BarLength);
        return new string('━', done) + new string('╌', BarLength - done);
    }

    /// <summary>One line without the bar.</summary>
    public override string ToString()
    {
        var line = new StringBuilder();
        if (Total > 0)
        {
            line.Append(CultureInfo.InvariantCulture, $"{Math.Floor(100.0 * Done / Total),3:N0}%");
        }

        Append(Amount);
        Append(Rate);
        Append(TimeLeft is { } left ? $"{Format(left)} left" : null);
        Append(Text);
        return line.ToString();

        void Append(string? part)
        {
            if (!string.IsNullOrEmpty(part))
            {
                line.Append(line.Length == 0 ? "" : Gap).Append(part);
            }
        }
    }

    /// <summary>A duration in its two largest units.</summary>
    public static string Format(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays}d {time.Hours}h"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Hours}h {time.Minutes:00}m"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m {time.Seconds:00}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}s"),
    };
}
