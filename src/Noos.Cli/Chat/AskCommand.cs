using System.CommandLine;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Settings;
using Noos.Kernel.Tracing;

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
            "echo \"Who are you?\" | noos ask");
        command.Arguments.Add(question);
        command.Options.Add(json);
        var options = ModelOptions.AddTo(command, settings, choosesTools: true);
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(parsed, string.Join(' ', parsed.GetValue(question) ?? []), parsed.GetValue(json), options, cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(
        ParseResult parsed, string question, bool wantsJson, ModelOptions options, CancellationToken cancellationToken)
    {
        if (question == "-" || (question.Length == 0 && Console.IsInputRedirected))
        {
            question = await Console.In.ReadToEndAsync(cancellationToken);
        }

        if (string.IsNullOrWhiteSpace(question))
        {
            throw new NoosException("There is no question; write one after 'noos ask', or pipe one in.");
        }

        await using var assistant = options.OpenAssistant(parsed);
        var conversation = Conversation.From(Message.User(question.Trim()));
        var trace = new Trace();
        var writer = new AnswerWriter(Console.Out, Console.Error, options.NoColor);
        await foreach (var item in assistant.AnswerAsync(conversation, cancellationToken: cancellationToken))
        {
            trace.Add(item);
            if (!wantsJson)
            {
                writer.Write(item);
            }
        }

        writer.EndLine();
        if (wantsJson)
        {
            Console.Out.WriteLine(trace.ToJson(assistant.ModelName));
        }

        return 0;
    }
}
