using System.Globalization;
using System.Text;

namespace Noos.Language.Templates.Rendering;

/// <summary>C's <c>strftime</c> in its English locale.</summary>
static class TimeFormat
{
    public static string Write(DateTimeOffset time, string format)
    {
        var text = new StringBuilder();
        for (var index = 0; index < format.Length; index++)
        {
            if (format[index] != '%' || index + 1 == format.Length)
            {
                text.Append(format[index]);
                continue;
            }

            var isUnpadded = format[index + 1] == '-' && index + 2 < format.Length;
            index += isUnpadded ? 2 : 1;
            var value = Field(time, format[index]);
            text.Append(isUnpadded ? value.TrimStart('0', ' ').PadLeft(1, '0') : value);
        }

        return text.ToString();
    }

    static string Field(DateTimeOffset time, char field)
    {
        string Custom(string format) => time.ToString(format, CultureInfo.InvariantCulture);
        return field switch
        {
            'Y' => Custom("yyyy"),
            'C' => Custom("yyyy")[..2],
            'y' => Custom("yy"),
            'm' => Custom("MM"),
            'd' => Custom("dd"),
            'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
            'B' => Custom("MMMM"),
            'b' or 'h' => Custom("MMM"),
            'A' => Custom("dddd"),
            'a' => Custom("ddd"),
            'H' => Custom("HH"),
            'k' => time.Hour.ToString(CultureInfo.InvariantCulture).PadLeft(2),
            'I' => Custom("hh"),
            'l' => Custom("%h").PadLeft(2),
            'M' => Custom("mm"),
            'S' => Custom("ss"),
            'p' => Custom("tt"),
            'P' => Custom("tt").ToLowerInvariant(),
            'f' => Custom("ffffff"),
            'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'u' => time.DayOfWeek == DayOfWeek.Sunday ? "7" : ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'U' => Week(time, daysSinceFirst: (int)time.DayOfWeek),
            'W' => Week(time, daysSinceFirst: ((int)time.DayOfWeek + 6) % 7),
            'V' => ISOWeek.GetWeekOfYear(time.DateTime).ToString("00", CultureInfo.InvariantCulture),
            'G' => ISOWeek.GetYear(time.DateTime).ToString("0000", CultureInfo.InvariantCulture),
            'D' or 'x' => Custom("MM'/'dd'/'yy"),
            'F' => Custom("yyyy-MM-dd"),
            'T' or 'X' => Custom("HH':'mm':'ss"),
            'R' => Custom("HH':'mm"),
            'r' => Custom("hh':'mm':'ss tt"),
            'c' => $"{Custom("ddd MMM")} {time.Day,2} {Custom("HH':'mm':'ss yyyy")}",
            's' => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            // Python's local time knows no zone.
            'z' or 'Z' => "",
            'n' => "\n",
            't' => "\t",
            '%' => "%",
            _ => "%" + field,
        };
    }

    // Days before the first full week are week 0.
    static string Week(DateTimeOffset time, int daysSinceFirst) =>
        ((time.DayOfYear - 1 + 7 - daysSinceFirst) / 7).ToString("00", CultureInfo.InvariantCulture);
}
