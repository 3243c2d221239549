using System.CommandLine;
using System.Globalization;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Corpus.Conversations;
using Noos.Corpus.Preferences;

namespace Noos.Cli.Factory;

/// <summary><c>noos label FILE --to LABELS</c></summary>
static class LabelCommand
{
    public static Command Create(NoosSettings settings)
    {
        var files = new Argument<string[]>("file")
        {
            Description = "JSON lines with a prompt and two or more answers: pairs (prompt, chosen, rejected), ratings such as "
                + "UltraFeedback's, or what 'noos reward --export' writes.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var to = new Option<string>("--to")
        {
            Description = "The file of labels; what it holds is not asked again. 'noos reward --pairs' reads it.",
            Required = true,
        };
        var rater = new Option<string?>("--rater") { Description = "Who judges (default: the name of the user)." };
        var repeat = new Option<int>("--repeat-every")
        {
            Description = "Each so-many-th is asked a second time, to see how far you agree with yourself; 0 for none.",
            DefaultValueFactory = _ => 10,
        }.AtLeast(0);
        var demonstrations = new Option<string?>("--demonstrations")
        {
            Description = "Also write the answers that raters wrote to this file, as conversations for fine-tuning.",
        };
        var command = new CommandWithExamples(
            "label",
            "Judge answers in bulk: a prompt and its answers are shown, you rank them, write a better one, pass over, or undo. Without a "
            + "file it says how far raters agree (Krippendorff's alpha).",
            "noos label answers.jsonl --to labels.jsonl",
            "noos label answers.jsonl --to labels.jsonl --rater Ada --repeat-every 5",
            "noos label --to labels.jsonl --demonstrations better.jsonl");
        command.Arguments.Add(files);
        foreach (var option in new Option[] { to, rater, repeat, demonstrations })
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(to);
            IReadOnlyList<Label> labels;
            if (parsed.GetValue(files) is { Length: > 0 } named)
            {
                if (named.Any(file => Path.GetFullPath(file) == Path.GetFullPath(path)))
                {
                    throw new NoosException($"'{path}' is a file to judge; give another one for the labels with --to.");
                }

                labels = new LabelDialog(
                    PreferenceFile.ReadAnswers(named), path, parsed.GetValue(rater) ?? settings.User, Console.In, Console.Out,
                    TimeProvider.System)
                {
                    RepeatEvery = parsed.GetValue(repeat),
                }.Run(cancellationToken);
            }
            else
            {
                labels = File.Exists(path)
                    ? LabelFile.Read(path)
                    : throw new NoosException(ErrorKind.NotFound, $"There are no labels in '{path}' yet; name a file to judge, too.");
            }

            if (parsed.GetValue(demonstrations) is { } better)
            {
                var count = ConversationFile.Write(better, LabelFile.Demonstrations(labels));
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Wrote {count} conversations to {better}."));
            }

            Console.Out.WriteLine(LabelAgreement.Measure(labels).ToText());
            return Task.FromResult(0);
        });
        return command;
    }
}
