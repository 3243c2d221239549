using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Noos.Courses.Examinations;

/// <summary>The score of one group of questions.</summary>
public sealed record ExamScore(string Group, int Passed, int Total)
{
    /// <summary>The share of questions that were passed, 0 to 1.</summary>
    public double Share => Total == 0 ? 0 : (double)Passed / Total;
}

/// <summary>The result of an examination: scores and every failure.</summary>
public sealed record ExamReport(string Course, IReadOnlyList<ExamScore> Groups, IReadOnlyList<ExamFailure> Failures, TimeSpan Elapsed)
{
    // People read this: text outside ASCII as it is.
    static readonly ExamJsonContext s_json =
        new(new JsonSerializerOptions(ExamJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public ExamScore Whole => new("all", Groups.Sum(group => group.Passed), Groups.Sum(group => group.Total));

    [JsonIgnore]
    public string Summary => Line(Whole with { Group = "exam " + Course });

    public string ToJson() => JsonSerializer.Serialize(this, s_json.ExamReport);

    /// <summary>The scores, then every failure.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.AppendLine(Summary);
        foreach (var group in Groups)
        {
            text.Append("  ").AppendLine(Line(group));
        }

        // In several rounds the same answer may come again and again.
        foreach (var (failure, count) in Failures.CountBy(failure => failure))
        {
            text.AppendLine().Append('[').Append(failure.Group).Append("] ").Append(failure.Question);
            text.AppendLine(count > 1 ? string.Create(CultureInfo.InvariantCulture, $"   ({count} times)") : "");
            text.Append("  fault:  ").AppendLine(failure.Fault);
            text.Append("  answer: ").AppendLine(failure.Answer.ReplaceLineEndings(" / "));
            if (failure.Expected is not null)
            {
                text.Append("  expected: ").AppendLine(failure.Expected);
            }
        }

        return text.ToString();
    }

    static string Line(ExamScore score) =>
        string.Create(CultureInfo.InvariantCulture, $"{score.Group}: {score.Passed} of {score.Total} ({score.Share * 100:F1} %)");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ExamReport))]
sealed partial class ExamJsonContext : JsonSerializerContext;
