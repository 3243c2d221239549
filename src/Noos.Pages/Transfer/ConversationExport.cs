using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Pages.Text;

namespace Noos.Pages.Transfer;

/// <summary>A conversation as a file: JSON that can be imported again, or Markdown for people.</summary>
static class ConversationExport
{
    static readonly JsonWriterOptions s_json = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// <c>{"title": ..., "created": ..., "messages": [...]}</c>, the messages as everywhere in Noos; and where a person ran code of it
    /// <c>"tries": [{"tool": ..., "code": ..., "output": ..., "is_error": ..., "milliseconds": ...}]</c>.
    /// </summary>
    public static string ToJson(ProcessRecord process, IReadOnlyList<Message> messages, IReadOnlyList<PersonCalled> tries)
    {
        using var content = new MemoryStream();
        using (var json = new Utf8JsonWriter(content, s_json))
        {
            json.WriteStartObject();
            json.WriteString("title", process.Title ?? "");
            json.WriteString("created", process.Created);
            using var conversation = JsonDocument.Parse(ConversationJson.WriteUtf8(new Conversation(messages)));
            json.WritePropertyName("messages");
            conversation.RootElement.GetProperty("messages").WriteTo(json);
            if (tries.Count > 0)
            {
                json.WriteStartArray("tries");
                foreach (var tried in tries)
                {
                    Write(json, tried);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(content.ToArray());
    }

    public static string ToMarkdown(ProcessRecord process, IReadOnlyList<Message> messages, IReadOnlyList<PersonCalled> tries)
    {
        var left = tries.ToList();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {process.Title ?? "Conversation"}\n\n");
        foreach (var message in messages)
        {
            if (message.Role is Role.User or Role.System)
            {
                text.Append(message.Role == Role.User ? "## You\n\n" : "## Instructions\n\n");
            }
            else if (message.Role == Role.Assistant)
            {
                text.Append("## Noos\n\n");
            }

            foreach (var part in message.Parts)
            {
                text.Append(part switch
                {
                    TextPart said => said.Text.Trim() + "\n\n",
                    ThoughtPart thought => string.Concat(thought.Text.Trim().Split('\n').Select(line => $"> {line}\n")) + "\n",
                    ToolCallPart call => $"*Calls* `{call.Name}({call.Arguments.GetRawText()})`\n\n",
                    ToolResultPart result => $"```text\n{result.Text.Trim()}\n```\n\n",
                    FilePart file => $"*File* {file.Name}\n\n",
                    _ => "",
                });
            }

            foreach (var tried in left.Where(tried => message.Role == Role.Assistant && IsCodeOf(message, tried)).ToArray())
            {
                left.Remove(tried);
                text.Append(
                    CultureInfo.InvariantCulture, $"*You ran the {tried.Call.Name} code:*\n\n```text\n{OutputOf(tried).Trim()}\n```\n\n");
            }
        }

        return text.ToString().TrimEnd() + "\n";
    }

    static void Write(Utf8JsonWriter json, PersonCalled tried)
    {
        json.WriteStartObject();
        json.WriteString("tool", tried.Call.Name);
        json.WriteString("code", CodeCell.From(tried.Call)?.Code ?? "");
        json.WriteString("output", OutputOf(tried));
        json.WriteBoolean("is_error", ResultOf(tried)?.IsError == true);
        json.WriteNumber("milliseconds", tried.Milliseconds);
        json.WriteEndObject();
    }

    static bool IsCodeOf(Message message, PersonCalled tried) =>
        CodeCell.From(tried.Call) is { } cell && message.Text().Contains(cell.Code.TrimEnd(), StringComparison.Ordinal);

    static string OutputOf(PersonCalled tried) => ResultOf(tried)?.Text ?? "";

    static ToolResultPart? ResultOf(PersonCalled tried) => tried.Result.Parts.OfType<ToolResultPart>().FirstOrDefault();
}
