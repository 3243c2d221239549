using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Pages.Text;

namespace Noos.Pages.Transfer;

/// <summary>
/// Code of answers that a person ran, as an exported conversation has it:
/// <c>{"message": ..., "tool": ..., "code": ..., "output": ..., "is_error": ..., "milliseconds": ..., "pictures": [...]}</c>, where
/// <c>message</c> is the number of the answer among the messages, from 0, and a picture is
/// <c>{"name": ..., "caption": ..., "data": ...}</c> with its bytes in Base64.
/// </summary>
static class CodeRunFile
{
    // Of one picture, as everywhere that bytes stand in a text.
    const long MaxPictureLength = 8 << 20;

    /// <summary>Of each piece of code the last run, each with its message.</summary>
    /// <param name="messages">Those of the branch.</param>
    /// <param name="calls">What persons ran beside it; what is no code of its answers is left out.</param>
    public static IReadOnlyList<PersonCalled> Last(IReadOnlyList<Message> messages, IReadOnlyList<PersonCalled> calls) =>
    [
        .. from call in calls
           let cell = CodeCell.From(call.Call)
           where cell is not null
           let message = call.MessageIndex ?? FindMessage(messages, cell!)
           where message >= 0 && message < messages.Count
           group call with { MessageIndex = message } by (message, cell!) into runs
           orderby runs.Key.message
           select runs.Last(),
    ];

    public static void Write(Utf8JsonWriter json, PersonCalled call, IReadOnlyList<GivenFile> files)
    {
        var result = ResultOf(call);
        json.WriteStartObject();
        json.WriteNumber("message", call.MessageIndex!.Value);
        json.WriteString("tool", call.Call.Name);
        json.WriteString("code", CodeCell.From(call.Call)?.Code ?? "");
        json.WriteString("output", OutputOf(call));
        json.WriteBoolean("is_error", result?.IsError == true);
        json.WriteNumber("milliseconds", call.Milliseconds);
        var pictures = (result?.Parts ?? []).OfType<ImagePart>()
            .Select(picture => (Picture: picture, File: files.FirstOrDefault(file => file.Name == NameOf(picture))))
            .Where(found => found.File is { Length: <= MaxPictureLength }).ToArray();
        if (pictures.Length > 0)
        {
            json.WriteStartArray("pictures");
            foreach (var (picture, file) in pictures)
            {
                json.WriteStartObject();
                json.WriteString("name", file!.Name);
                if (picture.Caption is { } caption)
                {
                    json.WriteString("caption", caption);
                }

                json.WriteBase64String("data", File.ReadAllBytes(file.Path));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> has written; what is damaged or of no interpreter is passed over.</summary>
    /// <param name="runs">The list.</param>
    /// <param name="messageCount">Messages that were read; a run of none of them is found by its code.</param>
    public static (IReadOnlyList<PersonCalled> Calls, IReadOnlyList<ImportedPicture> Pictures) Read(JsonElement runs, int messageCount)
    {
        var (calls, pictures) = (new List<PersonCalled>(), new List<ImportedPicture>());
        if (runs.ValueKind != JsonValueKind.Array)
        {
            return (calls, pictures);
        }

        foreach (var run in runs.EnumerateArray())
        {
            if (run.ValueKind != JsonValueKind.Object || Text(run, "code") is not { Length: > 0 } code
                || CodeCell.ToolFor(Text(run, "tool")) is not { } tool)
            {
                continue;
            }

            // Numbered: two runs may have made pictures of one name, and each is a file of its own.
            ImportedPicture[] made = [.. ReadPictures(run, pictures.Count)];
            pictures.AddRange(made);
            Part[] parts =
            [
                new TextPart(Text(run, "output") ?? ""),
                .. made.Select(picture => new ImagePart(picture.Name, Caption: picture.Caption)),
            ];
            var call = new CodeCell(tool, code).ToCall($"import-{calls.Count}");
            calls.Add(new PersonCalled(
                0, call, Message.Tool(new ToolResultPart(tool, parts, IsTrue(run, "is_error"), call.CallId)),
                Math.Max(0, Number(run, "milliseconds") ?? 0))
            {
                MessageIndex = Number(run, "message") is { } index && index >= 0 && index < messageCount ? (int)index : null,
            });
        }

        return (calls, pictures);
    }

    public static string OutputOf(PersonCalled call) => ResultOf(call)?.Text ?? "";

    /// <summary>The names of the pictures that it made.</summary>
    public static IEnumerable<string> PicturesOf(PersonCalled call) =>
        (ResultOf(call)?.Parts ?? []).OfType<ImagePart>().Select(NameOf);

    static IEnumerable<ImportedPicture> ReadPictures(JsonElement run, int before)
    {
        if (!run.TryGetProperty("pictures", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        foreach (var picture in list.EnumerateArray())
        {
            if (picture.ValueKind == JsonValueKind.Object && picture.TryGetProperty("data", out var data)
                && data.ValueKind == JsonValueKind.String && data.TryGetBytesFromBase64(out var content)
                && content.Length is > 0 and <= (int)MaxPictureLength)
            {
                var name = GivenFiles.CleanName(Text(picture, "name") ?? "picture");
                yield return new ImportedPicture($"run-{++before}-{name}", Text(picture, "caption"), content);
            }
        }
    }

    static string NameOf(ImagePart picture) => Path.GetFileName(Uri.UnescapeDataString(picture.Uri));

    static ToolResultPart? ResultOf(PersonCalled call) => call.Result.Parts.OfType<ToolResultPart>().FirstOrDefault();

    static int FindMessage(IReadOnlyList<Message> messages, CodeCell cell)
    {
        for (var i = messages.Count - 1; i >= 0; i--)
        {
            if (messages[i].Role == Role.Assistant && messages[i].Text().Contains(cell.Code.TrimEnd(), StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static long? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : null;

    static bool IsTrue(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}

/// <summary>A picture that code made, to be kept as a file of the conversation.</summary>
/// <param name="Name">Of the file.</param>
/// <param name="Caption">What it shows; null for nothing.</param>
/// <param name="Content">Its bytes.</param>
sealed record ImportedPicture(string Name, string? Caption, byte[] Content);
