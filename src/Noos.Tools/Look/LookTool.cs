using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Devices;
using Noos.Core.Storage;
using Noos.Core.Tools;
using Noos.Tools.Files;

namespace Noos.Tools.Look;

/// <summary>
/// <c>look</c>: what a picture shows, told by the eye: a picture that a person gave to the conversation, that code has drawn, or any other
/// that a person allows; all of it or a part of it, enlarged.
/// </summary>
/// <param name="eye">What looks.</param>
/// <param name="maxLength">Characters of a result: a little less than the gate lets through.</param>
public sealed class LookTool(IEye eye, int maxLength = 3800) : ITool
{
    public const string Name = "look";
    public const string Image = "image";
    public const string Region = "region";
    public const string Question = "question";

    const int MaxArgument = 1000;
    const long MaxBytes = 64 << 20;

    static readonly ToolDeclaration s_declaration = new(
        Name,
        "Looks at a picture that the user gave, and reports what is in it: size, colours, QR and bar codes, text, and what it shows as far "
        + "as that can be told. With region it looks closer at a part.",
        JsonElement.Parse($$"""
        {
          "type": "object",
          "properties": {
            "{{Image}}": {
              "type": "string",
              "description": "The name of the picture, for example photo.jpg",
              "maxLength": {{MaxArgument}}
            },
            "{{Region}}": {
              "type": "string",
              "description": "Which part, for example top left, center, or left, top, width and height in pixels: 10 20 300 200",
              "maxLength": {{MaxArgument}}
            },
            "{{Question}}": {
              "type": "string",
              "description": "What to find out about it, for example how many people are there",
              "maxLength": {{MaxArgument}}
            }
          },
          "required": ["{{Image}}"],
          "additionalProperties": false
        }
        """));

    public ToolDeclaration Declaration => s_declaration;

    public IReadOnlyList<Capability> Needs { get; } =
        eye.Service is null ? [Capability.ReadFiles] : [Capability.ReadFiles, Capability.Network];

    public bool IsRepeatable => true;

    public IReadOnlyList<Effect> EffectsOf(ToolCallPart call, IToolContext context)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(context);
        var read = Effect.ReadFile(ConversationFile.PathOf(Text(call, Image), context));
        return eye.Service is { } service ? [read, Effect.Query(service, Text(call, Question))] : [read];
    }

    public async ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(context);
        var path = ConversationFile.PathOf(Text(call, Image), context);
        try
        {
            var content = await ReadAsync(path, context.Folder, cancellationToken);
            var report = await eye.LookAsync(
                content,
                new LookRequest
                {
                    Region = Text(call, Region) is { Length: > 0 } region ? region : null,
                    Question = Text(call, Question) is { Length: > 0 } question ? question : null,
                    MaxLength = maxLength,
                },
                cancellationToken);
            return ToolResult.Text(report.Text, Origin.File);
        }
        catch (NoosException exception) when (exception.Kind != ErrorKind.Internal)
        {
            throw new ToolException(exception.Message, exception);
        }
    }

    static async Task<byte[]> ReadAsync(string path, string? folder, CancellationToken cancellationToken)
    {
        try
        {
            RegularFile.Require(path);
            await using var file = ConversationFile.Open(path, folder)
                ?? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
            if (file.Length > MaxBytes)
            {
                throw new ToolException($"The picture is too large; {MaxBytes >> 20} MiB are the most.");
            }

            var content = new byte[file.Length];
            await file.ReadExactlyAsync(content, cancellationToken);
            return content;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ToolException(
                $"\"{Path.GetFileName(path)}\" cannot be read; check that it is there and may be read.", exception);
        }
    }

    static string Text(ToolCallPart call, string name) =>
        call.Arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim() : "";
}
