using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Language.Templates;

namespace Noos.Language.Tokenization;

/// <summary>
/// A format for models that nobody taught to call: their template has no place for tools, so tools, calls and results are written into the
/// messages as text, in the notation of Hermes. How good the calls are depends on the model; that they are well-formed is for a constraint
/// to see to.
/// </summary>
/// <param name="inner">The model's own format.</param>
public sealed class DescribedToolsFormat(IChatFormat inner) : IChatFormat
{
    // A model reads this text: no escapes for what people write.
    static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public Tokenizer Tokenizer => inner.Tokenizer;

    public bool ShowsTools => true;

    public bool ReadsVariable(string name) => inner.ReadsVariable(name);

    /// <inheritdoc/>
    public int[] RenderPrompt(
        Conversation conversation, IReadOnlyList<ToolDeclaration> tools, IReadOnlyDictionary<string, JsonElement>? variables = null)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(tools);
        return inner.RenderPrompt(Describe(conversation, tools), [], variables);
    }

    static Conversation Describe(Conversation conversation, IReadOnlyList<ToolDeclaration> tools)
    {
        var messages = new List<Message>(conversation.Messages.Select(Describe));
        if (tools.Count > 0)
        {
            var description = DescriptionOf(tools);
            if (messages is [{ Role: Role.System } first, ..])
            {
                messages[0] = first with { Parts = [.. first.Parts, new TextPart("\n\n" + description)] };
            }
            else
            {
                messages.Insert(0, Message.System(description));
            }
        }

        return new Conversation(messages);
    }

    static Message Describe(Message message) => message.Role switch
    {
        Role.Tool => message with { Role = Role.User, Parts = [.. message.Parts.Select(Describe)] },
        Role.Assistant => message with { Parts = [.. message.Parts.Select(Describe)] },
        _ => message,
    };

    static Part Describe(Part part) => part switch
    {
        ToolCallPart call => new TextPart($"{SpecialTokens.ToolCallStart}\n{Write(writer =>
        {
            writer.WriteString("name", call.Name);
            writer.WritePropertyName("arguments");
            call.Arguments.WriteTo(writer);
        })}\n{SpecialTokens.ToolCallEnd}"),
        ToolResultPart result => new TextPart(
            $"{SpecialTokens.ToolResponseStart}\n{ToolResultText.Render(result)}\n{SpecialTokens.ToolResponseEnd}"),
        _ => part,
    };

    static string DescriptionOf(IReadOnlyList<ToolDeclaration> tools) => ToolListText.Write(tools)
        + "To use one, write nothing but this, and the result is sent to you:\n"
        + SpecialTokens.ToolCallStart
        + "\n{\"name\": \"the tool\", \"arguments\": {...}}\n"
        + SpecialTokens.ToolCallEnd;

    static string Write(Action<Utf8JsonWriter> fields)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, s_plain))
        {
            writer.WriteStartObject();
            fields(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
