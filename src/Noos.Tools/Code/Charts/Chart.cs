using System.Globalization;
using System.Text.Json;
using Noos.Core;

namespace Noos.Tools.Code.Charts;

/// <summary>What a chart shows.</summary>
/// <param name="Kind">How.</param>
/// <param name="Series">The numbers, at least one series.</param>
public sealed record Chart(ChartKind Kind, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>More points are not drawn: nobody could tell them apart, and a picture is no table.</summary>
    public const int MaxPoints = 20_000;

    public string Title { get; init; } = "";

    public string XTitle { get; init; } = "";

    public string YTitle { get; init; } = "";

    /// <summary>What stands at the places of the horizontal axis, or beside the pieces of a pie; null for numbers.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>
    /// Reads what a script gives: an object with <c>type</c>, and the numbers in one of the ways that models write them: <c>labels</c> and
    /// <c>values</c>; <c>x</c> and <c>y</c>; <c>series</c> of objects with <c>name</c>, <c>values</c> or <c>data</c>; or <c>data</c>, rows
    /// as objects, with <c>x</c> and <c>y</c> as names of columns.
    /// </summary>
    /// <exception cref="NoosException">Something is missing or is no number.</exception>
    public static Chart Read(JsonElement options)
    {
        if (options.ValueKind != JsonValueKind.Object)
        {
            throw new NoosException("chart() takes one object, such as {type: \"bar\", labels: [\"a\", \"b\"], values: [1, 2]}.");
        }

        var (labels, series) = ReadSeries(options);
        var points = series.Sum(one => one.Y.Count);
        if (points == 0)
        {
            throw new NoosException("chart() has got no numbers; give values, y, or series.");
        }

        if (points > MaxPoints)
        {
            throw new NoosException($"chart() draws at most {MaxPoints} points; draw fewer, for example averages of groups.");
        }

        return new Chart(ReadKind(options), series)
        {
            Title = Text(options, "title") ?? "",
            XTitle = Text(options, "xLabel", "xlabel", "xTitle") ?? NameOf(options, "x"),
            YTitle = Text(options, "yLabel", "ylabel", "yTitle") ?? NameOf(options, "y"),
            Labels = labels,
        };
    }

    static ChartKind ReadKind(JsonElement options)
    {
        var name = Text(options, "type", "kind") ?? "bar";
        return Enum.GetValues<ChartKind>().Cast<ChartKind?>()
            .FirstOrDefault(kind => string.Equals(kind.ToString(), name, StringComparison.OrdinalIgnoreCase))
            ?? throw new NoosException($"chart() knows no type \"{name}\"; use bar, line, scatter or pie.");
    }

    static (IReadOnlyList<string>? Labels, ChartSeries[] Series) ReadSeries(JsonElement options)
    {
        var labels = Items(options, "labels") is { } given ? [.. given.Select(Label)] : (string[]?)null;
        if (Items(options, "data") is { } rows && rows.All(row => row.ValueKind == JsonValueKind.Object))
        {
            return ReadRows(options, rows);
        }

        if (Items(options, "series") is { } parts && parts.All(part => part.ValueKind == JsonValueKind.Object))
        {
            return (labels ?? TextsOf(options, "x"), [.. parts.Select((part, index) => new ChartSeries(
                Text(part, "name", "label") ?? string.Create(CultureInfo.InvariantCulture, $"Series {index + 1}"),
                Numbers(Items(part, "values") ?? Items(part, "data") ?? Items(part, "y") ?? []),
                NumbersOf(part, "x") ?? NumbersOf(options, "x")))]);
        }

        var values = Items(options, "values") ?? Items(options, "y") ?? Items(options, "data") ?? [];
        return (labels ?? TextsOf(options, "x"), [new ChartSeries(Text(options, "name") ?? "", Numbers(values), NumbersOf(options, "x"))]);
    }

    static (IReadOnlyList<string>? Labels, ChartSeries[] Series) ReadRows(JsonElement options, JsonElement[] rows)
    {
        var x = Text(options, "x");
        string[] columns = Items(options, "y") is { } several ? [.. several.Select(Label)]
            : Text(options, "y") is { } one ? [one]
            : throw new NoosException("chart() with data as rows needs x and y, the names of columns.");
        var known = rows.Length > 0 ? rows[0].EnumerateObject().Select(property => property.Name).ToArray() : [];
        foreach (var column in columns.Append(x).OfType<string>().Where(column => rows.Length > 0 && !known.Contains(column)))
        {
            throw new NoosException($"chart() finds no column \"{column}\"; there are {string.Join(", ", known)}.");
        }

        JsonElement[] places = x is null ? [] : [.. rows.Select(row => row.GetProperty(x))];
        var areNumbers = x is not null && places.All(place => place.ValueKind == JsonValueKind.Number);
        return (
            x is null || areNumbers ? null : [.. places.Select(Label)],
            [.. columns.Select(column => new ChartSeries(
                columns.Length == 1 ? "" : column,
                Numbers([.. rows.Select(row => row.TryGetProperty(column, out var value) ? value : default)]),
                areNumbers ? Numbers(places) : null))]);
    }

    static string NameOf(JsonElement options, string axis) => Items(options, "data") is null ? "" : Text(options, axis) ?? "";

    static JsonElement[]? Items(JsonElement options, string name) =>
        options.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Array ? [.. found.EnumerateArray()] : null;

    static string? Text(JsonElement options, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (options.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String)
            {
                return found.GetString();
            }
        }

        return null;
    }

    static string[]? TextsOf(JsonElement options, string name) =>
        Items(options, name) is { } items && items.Any(item => item.ValueKind == JsonValueKind.String) ? [.. items.Select(Label)] : null;

    static double[]? NumbersOf(JsonElement options, string name) =>
        Items(options, name) is { } items && items.All(item => item.ValueKind == JsonValueKind.Number) ? Numbers(items) : null;

    static double[] Numbers(JsonElement[] items) => [.. items.Select(item => item.ValueKind switch
    {
        JsonValueKind.Number => item.GetDouble(),
        JsonValueKind.String when double.TryParse(item.GetString(), CultureInfo.InvariantCulture, out var number) => number,
        JsonValueKind.Null or JsonValueKind.Undefined => double.NaN,
        _ => throw new NoosException($"chart() needs numbers, not {item.GetRawText()}."),
    })];

    static string Label(JsonElement item) => item.ValueKind == JsonValueKind.String ? item.GetString()! : item.ToString();
}
