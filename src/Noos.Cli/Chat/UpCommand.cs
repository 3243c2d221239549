using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Noos.Cli.Processes;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Settings;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Inference.KeyValues;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;
using Noos.Server;
using Noos.Server.Client;

namespace Noos.Cli.Chat;

/// <summary><c>noos up</c></summary>
static class UpCommand
{
    const int DefaultPort = ServerOptions.DefaultPort;
    const int InstanceBytes = 16;

    public static Command Create(NoosSettings settings)
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
        var command = new CommandWithExamples("up", "Serve the chat page and an OpenAI-compatible API on this computer.", "noos up",
            "noos up --port 8080", "noos up --model models/My-Model.gguf");
        command.Options.Add(port);
        command.Options.Add(host);
        command.Options.Add(origins);
        command.Options.Add(maxRequest);
        command.Options.Add(ping);
        var hasNoJournal = new Option<bool>("--no-journal")
        {
            Description = "Keep no processes: only the OpenAI-compatible API and the page; several such servers can share a home.",
        };
        command.Options.Add(hasNoJournal);
        var keepsCache = KeepCacheOption.AddTo(command, settings);
        var options = ModelOptions.AddTo(command, settings, choosesTools: true);
        command.SetAction((parsed, cancellationToken) => ServeAsync(
            settings,
            new ServerOptions
            {
                Host = parsed.GetRequiredValue(host),
                Port = parsed.GetValue(port),
                AllowedOrigins = parsed.GetValue(origins) ?? [],
                MaxRequestLength = parsed.GetValue(maxRequest) << 10,
                PingInterval = TimeSpan.FromSeconds(parsed.GetValue(ping)),
            },
            parsed.GetValue(hasNoJournal) ? null : settings.UserData.Folder, options, keepsCache, parsed, cancellationToken));
        return command;
    }

    /// <param name="settings">Whose home it is.</param>
    /// <param name="server">Where to listen.</param>
    /// <param name="home">Where the journal lies; null for none.</param>
    /// <param name="options">Which model runs.</param>
    /// <param name="keepsCache">Whether its cache is kept.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    static async Task<int> ServeAsync(
        NoosSettings settings, ServerOptions server, string? home, ModelOptions options, KeepCacheOption keepsCache, ParseResult parsed,
        CancellationToken cancellationToken)
    {
        // Before the model: that another server has the home is said at once.
        using var logging = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole()
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        await using var journal = home is null ? null : OpenJournal(home, logging);
        await using var assistant = options.OpenAssistant(parsed);
        using var kept = keepsCache.Begin(parsed, assistant);
        await using var table = journal is null ? null : new ProcessTable(
            journal, assistant.Cpu, assistant.Gate, assistant.Tools, logger: logging.CreateLogger<ProcessTable>())
        {
            HasOptionalTools = assistant.HasOptionalTools,
        };
        if (table is not null)
        {
            await SavedChat.ImportAsync(table, settings);
        }

        await using var app = ChatServer.Create(
            assistant,
            server with { Instance = table is null ? null : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(InstanceBytes)) },
            builder =>
            {
                if (table is not null)
                {
                    builder.Services.AddSingleton(table);
                    // The app disposes it, and so before the table.
                    builder.Services.AddSingleton(provider => new TimerTable(
                        table, logger: provider.GetRequiredService<ILoggerFactory>().CreateLogger<TimerTable>()));
                }
            });
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
        var known = table is null
            ? null
            : ServerAddress.From(address, app.Services.GetRequiredService<ServerOptions>().Instance!);
        known?.Write(home!);
        Console.Out.WriteLine($"{assistant.ModelName} is up: {address}");
        Console.Out.WriteLine($"OpenAI-compatible API: {address}/v1   (Ctrl-C stops)");
        Announce(assistant);
        if (recovered > 0)
        {
            Console.Out.WriteLine(
                $"Goes on with {(recovered == 1 ? "an answer" : $"{recovered} answers")} that the last stop cut short ('noos ps').");
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var warm = WarmUpAsync(assistant, stop.Token);
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
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await app.StopAsync(patience.Token);
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
        if (assistant.Cpu is not LocalCpu)
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

    /// <summary>How much of what is read can be kept; nothing for a model elsewhere.</summary>
    static void Announce(Assistant assistant)
    {
        if (assistant.Cpu.GetService(typeof(LanguageModel)) is LanguageModel { KeyValueMemory: var memory })
        {
            var tokens = memory.MaxBytes / memory.PageBytes * KeyValueMemory.PagePositions;
            Console.Out.WriteLine(
                $"Keeps what it has read, up to {tokens:N0} tokens in {MemorySizeOption.Format(memory.MaxBytes)} of memory "
                + "(--cache-memory).");
        }
    }
}
