using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Reading;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;

namespace Noos.Factory.Examinations;

/// <summary>
/// Word problems that others wrote, as an examination: JSON lines with <c>question</c> or <c>prompt</c> and an <c>answer</c>, a number or a
/// worked answer that ends with <c>#### number</c>. How many steps one has is told by its <c>equation</c>, or by the calculations
/// <c>&lt;&lt;...&gt;&gt;</c> of the worked answer. Both GSM8K and SVAMP are such files.
/// </summary>
public static partial class SumFile
{
    // Worked answers leave steps out that a longer one would write; what takes more words is hardly one step.
    const int MaxWorkedLength = 200;

    /// <param name="path">Compressed if its name ends in <c>.zst</c>.</param>
    /// <param name="steps">Only problems of so many steps; null for all.</param>
    /// <exception cref="NoosException">The file is missing, is no such file, or has no problem of that kind.</exception>
    public static IReadOnlyList<ExamQuestion> Read(string path, int? steps = null)
    {
        var questions = new List<ExamQuestion>();
        using var content = CompressedFile.OpenRead(path);
        foreach (var row in JsonRow.ReadAsync(content, path).ToBlockingEnumerable())
        {
            var text = row.OptionalText("question") ?? row.Text("prompt");
            if (Answer(row) is { } answer && Steps(row) is var count && count > 0 && (steps is null || count == steps))
            {
                questions.Add(new ExamQuestion(
                    count == 1 ? "1 step" : count == 2 ? "2 steps" : "more steps", Conversation.From(Message.User(text)),
                    new NumberGrader(answer)));
            }
        }

        return questions.Count > 0 ? questions : throw new NoosException(
            $"The file '{path}' has no word problem{(steps is { } wanted ? $" of {wanted} step(s)" : "")} with a number as its answer.");
    }

    static string? Answer(JsonRow row)
    {
        var said = row.Value.TryGetProperty("answer", out var answer) && answer.ValueKind == JsonValueKind.Number
            ? answer.GetRawText()
            : FinalPattern().Match(row.OptionalText("answer") ?? "").Groups["number"].Value.Replace(",", "", StringComparison.Ordinal);
        return decimal.TryParse(said, NumberStyles.Number, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("0.######", CultureInfo.InvariantCulture)
            : null;
    }

    static int Steps(JsonRow row)
    {
        if (row.OptionalText("equation") is { } equation)
        {
            return OperatorPattern().Count(equation);
        }

        var worked = row.OptionalText("answer") ?? "";
        var count = CalculationPattern().Matches(worked).Sum(match => Math.Max(1, OperatorPattern().Count(match.Value)));
        return count == 1 && worked.Length > MaxWorkedLength ? 2 : count;
    }

    [GeneratedRegex(@"(?:^|####)\s*(?<number>-?[\d,]+(?:\.\d+)?)\s*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FinalPattern();

    [GeneratedRegex(@"<<[^=]*=", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CalculationPattern();

    // Not the sign of a number.
    [GeneratedRegex(@"(?<=[\d.)\s%])\s*[-+*/](?=\s*[\d.($])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OperatorPattern();
}
