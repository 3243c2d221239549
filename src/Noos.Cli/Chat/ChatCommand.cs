using System.CommandLine;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Settings;
using Noos.Kernel.Agents;

namespace Noos.Cli.Chat;

/// <summary><c>noos chat</c></summary>
static class ChatCommand
{
    const string Help = """
        /help   this list
        /clear  forget this chat and begin a new one
        /quit   leave (or Ctrl-D); the chat goes on next time
        Ctrl-C stops an answer.
        """;

    public static Command Create(NoosSettings settings)
    {
        var isNew = new Option<bool>("--new") { Description = "Begin a new chat instead of going on with the last one." };
        var command = new CommandWithExamples(
            "chat", "Talk in the terminal. The chat is kept, and goes on next time.", "noos chat", "noos chat --new --temperature 0.7",
            "noos chat --lora pirate.gguf:0.8", "printf 'Hello\\n2+2?\\n' | noos chat --new");
        command.Options.Add(isNew);
        var keepsCache = KeepCacheOption.AddTo(command, settings);
        var options = ModelOptions.AddTo(command, settings);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var assistant = options.OpenAssistant(parsed);
            using var kept = keepsCache.Begin(parsed, assistant);
            var history = new ChatHistory(Path.Combine(settings.UserData.Folder, "chat.jsonl"));
            var session = new ChatSession(assistant, parsed.GetValue(isNew) ? null : history.Read());
            Greet(assistant, session);
            await TalkAsync(session, history, settings, cancellationToken);
            return 0;
        });
        return command;
    }

    static void Greet(Assistant assistant, ChatSession session)
    {
        if (Console.IsInputRedirected)
        {
            return;
        }

        var turns = session.History.Messages.Count(message => message.Role == Role.User);
        Console.Out.WriteLine(
            $"{assistant.ModelName}. {(turns == 0 ? "" : $"Going on after {turns} {(turns == 1 ? "question" : "questions")}. ")}/help "
            + "shows the commands.");
    }

    static async Task TalkAsync(ChatSession session, ChatHistory history, NoosSettings settings, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && await ReadAsync(cancellationToken) is { } line)
        {
            switch (line.Trim())
            {
                case "":
                    break;
                case "/quit" or "/exit":
                    return;
                case "/help":
                    Console.Out.WriteLine(Help);
                    break;
                case "/clear":
                    session.Clear();
                    history.Write(session.History);
                    Console.Out.WriteLine("A new chat.");
                    break;
                case ['/', ..] unknown:
                    Console.Out.WriteLine($"There is no command {unknown.Split(' ')[0]}; /help shows all.");
                    break;
                case var text:
                    await AnswerAsync(session, text, settings);
                    history.Write(session.History);
                    break;
            }
        }
    }

    static async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        if (!Console.IsInputRedirected)
        {
            Console.Out.Write("> ");
        }

        // Reading a terminal cannot be cancelled; the thread ends with the program.
        return await Task.Run(Console.In.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
    }

    static async Task AnswerAsync(ChatSession session, string text, NoosSettings settings)
    {
        using var interruption = ControlC.Begin();
        var writer = new AnswerWriter(Console.Out, Console.Out, settings.NoColor);
        try
        {
            await foreach (var item in session.SendAsync(text, cancellationToken: interruption.Token))
            {
                writer.Write(item);
            }

            writer.EndLine();
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            writer.EndLine();
            Console.Out.WriteLine("(stopped)");
        }
        catch (NoosException exception)
        {
            // One question too long is no reason to leave.
            writer.EndLine();
            await Console.Error.WriteLineAsync(exception.Message);
        }
    }
}
