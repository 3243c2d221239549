using System.CommandLine;
using System.Globalization;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Settings;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Inference.KeyValues;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Server;

namespace Noos.Cli.Chat;

/// <summary><c>noos up</c></summary>
static class UpCommand
{
    const int DefaultPort = ServerOptions.DefaultPort;

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
        var keepsCache = KeepCacheOption.AddTo(command, settings);
        var options = ModelOptions.AddTo(command, settings);
        command.SetAction((parsed, cancellationToken) => ServeAsync(
            new ServerOptions
            {
                Host = parsed.GetRequiredValue(host),
                Port = parsed.GetValue(port),
                AllowedOrigins = parsed.GetValue(origins) ?? [],
                MaxRequestLength = parsed.GetValue(maxRequest) << 10,
                PingInterval = TimeSpan.FromSeconds(parsed.GetValue(ping)),
            },
            options, keepsCache, parsed, cancellationToken));
        return command;
    }

    static async Task<int> ServeAsync(
        ServerOptions server, ModelOptions options, KeepCacheOption keepsCache, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var assistant = options.OpenAssistant(parsed);
        using var kept = keepsCache.Begin(parsed, assistant);
        await using var app = ChatServer.Create(assistant, server);
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

        var address = app.Urls.First();
        Console.Out.WriteLine($"{assistant.ModelName} is up: {address}");
        Console.Out.WriteLine($"OpenAI-compatible API: {address}/v1   (Ctrl-C stops)");
        Announce(assistant);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var warm = WarmUpAsync(assistant, stop.Token);
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
        finally
        {
            await stop.CancelAsync();
            await warm;
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await app.StopAsync(patience.Token);
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
