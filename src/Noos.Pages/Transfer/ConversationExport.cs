using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;

namespace Noos.Pages.Transfer;

/// <summary>A conversation as a file: JSON that can be imported again, or Markdown for people.</summary>
static class ConversationExport
{
    static readonly JsonWriterOptions s_json = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// <c>{"title": ..., "created": ..., "messages": [...]}</c>, the messages as everywhere in Noos; and where a person ran code of it
    /// <c>"tries": [...]</c> (<see cref="CodeRunFile"/>).
    /// </summary>
    /// <param name="process">The conversation.</param>
    /// <param name="messages">Those of the branch that is read.</param>
    /// <param name="tries">As <see cref="CodeRunFile.Last"/> gives them.</param>
    /// <param name="files">Those of the conversation, of which the pictures that code made are taken.</param>
    public static string ToJson(
        ProcessRecord process, IReadOnlyList<Message> messages, IReadOnlyList<PersonCalled> tries, IReadOnlyList<GivenFile> files)
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
                    CodeRunFile.Write(json, tried, files);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(content.ToArray());
    }

    public static string ToMarkdown(ProcessRecord process, IReadOnlyList<Message> messages, IReadOnlyList<PersonCalled> tries)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {process.Title ?? "Conversation"}\n\n");
        foreach (var (index, message) in messages.Index())
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
                    ToolResultPart result => Fence(result.Text),
                    FilePart file => $"*File* {file.Name}\n\n",
                    _ => "",
                });
            }

            foreach (var tried in tries.Where(tried => tried.MessageIndex == index))
            {
                text.Append(
                    CultureInfo.InvariantCulture, $"*You ran the {tried.Call.Name} code:*\n\n{Fence(CodeRunFile.OutputOf(tried))}");
                foreach (var picture in CodeRunFile.PicturesOf(tried))
                {
                    text.Append(CultureInfo.InvariantCulture, $"*Picture* {picture}\n\n");
                }
            }
        }

        return text.ToString().TrimEnd() + "\n";
    }

    /// <summary>A text as it is, between fences that it does not contain.</summary>
    static string Fence(string text)
    {
        var fence = "```";
        while (text.Contains(fence, StringComparison.Ordinal))
        {
            fence += '`';
        }

        return $"{fence}text\n{text.Trim()}\n{fence}\n\n";
    }
}
