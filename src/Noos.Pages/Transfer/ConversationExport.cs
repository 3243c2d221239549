using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Kernel.Processes;

namespace Noos.Pages.Transfer;

/// <summary>A conversation as a file: JSON that can be imported again, or Markdown for people.</summary>
static class ConversationExport
{
    static readonly JsonWriterOptions s_json = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>{"title": ..., "created": ..., "messages": [...]}</c>, the messages as everywhere in Noos.</summary>
    public static string ToJson(ProcessRecord process, IReadOnlyList<Message> messages)
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
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(content.ToArray());
    }

    public static string ToMarkdown(ProcessRecord process, IReadOnlyList<Message> messages)
    {
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
        }

        return text.ToString().TrimEnd() + "\n";
    }
}
