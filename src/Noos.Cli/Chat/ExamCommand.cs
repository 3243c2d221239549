using System.CommandLine;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Courses.Examinations;
using Noos.Factory.Examinations;
using Noos.Tools;

namespace Noos.Cli.Chat;

/// <summary><c>noos exam COURSE</c></summary>
static class ExamCommand
{
    public static Command Create(NoosSettings settings)
    {
        var course = new Argument<string>("course") { Description = "What to examine: arithmetic or talk." };
        var json = new Option<bool>("--json") { Description = "Write the report as JSON." };
        var limit = new Option<int?>("--limit", "-n") { Description = "Ask only so many questions, spread over the whole examination." };
        limit.Validators.Add(result =>
        {
            if (result.TryGetValue<int?>(out var count) && count < 1)
            {
                result.AddError("The number of questions must be at least 1.");
            }
        });
        var command = new CommandWithExamples(
            "exam",
            "Examine a model on questions that no lesson contains, drawn as its file advises (with seed 1 unless told otherwise); show the "
            + "score and every failure.",
            "noos exam arithmetic",
            "noos exam talk --limit 20",
            "noos exam arithmetic --temperature 0",
            "noos exam arithmetic --model models/My-Model.gguf --json > report.json");
        command.Arguments.Add(course);
        command.Options.Add(json);
        command.Options.Add(limit);
        var options = ModelOptions.AddTo(command, settings);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await RunAsync(parsed.GetRequiredValue(course), parsed.GetValue(limit), options, parsed, cancellationToken);
            Console.Out.WriteLine(parsed.GetValue(json) ? report.ToJson() : report.ToText());
            return 0;
        });
        return command;
    }

    static async Task<ExamReport> RunAsync(
        string name, int? limit, ModelOptions options, ParseResult parsed, CancellationToken cancellationToken)
    {
        var course = CourseCatalog.Find(name)
            ?? throw new NoosException(
                ErrorKind.NotFound,
                $"There is no course '{name}'; choose one of: {string.Join(", ", CourseCatalog.All.Select(known => known.Name))}.");
        await using var assistant = options.OpenAssistant(parsed, defaultSeed: 1);
        var line = Console.IsErrorRedirected ? null : ProgressLine.OnError();
        var report = await ExamPlayer.For(assistant).RunAsync(course, limit, line is null ? null : new ExamLine(line), cancellationToken);
        line?.Clear();
        return report;
    }

    sealed class ExamLine(ProgressLine line) : IProgress<ExamProgress>
    {
        public void Report(ExamProgress value) => line.Show(new ProgressState(
            value.Done, value.Total, $"{value.Done} of {value.Total}, {value.Passed} passed", TimeLeft: value.Remaining));
    }
}
