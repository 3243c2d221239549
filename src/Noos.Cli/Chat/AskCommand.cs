using System.CommandLine;
using System.Globalization;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Settings;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Kernel.Tracing;
using Noos.Server.Files;

namespace Noos.Cli.Chat;

/// <summary><c>noos ask QUESTION</c></summary>
static class AskCommand
{
    public static Command Create(NoosSettings settings)
    {
        var question = new Argument<string[]>("question")
        {
            Description = "What to ask; several words need no quotes. Without it, or for -, standard input is read.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var json = new Option<bool>("--json") { Description = "Write the whole trace as JSON: answer, tool calls, tokens, timings." };
        var command = new CommandWithExamples(
            "ask",
            "Ask one question. The answer goes to standard output, tool calls to standard error.",
            "noos ask \"What is 48*37+5?\"",
            "noos ask \"Tell me a story about a fox\" --temperature 0.8 --seed 7",
            "noos ask \"What is 12% of 250?\" --json",
            "noos ask \"When was it built?\" --extractive < article.txt",
            "noos ask --file sales.csv \"Which region sold most?\"",
            "noos ask --file photo.jpg \"Which colours has it?\"",
            "echo \"Who are you?\" | noos ask");
        command.Arguments.Add(question);
        command.Options.Add(json);
        var files = FileOption.AddTo(command);
        var options = ModelOptions.AddTo(command, settings, choosesTools: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var folder = new AskFolder(settings);
            IReadOnlyList<GivenFile> given =
                parsed.GetValue(files) is { Length: > 0 } paths ? await folder.StoreAsync(paths, cancellationToken) : [];
            return await RunAsync(
                parsed, string.Join(' ', parsed.GetValue(question) ?? []), parsed.GetValue(json), options, folder, given, settings.User,
                cancellationToken);
        });
        return command;
    }

    static async Task<int> RunAsync(
        ParseResult parsed, string question, bool wantsJson, ModelOptions options, AskFolder folder, IReadOnlyList<GivenFile> files,
        string owner, CancellationToken cancellationToken)
    {
        if (question == "-" || (question.Length == 0 && Console.IsInputRedirected))
        {
            question = await Console.In.ReadToEndAsync(cancellationToken);
        }
        else if (options.IsExtractive(parsed) && Console.IsInputRedirected)
        {
            // Text to be read stands before the question, as our models are taught.
            var text = await Console.In.ReadToEndAsync(cancellationToken);
            question = string.IsNullOrWhiteSpace(text) ? question : $"{text.Trim()}\n\n{question}";
        }

        if (string.IsNullOrWhiteSpace(question))
        {
            throw new NoosException("There is no question; write one after 'noos ask', or pipe one in.");
        }

        await using var assistant = options.OpenAssistant(parsed);
        var message = assistant.Open(owner, Message.User(question.Trim()));
        if (files.Count > 0)
        {
            message = await new MessageFiles(assistant.Cpu, eye: options.OpenEye(parsed)).AttachAsync(message, files, cancellationToken);
        }

        var turn = new Turn(Conversation.From(message)) { Owner = owner };
        var trace = new Trace();
        var left = 0L;
        var writer = new AnswerWriter(Console.Out, Console.Error, options.NoColor);
        await foreach (var item in assistant.AnswerAsync(turn, folder.Path, cancellationToken))
        {
            trace.Add(item);
            left = item is ModelRunEvent run ? Math.Max(left, run.PagedOutTokens) : left;
            if (!wantsJson)
            {
                writer.Write(item);
            }
        }

        writer.EndAnswer();
        foreach (var made in folder.Made)
        {
            await Console.Error.WriteLineAsync($"Made {made}");
        }

        if (!wantsJson && left > 0)
        {
            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"The question is longer than the model reads: {left:N0} of its tokens were left out; ask for less at once, or choose "
                + $"a model with a longer context."));
        }

        if (wantsJson)
        {
            Console.Out.WriteLine(trace.ToJson(assistant.ModelName));
        }

        return 0;
    }
}
