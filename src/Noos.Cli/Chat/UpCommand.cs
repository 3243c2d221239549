using System.CommandLine;
using System.Globalization;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
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
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
        finally
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await app.StopAsync(patience.Token);
        }
    }
}
