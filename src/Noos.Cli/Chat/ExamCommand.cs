using System.CommandLine;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Courses.Examinations;
using Noos.Cpus.Local;
using Noos.Factory.Examinations;
using Noos.Tools;

namespace Noos.Cli.Chat;

/// <summary><c>noos exam COURSE</c></summary>
static class ExamCommand
{
    public static Command Create(NoosSettings settings)
    {
        var course = new Argument<string>("course")
        {
            Description = $"What to examine: {string.Join(", ", CourseCatalog.All.Select(known => known.Name))}; or a file of word "
                + "problems as JSON lines with question (or prompt) and answer, such as GSM8K or SVAMP.",
        };
        var steps = new Option<int?>("--steps") { Description = "Of a file of word problems ask only those of so many steps." }.AtLeast(0);
        var json = new Option<bool>("--json") { Description = "Write the report as JSON." };
        var limit = new Option<int?>("--limit", "-n") { Description = "Ask only so many questions, spread over the whole examination." };
        limit.Validators.Add(result =>
        {
            if (result.TryGetValue<int?>(out var count) && count < 1)
            {
                result.AddError("The number of questions must be at least 1.");
            }
        });
        var rounds = new Option<int?>("--rounds")
        {
            Description = "How often every question is asked, each time with the next seed: an answer that is drawn is right or wrong by "
                + "luck too (default: 5; 1 with temperature 0 and for models elsewhere).",
        };
        rounds.Validators.Add(result =>
        {
            if (result.TryGetValue<int?>(out var count) && count is < 1 or > 1000)
            {
                result.AddError("The number of rounds must be from 1 to 1000.");
            }
        });
        var command = new CommandWithExamples(
            "exam",
            "Examine a model on questions that no lesson contains, drawn as its file advises (from seed 1 on unless told otherwise); show "
            + "the score and every failure.",
            "noos exam arithmetic",
            "noos exam talk --limit 20",
            "noos exam arithmetic --temperature 0",
            "noos exam arithmetic --model models/My-Model.gguf --json > report.json",
            "noos exam svamp.jsonl.zst --steps 1 --limit 300");
        command.Arguments.Add(course);
        command.Options.Add(json);
        command.Options.Add(steps);
        command.Options.Add(limit);
        command.Options.Add(rounds);
        var options = ModelOptions.AddTo(command, settings);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await RunAsync(
                Find(parsed.GetRequiredValue(course), parsed.GetValue(steps)), parsed.GetValue(limit), parsed.GetValue(rounds), options,
                parsed, cancellationToken);
            Console.Out.WriteLine(parsed.GetValue(json) ? report.ToJson() : report.ToText());
            return 0;
        });
        return command;
    }

    static (string Name, IReadOnlyList<ExamQuestion> Questions) Find(string name, int? steps) =>
        CourseCatalog.Find(name) is { } course ? (name, course.Examination())
        : File.Exists(name) ? (Path.GetFileName(name), SumFile.Read(name, steps))
        : throw new NoosException(
            ErrorKind.NotFound,
            $"There is no course '{name}'; choose one of: {string.Join(", ", CourseCatalog.All.Select(known => known.Name))}; or name a "
            + "file of word problems.");

    static async Task<ExamReport> RunAsync(
        (string Name, IReadOnlyList<ExamQuestion> Questions) exam, int? limit, int? rounds, ModelOptions options, ParseResult parsed,
        CancellationToken cancellationToken)
    {
        await using var assistant = options.OpenAssistant(parsed);
        var given = options.Read(parsed).Defaults;
        rounds ??= given.Temperature == 0 || assistant.Cpu is not LocalCpu ? 1 : 5;
        var line = Console.IsErrorRedirected ? null : ProgressLine.OnError();
        var report = await ExamPlayer.For(assistant, given.Seed ?? 1)
            .RunAsync(exam.Name, exam.Questions, limit, rounds.Value, line is null ? null : new ExamLine(line), cancellationToken);
        line?.Clear();
        return report;
    }

    sealed class ExamLine(ProgressLine line) : IProgress<ExamProgress>
    {
        public void Report(ExamProgress value) => line.Show(new ProgressState(
            value.Done, value.Total, $"{value.Done} of {value.Total}, {value.Passed} passed", TimeLeft: value.Remaining));
    }
}
