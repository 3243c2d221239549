using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Noos.Cli.Accounts;
using Noos.Cli.Factory;
using Noos.Cli.Peripherals;
using Noos.Cli.Processes;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Core.Settings;
using Noos.Corpus.Index;
using Noos.Cpus.Hub;
using Noos.Cpus.Library;
using Noos.Cpus.Local;
using Noos.Factory.Weeks;
using Noos.Inference;
using Noos.Inference.KeyValues;
using Noos.Kernel.Accounts;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Facts;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Kernel.Speech;
using Noos.Kernel.Timers;
using Noos.Language.Tokenization;
using Noos.Pages;
using Noos.Peripherals.Ear;
using Noos.Server;
using Noos.Server.Client;
using Noos.Peripherals.Voice;

namespace Noos.Cli.Chat;

/// <summary><c>noos up</c></summary>
static class UpCommand
{
    const int DefaultPort = ServerOptions.DefaultPort;
    const int InstanceBytes = 16;

    public static Command Create(NoosSettings settings, ModelLibrary library)
    {
        var port = new Option<int>("--port", "-p")
        {
            Description = "Port to listen on; 0 takes a free one.",
            DefaultValueFactory = _ => DefaultPort,
        };
        port.Validators.Add(result =>
        {
            if (result.TryGetValue<int>(out var number) && number is < 0 or > 65535)
            {
                result.AddError("The port must be a number from 0 to 65535.");
            }
        });
        var host = new Option<string>("--host")
        {
            Description = "Address to listen on; 0.0.0.0 lets the whole network in.",
            DefaultValueFactory = _ => "127.0.0.1",
        };
        var origins = new Option<string[]>("--allow-origin")
        {
            Description =
                "A page from elsewhere that may use the API, such as https://chat.example.org or chrome-extension://ID; * for all. Can be "
                + "given several times.",
        };
        origins.Validators.Add(result =>
        {
            foreach (var wrong in result.Tokens.Select(token => token.Value).Where(text => !ServerOptions.IsOrigin(text)))
            {
                result.AddError(ServerOptions.NoOrigin(wrong));
            }
        });
        var maxRequest = new Option<long>("--max-request")
        {
            Description = "Largest request in KiB; a longer one is refused.",
            DefaultValueFactory = _ => new ServerOptions().MaxRequestLength >> 10,
        };
        maxRequest.Validators.Add(result =>
        {
            if (result.TryGetValue<long>(out var size) && size is < 1 or > 1 << 20)
            {
                result.AddError("The largest request must be from 1 to 1048576 KiB.");
            }
        });
        var maxFile = MemorySizeOption.Create(
            "--max-file", "Largest file that may be given to a conversation, such as 500M or 2G (default: 1G).");
        var maxUploads = MemorySizeOption.Create(
            "--max-uploads", "Disk space for files that clients upload (/v1/files), such as 500M or 2G (default: 10G).");
        var ping = new Option<double>("--ping")
        {
            Description = "While a stream waits for the next token, a sign of life is sent every so many seconds; 0 for none.",
            DefaultValueFactory = _ => new ServerOptions().PingInterval.TotalSeconds,
        };
        ping.Validators.Add(result =>
        {
            if (result.TryGetValue<double>(out var seconds) && !(seconds is >= 0 and <= 3600))
            {
                result.AddError("The seconds between signs of life must be from 0 to 3600.");
            }
        });
        var also = new Option<string[]>("--also")
        {
            Description =
                "Another model that requests and processes may ask for by its name, beside those of 'noos models': a .gguf file, or the "
                + "address of an OpenAI-compatible endpoint. Opened when first asked for; can be given several times.",
            HelpName = "MODEL",
        };
        var modelMemory = MemorySizeOption.Create(
            "--model-memory",
            "Memory for the weights of models beside the first; the one used longest ago is closed for another (default: half of what is "
            + "free at the start).",
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var fallbackTurns = Count(
            "--fallback-at", "With so many answers at work and waiting a model's fallback answers: 16 unless told otherwise.", 1);
        var maxTimers = Count("--max-timers", "Timers that one owner may have: 100 unless told otherwise.", 0);
        var swap = MemorySizeOption.Create(
            "--swap",
            "Disk space for what idle processes have read, where memory for it is short, so that it need not be read again; 0 for none "
            + "(default: 4G).");
        var summaries = new Option<string?>("--summaries")
        {
            Description =
                "on: what leaves the window of a conversation is summarised by its model while that is idle, and the summary stays; off: "
                + "nothing stays but what 'recall' finds (default: off for Noos's own small models, which cannot summarise).",
        };
        summaries.AcceptOnlyFromAmong("on", "off");
        var ear = EarOption.Create();
        var (weekly, weeklyAt) = WeeklyTimer.CreateOptions();
        var command = new CommandWithExamples("up", "Serve the chat page and an OpenAI-compatible API on this computer.", "noos up",
            "noos up --port 8080", "noos up --model models/My-Model.gguf",
            "noos up --also http://localhost:8080/v1#big --model-memory 4G",
            "noos up --model http://localhost:8080/v1#big --fallback Noos-Nano",
            "noos up --weekly recipes/weekly.toml --weekly-at \"0 2 * * 0\"");
        command.Options.Add(port);
        command.Options.Add(host);
        command.Options.Add(origins);
        command.Options.Add(maxRequest);
        command.Options.Add(maxFile);
        command.Options.Add(maxUploads);
        var responses = ResponseOptions.AddTo(command);
        command.Options.Add(ping);
        foreach (var option in (Option[])[also, modelMemory, fallbackTurns, maxTimers, swap, summaries, ear, weekly, weeklyAt])
        {
            command.Options.Add(option);
        }

        var hasNoJournal = new Option<bool>("--no-journal")
        {
            Description = "Keep no processes: only the OpenAI-compatible API and the page; several such servers can share a home.",
        };
        command.Options.Add(hasNoJournal);
        var login = LoginOption.AddTo(command);
        var operation = OperationOptions.AddTo(command);
        var keepsCache = KeepCacheOption.AddTo(command, settings);
        var options = ModelOptions.AddTo(command, settings, choosesTools: true);
        command.SetAction((parsed, cancellationToken) => ServeAsync(
            settings,
            library,
            responses.ApplyTo(operation.ApplyTo(login.ApplyTo(new ServerOptions
            {
                Host = parsed.GetRequiredValue(host),
                Port = parsed.GetValue(port),
                AllowedOrigins = parsed.GetValue(origins) ?? [],
                MaxRequestLength = parsed.GetValue(maxRequest) << 10,
                MaxFileLength = parsed.GetValue(maxFile) ?? new ServerOptions().MaxFileLength,
                MaxUploadBytes = parsed.GetValue(maxUploads) ?? new ServerOptions().MaxUploadBytes,
                UploadFolder = parsed.GetValue(hasNoJournal) ? null : Path.Combine(settings.UserData.Folder, "uploads"),
                IndexPath = Path.Combine(settings.UserData.Folder, SearchIndex.FileName),
                PingInterval = TimeSpan.FromSeconds(parsed.GetValue(ping)),
            }, parsed), parsed, settings), parsed, parsed.GetValue(hasNoJournal) ? null : settings.UserData.Folder),
            parsed.GetValue(hasNoJournal) ? null : settings.UserData.Folder,
            new OtherModels
            {
                Names = parsed.GetValue(also) ?? [],
                Memory = parsed.GetValue(modelMemory),
                FallbackTurns = parsed.GetValue(fallbackTurns),
            },
            new HomeOptions(
                parsed.GetValue(maxTimers) ?? TimerTable.DefaultMaxTimers, parsed.GetValue(swap) ?? new SwapOptions().MaxBytes,
                parsed.GetValue(summaries) is { } word ? word == "on" : null)
            {
                Ear = parsed.GetValue(ear),
                Weekly = parsed.GetValue(weekly) is { } recipe
                    ? (WeekRecipe.Read(recipe),
                        TimerSchedule.Parse(parsed.GetValue(weeklyAt) ?? WeeklyTimer.UsualTime, null, TimeProvider.System))
                    : null,
            },
            operation.Read(parsed),
            options, keepsCache, parsed, cancellationToken));
        return command;
    }

    static Option<int?> Count(string name, string description, int min)
    {
        var option = new Option<int?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.TryGetValue<int?>(out var value) && value < min)
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"The value of {name} must be {min} or more."));
            }
        });
        return option;
    }

    /// <param name="settings">Whose home it is.</param>
    /// <param name="library">The models on this machine.</param>
    /// <param name="server">Where to listen.</param>
    /// <param name="home">Where the journal lies; null for none.</param>
    /// <param name="others">Which further models may be asked for.</param>
    /// <param name="limits">What the home may hold.</param>
    /// <param name="operation">How it logs and stops.</param>
    /// <param name="options">Which model runs.</param>
    /// <param name="keepsCache">Whether its cache is kept.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    static async Task<int> ServeAsync(
        NoosSettings settings, ModelLibrary library, ServerOptions server, string? home, OtherModels others, HomeOptions limits,
        OperationSettings operation, ModelOptions options, KeepCacheOption keepsCache, ParseResult parsed,
        CancellationToken cancellationToken)
    {
        // Before the model: that another server has the home is said at once.
        using var logging = LoggerFactory.Create(operation.Log.AddTo);
        await using var journal = home is null ? null : OpenJournal(home, logging);
        var accounts = new AccountStore(settings.UserData.Folder);
        var isFirst = false;
        if (journal is not null || server.RequiresLogin)
        {
            (var owner, isFirst) = accounts.EnsureOwner(settings.User);
            LoginOption.RequirePassword(accounts, owner, settings, server);
        }

        await using var assistant = options.OpenAssistant(parsed, others, logging);
        assistant.Gate.Owners = accounts;
        using var kept = keepsCache.Begin(parsed, assistant);
        await using var table = journal is null ? null : new ProcessTable(
            journal, assistant.Cpu, assistant.Gate, assistant.Tools, logger: logging.CreateLogger<ProcessTable>(),
            options: new ProcessTableOptions
            {
                HasOptionalTools = assistant.HasOptionalTools,
                Swap = limits.SwapBytes > 0 ? new SwapOptions { MaxBytes = limits.SwapBytes } : null,
                Summaries = limits.Summaries ?? CanSummarize(assistant.Cpu) ? new SummaryOptions() : null,
                Quota = accounts,
            });
        if (table is not null)
        {
            await SavedChat.ImportAsync(table, settings);
        }

        // A server that shares its home with others keeps the conversations of its page for itself, and only while it runs.
        await using var passing = table is not null ? null : PassingHome.Open(assistant, logging);
        await using var app = ChatServer.Create(
            assistant,
            server with
            {
                Instance = table is null ? null : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(InstanceBytes)),
                CommandKey = table is null ? null : SecretToken.Create(),
            },
            builder =>
            {
                operation.Log.AddTo(builder.Logging.ClearProviders());
                builder.Services.AddSingleton(accounts);
                builder.Services.AddSingleton(library);
                builder.Services.AddSingleton<IVoiceSource>(_ => VoiceLibrary.From(settings));
                builder.Services.AddSingleton(options.OpenEye(parsed));
                // Made by the host and so disposed with it; the file is opened when somebody first speaks.
                builder.Services.AddSingleton(_ => new EarSource(EarOption.Options(settings, limits.Ear)));
                if (server.Host == "localhost" || (IPAddress.TryParse(server.Host, out var listens) && IPAddress.IsLoopback(listens)))
                {
                    // Whoever else is on the network does not fill the disk.
                    builder.Services.AddSingleton(HubOptions.From(settings));
                }

                builder.Services.AddNoosPages(new PagesOptions
                {
                    Home = home,
                    Owner = accounts.Owner?.Name ?? settings.User,
                    Processes = passing?.Table,
                    MaxFileLength = server.MaxFileLength,
                });
                if (table is not null)
                {
                    builder.Services.AddSingleton(table);
                    builder.Services.AddSingleton<IFactStore>(new FactStore(home!));
                    // The app disposes it, and so before the table.
                    builder.Services.AddSingleton(provider => new TimerTable(
                        table, logger: provider.GetRequiredService<ILoggerFactory>().CreateLogger<TimerTable>(),
                        maxTimers: limits.MaxTimers));
                }
            });
        app.MapNoosPages();
        // Before anybody can ask: what is under way is so from the first answer on.
        var recovered = table is null ? 0 : await table.RecoverAsync();
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception)
        {
            var port = server.Port.ToString(CultureInfo.InvariantCulture);
            throw new NoosException(
                $"Port {port} on {server.Host} cannot be used, perhaps because Noos is already up; "
                + "stop that, or choose another with --port.",
                exception);
        }

        app.Services.GetService<TimerTable>()?.Start();
        var address = app.Urls.First();
        var started = app.Services.GetRequiredService<ServerOptions>();
        var known = table is null ? null : ServerAddress.From(address, started.Instance!, started.CommandKey);
        known?.Write(home!);
        Console.Out.WriteLine($"{assistant.ModelName} is up: {address}");
        Console.Out.WriteLine($"OpenAI-compatible API: {address}/v1   (Ctrl-C stops)");
        if (isFirst)
        {
            Console.Out.WriteLine(started.RequiresLogin
                ? $"{settings.User} owns this Noos, and logs in with the password that was set; 'noos user add' lets others in."
                : $"{settings.User} owns this Noos and needs no password on this machine; to let others in, set one "
                + "('noos user password') and start with --host 0.0.0.0.");
        }

        Announce(assistant);
        if (recovered > 0)
        {
            Console.Out.WriteLine(
                $"Goes on with {(recovered == 1 ? "an answer" : $"{recovered} answers")} that the last stop cut short ('noos ps').");
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var warm = WarmUpAsync(assistant, stop.Token);
        var weeks = home is null ? Task.CompletedTask
            : new WeeklyTimer(home, limits.Weekly, TimeProvider.System, Console.Out.WriteLine).RunAsync(stop.Token);
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is how a server ends; a supervisor takes anything but 0 for a failure.
            return 0;
        }
        finally
        {
            known?.Remove(home!);
            await stop.CancelAsync();
            await warm;
            await weeks;
            var underWay = app.Services.GetRequiredService<RequestTable>().List().Count;
            if (underWay > 0)
            {
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Waits up to {operation.Grace.TotalSeconds} s for {underWay} {(underWay == 1 ? "request" : "requests")} under way; "
                    + $"Ctrl-C again ends at once."));
            }

            await app.StopGracefullyAsync(operation.Grace);
        }
    }

    static Journal OpenJournal(string home, ILoggerFactory logging)
    {
        try
        {
            return Journal.Open(home, logger: logging.CreateLogger<Journal>());
        }
        catch (NoosException busy) when (busy.Kind == ErrorKind.Busy && ServerAddress.Read(home) is { } other)
        {
            throw new NoosException(
                ErrorKind.Busy,
                $"Another Noos holds the home '{home}' and serves it at {other.Address}; stop it, set NOOS_HOME to another folder, or give "
                + "--no-journal to serve without one.",
                busy);
        }
    }

    /// <summary>
    /// One token of an answer nobody sees, so that the first question waits neither for code to be compiled nor for the instructions to be
    /// read. Only a local model: others cost money, and are warm.
    /// </summary>
    static async Task WarmUpAsync(Assistant assistant, CancellationToken cancellationToken)
    {
        if (assistant.Cpu.GetService(typeof(LanguageModel)) is null)
        {
            return;
        }

        try
        {
            var greeting = Conversation.From(Message.User("Hello"));
            await foreach (var _ in assistant.AnswerAsync(greeting, new GenerationOptions { MaxTokens = 1 }, cancellationToken))
            {
            }
        }
        catch (Exception e) when (e is NoosException or OperationCanceledException)
        {
            // Whatever is wrong with the model is said to the first who asks.
        }
    }

    /// <summary>Models of our own layout are small ones, taught to talk and to calculate and nothing else.</summary>
    static bool CanSummarize(ICpu cpu) => cpu.GetService(typeof(LanguageModel)) is not LanguageModel { ChatFormat: ChatFormat };

    /// <summary>How much of what is read can be kept; nothing for a model elsewhere. And that an encoder answers nobody.</summary>
    static void Announce(Assistant assistant)
    {
        if (assistant.Cpu.Info.IsEncoder)
        {
            Console.Out.WriteLine(
                assistant.Cpu.GetService(typeof(LocalReranker)) is null
                    ? "It is an encoder: it makes vectors of texts (POST /v1/embeddings, /api/embed); chats need another model, chosen by "
                        + "name."
                    : "It is a reranker: it puts texts in order (POST /v1/rerank); chats need another model, chosen by name.");
        }

        if (assistant.Cpu.GetService(typeof(LanguageModel)) is LanguageModel { KeyValueMemory: var memory })
        {
            var tokens = memory.MaxBytes / memory.PageBytes * KeyValueMemory.PagePositions;
            Console.Out.WriteLine(
                $"Keeps what it has read, up to {tokens:N0} tokens in {MemorySizeOption.Format(memory.MaxBytes)} of memory "
                + "(--cache-memory).");
        }
    }

    /// <param name="MaxTimers">Timers of one owner.</param>
    /// <param name="SwapBytes">Bytes of what idle processes have read on the disk; 0 for none.</param>
    /// <param name="Summaries">Whether what leaves a window is summarised; null where the model decides.</param>
    sealed record HomeOptions(int MaxTimers, long SwapBytes, bool? Summaries)
    {
        /// <summary>Who hears recordings; null for the usual ear.</summary>
        public string? Ear { get; init; }

        /// <summary>What the model learns every week, and when; null for nothing.</summary>
        public (WeekRecipe Recipe, TimerSchedule Schedule)? Weekly { get; init; }
    }
}
