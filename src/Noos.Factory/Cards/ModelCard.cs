using System.Globalization;
using System.Text;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Courses.Examinations;
using Noos.Factory.Recipes;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Training.Runs;

namespace Noos.Factory.Cards;

/// <summary>
/// The card of one model as Markdown, section by section. All it says comes from the recipe, the GGUF file, the metrics of the
/// run and the examinations.
/// </summary>
sealed class ModelCard
{
    const int MaxCurveRows = 12;

    readonly StringBuilder _text = new();

    /// <summary>Begins with the title, the notice that a licence asks for, and the shape of the model.</summary>
    /// <exception cref="NoosException">The model is missing or damaged.</exception>
    public ModelCard(Recipe recipe, string title, string summary, string model)
    {
        Add($"# {title}").Blank();
        Add($"{summary}").Blank();
        if (recipe.Card.Attribution is { Length: > 0 } attribution)
        {
            Add($"{attribution}").Blank();
        }

        using var file = GgufFile.Open(model);
        var shape = ModelInspection.Read(file);
        ContextLength = shape.ContextLength;
        var type = shape.Quantization?.ToUpperInvariant() ?? "a mixture of types";
        Append($"{shape.ParameterCount:N0} parameters (GGUF architecture {shape.Architecture}: {shape.BlockCount} blocks, ");
        Append($"width {shape.EmbeddingLength}, {shape.HeadCount} heads, vocabulary {shape.VocabularySize:N0}, ");
        Append($"context {shape.ContextLength}), {shape.FileBytes / 1e6:f1} MB as {type}. ");
        Add($"Licence of the weights: {recipe.Licence ?? "not stated"}.").Blank();
    }

    /// <summary>Longest sequence in tokens, as the model says.</summary>
    public long? ContextLength { get; }

    public void AddData(IEnumerable<(string Name, string Amount, string Licence)> rows)
    {
        Add($"## Data").Blank();
        Add($"| source | amount | licence |");
        Add($"|---|---|---|");
        foreach (var (name, amount, licence) in rows)
        {
            Add($"| {name} | {amount} | {licence} |");
        }

        Blank();
    }

    /// <param name="measure">What an evaluation of this run measures.</param>
    /// <param name="title">Of the section.</param>
    public void AddTraining(MetricsHistory history, string command, string measure, string title = "Training")
    {
        double seconds = 0;
        long tokens = 0;
        foreach (var step in history.Steps)
        {
            seconds += (step.Tokens - tokens) / step.TokensPerSecond;
            tokens = step.Tokens;
        }

        Add($"## {title}").Blank();
        Add($"`{command}`: {history.Steps.Count:N0} updates, {tokens / 1e6:f1} million tokens, {seconds / 3600:f1} hours.").Blank();
        Add($"The curve, {measure} (the whole report with all curves lies beside this card):").Blank();
        AddCurve(Thin(history.Evaluations));
        Blank();
    }

    public void AddSamples(IReadOnlyList<(string Prompt, string Text)> samples)
    {
        Add($"## Fixed prompts").Blank();
        Add($"Greedy, straight from the last evaluation; the prompt is bold.").Blank();
        foreach (var (prompt, text) in samples)
        {
            Add($"- **{Inline(prompt)}**{Inline(text)}");
        }

        Blank();
    }

    /// <param name="advised">Drawn as the file advises.</param>
    /// <param name="greedy">Always the likeliest token; the same examinations in the same order.</param>
    /// <param name="rounds">How often every question was asked for <paramref name="advised"/>.</param>
    public void AddExaminations(IReadOnlyList<ExamReport> advised, IReadOnlyList<ExamReport> greedy, int rounds)
    {
        Add($"## Examinations").Blank();
        var times = rounds == 1 ? "one round"
            : string.Create(CultureInfo.InvariantCulture, $"{rounds} rounds, each with a seed of its own");
        Append($"This very file, drawn as it advises ({times}), and greedily. No wording of an ");
        Add($"examination is in the lessons, and the numbers of the arithmetic questions are kept out of them.").Blank();
        Add($"| examination | group | questions | right, drawn | right, greedily |");
        Add($"|---|---|---|---|---|");
        foreach (var (first, second) in advised.Zip(greedy))
        {
            foreach (var (drawn, likeliest) in first.Groups.Append(first.Whole).Zip(second.Groups.Append(second.Whole)))
            {
                Add($"| {first.Course} | {drawn.Group} | {likeliest.Total} | {drawn.Share:P1} | {likeliest.Share:P1} |");
            }
        }

        Blank();
    }

    /// <summary>The last section; parts that are null are left out, and without any there is none.</summary>
    public void AddLimits(params IEnumerable<string?> sentences)
    {
        var said = string.Join(' ', sentences.Where(sentence => sentence is not null));
        if (said.Length > 0)
        {
            Add($"## What it cannot do").Blank();
            Add($"{said}");
        }
    }

    /// <summary>Writes the card, and the report of the run, beside the model.</summary>
    public void WriteBeside(string model, string runFolder)
    {
        var text = Encoding.UTF8.GetBytes(_text.ToString().TrimEnd('\n') + '\n');
        AtomicFile.Write(PathFor(model), stream => stream.Write(text));
        if (File.Exists(RunRecorder.ReportPath(runFolder)))
        {
            File.Copy(RunRecorder.ReportPath(runFolder), Path.ChangeExtension(model, ".report.html"), overwrite: true);
        }
    }

    public static string PathFor(string model) => Path.ChangeExtension(model, ".md");

    // Evenly over the run, the last one always.
    static List<Evaluation> Thin(IReadOnlyList<Evaluation> all) => all.Count <= MaxCurveRows
        ? [.. all]
        : [.. Enumerable.Range(1, MaxCurveRows).Select(row => all[(row * all.Count / MaxCurveRows) - 1])];

    // A line of a list must stay one line, and what a model writes is no Markdown.
    static string Inline(string text) => text.ReplaceLineEndings(" / ").Replace("*", "\\*").Replace("_", "\\_").Replace("<", "&lt;");

    void AddCurve(List<Evaluation> curve)
    {
        if (curve.Count == 0)
        {
            return;
        }

        var sources = curve[^1].BitsPerByte.Keys.ToList();
        Add($"| updates | million tokens | {string.Join(" | ", sources)} |");
        Add($"{string.Concat(Enumerable.Repeat("|---", sources.Count + 2))}|");
        foreach (var evaluation in curve)
        {
            var values = sources.Select(source =>
                evaluation.BitsPerByte.TryGetValue(source, out var bits) ? bits.ToString("f3", CultureInfo.InvariantCulture) : "-");
            Add($"| {evaluation.Step:N0} | {evaluation.Tokens / 1e6:f1} | {string.Join(" | ", values)} |");
        }
    }

    void Append(FormattableString text) => _text.Append(text.ToString(CultureInfo.InvariantCulture));

    ModelCard Add(FormattableString line)
    {
        Append(line);
        _text.Append('\n');
        return this;
    }

    void Blank() => _text.Append('\n');
}
