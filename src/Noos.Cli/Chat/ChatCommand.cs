using System.CommandLine;
using Noos.Cli.Permissions;
using Noos.Cli.Processes;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Settings;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;

namespace Noos.Cli.Chat;

/// <summary><c>noos chat</c>: a conversation of the journal, run by the server that is up or else by this program.</summary>
static class ChatCommand
{
    const string Help = """
        /help       this list
        /file PATH  give a file with the next question
        /clear      begin a new chat; this one stays in 'noos ps'
        /quit       leave (or Ctrl-D); the chat goes on next time
        Ctrl-C stops an answer; what it has written stays.
        """;

    // Enough to find where an answer under way began.
    const int LatestEvents = 1000;

    public static Command Create(NoosSettings settings)
    {
        var isNew = new Option<bool>("--new") { Description = "Begin a new chat instead of going on with the last one." };
        var process = new Option<long?>("--process")
        {
            Description = "Go on with this process ('noos ps' lists them).",
            HelpName = "PID",
        }.AtLeast(1);
        var command = new CommandWithExamples(
            "chat", "Talk in the terminal. The chat is kept, and goes on next time; where 'noos up' runs, its model answers.", "noos chat",
            "noos chat --new --temperature 0.7", "noos chat --process 12", "noos chat --lora pirate.gguf:0.8",
            "printf 'Hello\\n2+2?\\n' | noos chat --new");
        command.Options.Add(isNew);
        command.Options.Add(process);
        var keepsCache = KeepCacheOption.AddTo(command, settings);
        var files = FileOption.AddTo(command);
        var options = ModelOptions.AddTo(command, settings, choosesTools: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var home = await Homes.OpenWithModelAsync(settings, options, parsed, keepsCache, cancellationToken,
                choosesModel: parsed.GetValue(isNew));
            var chat = await FindAsync(home, parsed.GetValue(isNew), parsed.GetValue(process), settings, cancellationToken);
            var talk = new Talk(home, options.GenerationOrNull(parsed), settings)
            {
                Chat = chat,
                Program = ChatProgram.Create() with
                {
                    Model = options.GivenModel(parsed),
                    Fallbacks = options.GivenFallbacks(parsed),
                },
            };
            foreach (var path in parsed.GetValue(files) ?? [])
            {
                talk.Give(path);
            }

            await talk.BeginAsync(cancellationToken);
            await talk.RunAsync(cancellationToken);
            return 0;
        });
        return command;
    }

    static async Task<ProcessRecord?> FindAsync(
        IHome home, bool isNew, long? process, NoosSettings settings, CancellationToken cancellationToken)
    {
        if (process is { } id)
        {
            return isNew
                ? throw new NoosException("A new chat has no process yet; give --new or --process, not both.")
                : await home.GetAsync(id, cancellationToken);
        }

        var filter = new ProcessFilter
        {
            Kind = ProcessKind.Conversation,
            Owner = settings.User,
            Program = ChatProgram.Name,
            Limit = 1,
        };
        return isNew || await home.ListAsync(filter, cancellationToken) is not [var last, ..] ? null : last;
    }

    /// <summary>What a person says and hears.</summary>
    sealed class Talk(IHome home, GenerationOptions? options, NoosSettings settings)
    {
        // Given with the next question.
        readonly List<string> _files = [];

        /// <summary>What a new chat runs.</summary>
        public required ProcessProgram Program { get; init; }

        /// <summary>Null until something is said in a new chat.</summary>
        public ProcessRecord? Chat { get; set; }

        /// <summary>Greets, and shows the end of an answer that is under way or was cut short.</summary>
        public async Task BeginAsync(CancellationToken cancellationToken)
        {
            if (!Console.IsInputRedirected)
            {
                var turns = Chat is null ? 0 : (await home.MessagesAsync(Chat.Id, cancellationToken)).Data
                    .Count(message => message.Role == Role.User);
                Console.Out.WriteLine(
                    $"{home.Model}. {(turns == 0 ? "" : $"Going on after {turns} {(turns == 1 ? "question" : "questions")}. ")}/help shows "
                    + "the commands.");
            }

            if (Chat is { IsDue: true } due)
            {
                await home.RecoverAsync(due.Id);
                var latest = await home.LastEventsAsync(due.Id, LatestEvents, cancellationToken);
                var began = latest.LastOrDefault(
                    entry => entry.Event is RunBegan or ApprovalDecided or Said { IsQueued: false }) ?? latest[^1];
                await ShowAsync(due.Id, began.Id - 1);
            }
            else if (Chat is { } chat
                && (await home.ApprovalsAsync(cancellationToken)).FirstOrDefault(entry => entry.Process == chat.Id) is { } waiting)
            {
                await ShowAsync(chat.Id, waiting.Id - 1);
            }
        }

        /// <summary>A file for the next question.</summary>
        /// <exception cref="NoosException">It is not there, or may not be read.</exception>
        public void Give(string path)
        {
            FileOption.Open(path).Dispose();
            _files.Add(Path.GetFullPath(path));
        }

        public async Task RunAsync(CancellationToken cancellationToken)
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
                    case ['/', 'f', 'i', 'l', 'e', ' ', .. var path]:
                        TryGive(path.Trim().Trim('"', '\''));
                        break;
                    case "/clear":
                        Chat = null;
                        Console.Out.WriteLine("A new chat.");
                        break;
                    case ['/', ..] unknown:
                        Console.Out.WriteLine($"There is no command {unknown.Split(' ')[0]}; /help shows all.");
                        break;
                    case var text:
                        await AnswerAsync(text, cancellationToken);
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

            return await ReadLineAsync(cancellationToken);
        }

        // Reading a terminal cannot be cancelled; the thread ends with the program.
        static Task<string?> ReadLineAsync(CancellationToken cancellationToken) =>
            Task.Run(Console.In.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);

        void TryGive(string path)
        {
            try
            {
                Give(path);
                Console.Out.WriteLine($"{Path.GetFileName(path)} goes with your next question.");
            }
            catch (NoosException exception)
            {
                Console.Error.WriteLine(exception.Message);
            }
        }

        async Task AnswerAsync(string text, CancellationToken cancellationToken)
        {
            try
            {
                Chat ??= await home.SpawnAsync(
                    new ProcessStart(settings.User, ProcessKind.Conversation, Program) { Title = ChatProgram.TitleOf(text) },
                    message: null, cancellationToken);
                string[] given = [.. _files];
                _files.Clear();
                var said = await home.SayAsync(Chat.Id, text, given, options, cancellationToken);
                await ShowAsync(Chat.Id, said.Event);
            }
            catch (NoosException exception)
            {
                // One question that cannot be answered is no reason to leave.
                await Console.Error.WriteLineAsync(exception.Message);
            }
        }

        /// <summary>Shows an answer as it comes. Ctrl-C stops it; what it has written until then is shown, and stays.</summary>
        async Task ShowAsync(long process, long after)
        {
            while (await ShowUntilAskedAsync(process, after) is { Event: ApprovalAsked asked } question)
            {
                // Whoever pipes questions in is not there to be asked.
                var approval = Console.IsInputRedirected
                    ? null
                    : await PermissionQuestion.AskAsync(asked, Console.Out, ReadLineAsync, CancellationToken.None);
                if (approval is null)
                {
                    await Console.Error.WriteLineAsync(
                        $"It waits for your permission; 'noos permissions' shows for what, 'noos permissions allow {process}' gives it.");
                    return;
                }

                await home.DecideAsync(process, approval, asked.Call.CallId, CancellationToken.None);
                after = question.Id;
            }
        }

        /// <summary>Shows an answer to its end, or to a question that the person must answer first.</summary>
        /// <returns>The question; null at the end.</returns>
        async Task<JournalEntry?> ShowUntilAskedAsync(long process, long after)
        {
            JournalEntry? question = null;
            using var interruption = ControlC.Begin();
            await using var stop = interruption.Token.Register(() => _ = home.StopAsync(process));
            var lines = new AnswerWriter(Console.Out, Console.Out, settings.NoColor);
            var writer = new EntryWriter(lines);
            try
            {
                await foreach (var entry in home.FollowAsync(process, after, CancellationToken.None))
                {
                    question = entry.Event is ApprovalAsked ? entry : question;
                    if (!writer.Write(entry.Event))
                    {
                        break;
                    }
                }
            }
            finally
            {
                lines.EndLine();
            }

            if (writer.IsStopped)
            {
                Console.Out.WriteLine("(stopped)");
            }

            if ((writer.Failure ?? (writer.IsOver ? null : EntryWriter.StandsStill(process))) is { } failure)
            {
                await Console.Error.WriteLineAsync(failure);
            }

            return writer.Asked is null ? null : question;
        }
    }
}
