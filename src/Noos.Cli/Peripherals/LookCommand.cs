using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Cli.Chat;
using Noos.Cli.Processes;
using Noos.Core;
using Noos.Core.Devices;
using Noos.Core.Settings;
using Noos.Media.Images;

namespace Noos.Cli.Peripherals;

/// <summary><c>noos look PICTURE</c></summary>
static class LookCommand
{
    const int MaxLength = 100_000;

    static readonly JsonSerializerOptions s_json =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(NoosSettings settings)
    {
        var file = new Argument<string>("picture")
        {
            Description = "A picture: PNG, JPEG, GIF, WebP or BMP, whatever its name says.",
        };
        var question = new Argument<string[]>("question")
        {
            Description = "What you want to know of it; several words need no quotes. Without it the picture is described.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var region = new Option<string?>("--region", "-r")
        {
            Description = "Look closer at a part: \"top left\", center, or left, top, width and height in pixels: \"10 20 300 200\".",
        };
        var eye = EyeOption.Create();
        var json = CommandOutput.JsonOption("Write one line of JSON: {\"mediaType\", \"text\"}.");
        var command = new CommandWithExamples(
            "look", "Say what a picture shows, as far as that can be told: the report that a model gets which reads text only.",
            "noos look photo.jpg", "noos look receipt.png --region bottom", "noos look ticket.png --json",
            "noos look photo.jpg \"How many people are there?\" --eye http://localhost:8080/v1#qwen2.5-vl");
        command.Arguments.Add(file);
        command.Arguments.Add(question);
        foreach (var option in (Option[])[region, eye, json])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var content = await ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            var report = await EyeOption.Open(settings, parsed.GetValue(eye)).LookAsync(
                content,
                new LookRequest
                {
                    Region = parsed.GetValue(region),
                    Question = string.Join(' ', parsed.GetValue(question) ?? []) is { Length: > 0 } asked ? asked : null,
                    MaxLength = MaxLength,
                },
                cancellationToken);
            Console.Out.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(report, s_json) : report.Text);
            return 0;
        });
        return command;
    }

    static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = FileOption.Open(path);
        if (file.Length > ImageLimits.Default.MaxBytes)
        {
            throw new NoosException(
                ErrorKind.Refused,
                $"'{path}' is too large a picture to be looked at; {ImageLimits.Default.MaxBytes >> 20} MiB are the most.");
        }

        var content = new byte[file.Length];
        await file.ReadExactlyAsync(content, cancellationToken);
        return content;
    }
}
