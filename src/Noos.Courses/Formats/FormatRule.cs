using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Noos.Courses.Formats;

/// <summary>
/// Something about the form of an answer that a program can check: what lessons keep to, examinations test and rewards are made of.
/// </summary>
/// <param name="Name">Of the kind of rule.</param>
/// <param name="Demand">What must hold, for reports.</param>
/// <param name="Holds">Whether an answer keeps to it.</param>
public sealed partial record FormatRule(string Name, string Demand, Func<string, bool> Holds)
{
    public static FormatRule OneWord { get; } = new("one word", "is one word", answer => WordPattern().Count(answer) == 1);

    public static FormatRule Upper { get; } =
        new("upper case", "is in capital letters", answer => answer.Any(char.IsLetter) && !answer.Any(char.IsLower));

    public static FormatRule Lower { get; } =
        new("lower case", "is in small letters", answer => answer.Any(char.IsLetter) && !answer.Any(char.IsUpper));

    public static FormatRule NoDigits { get; } = new("no digits", "has no digit", answer => answer.Length > 0 && !answer.Any(char.IsDigit));

    public static FormatRule Quoted { get; } = new(
        "quotation marks", "stands in quotation marks",
        answer => answer.Trim() is { Length: > 2 } text && text[0] == '"' && text[^1] == '"');

    public static FormatRule YesOrNo(bool isYes) => new(
        "yes or no", isYes ? "is yes" : "is no",
        answer => WordPattern().Match(answer.ToLowerInvariant()).Value == (isYes ? "yes" : "no") && WordPattern().Count(answer) == 1);

    /// <summary>So many things, told apart by commas, "and" or lines.</summary>
    public static FormatRule Items(int count) => new("items", $"names {count} things", answer => Split(answer).Length == count);

    public static FormatRule SentenceCount(int count) =>
        new("sentences", $"has {count} sentences", answer => SentencePattern().Count(answer.Trim()) == count);

    public static FormatRule NumberedList(int count) => new("numbered list", $"is a numbered list of {count}", answer =>
    {
        var lines = answer.Trim().Split('\n');
        return lines.Length == count && lines.Index().All(line =>
            line.Item.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{line.Index + 1}. "), StringComparison.Ordinal));
    });

    public static FormatRule Bullets(int count) => new("list", $"is a list of {count} lines that begin with -", answer =>
    {
        var lines = answer.Trim().Split('\n');
        return lines.Length == count && lines.All(line => line.StartsWith("- ", StringComparison.Ordinal));
    });

    public static FormatRule StartsWith(string text) =>
        new("beginning", $"begins with {text}", answer => answer.TrimStart().StartsWith(text, StringComparison.OrdinalIgnoreCase));

    public static FormatRule EndsWith(string text) =>
        new("end", $"ends with {text}", answer => answer.TrimEnd().TrimEnd('.', '!').EndsWith(text.TrimEnd('.', '!'),
            StringComparison.OrdinalIgnoreCase));

    public static FormatRule MaxWords(int count) => new(
        "length", $"has at most {count} words", answer => WordPattern().Count(answer) is var words && words > 0 && words <= count);

    public static FormatRule Contains(string text) =>
        new("mention", $"has the word {text}", answer => answer.Contains(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>A JSON object with these keys and no others.</summary>
    public static FormatRule Json(params IReadOnlyList<string> keys) => new("JSON", $"is JSON with {string.Join(", ", keys)}", answer =>
    {
        try
        {
            var value = JsonElement.Parse(answer.Trim());
            return value.ValueKind == JsonValueKind.Object
                && value.EnumerateObject().Select(member =>
                    member.Name).Order(StringComparer.Ordinal).SequenceEqual(keys.Order(StringComparer.Ordinal));
        }
        catch (JsonException)
        {
            return false;
        }
    });

    static string[] Split(string answer) => [.. SeparatorPattern().Split(answer.Trim().TrimEnd('.')).Where(item => item.Trim().Length > 0)];

    [GeneratedRegex(@"[\p{L}\p{N}]+(?:['\u2019-]\p{L}+)*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordPattern();

    [GeneratedRegex(@"[.!?]+(?=\s|$)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SentencePattern();

    [GeneratedRegex(@",\s*and\s+|\s+and\s+|,|\n", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SeparatorPattern();
}
