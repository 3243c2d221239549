using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Language.Templates;

namespace Noos.Language.Tokenization;

/// <summary>
/// The format of a model that brings its own chat template. What the template can read is found out by asking it: typed or plain contents,
/// arguments of calls as objects or as text, a system role or none. Immutable and thread-safe.
/// </summary>
public sealed class TemplateChatFormat : IChatFormat
{
    const string Probe = "7f3a";

    readonly ChatTemplate _template;
    readonly TemplateOptions _options;
    readonly MessageShape _shape;
    readonly int? _begin;

    /// <param name="tokenizer">The vocabulary of the model.</param>
    /// <param name="template">The template of the model.</param>
    /// <param name="options">What the template is told besides the conversation.</param>
    /// <param name="begin">The token that every prompt begins with, once; null for none but the template's own.</param>
    public TemplateChatFormat(Tokenizer tokenizer, ChatTemplate template, TemplateOptions? options = null, int? begin = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(template);
        Tokenizer = tokenizer;
        _template = template;
        _options = options ?? new TemplateOptions();
        _begin = begin;
        _shape = FindShape();
    }

    public Tokenizer Tokenizer { get; }

    public int[] RenderPrompt(Conversation conversation, IReadOnlyList<ToolDeclaration> tools)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(tools);
        var segments = _template.Render(TemplateMessages.Write(conversation, _shape), Tools(tools, _shape), _options);
        var tokens = Tokenizer.Encode(segments.Select(segment => (segment.Text, ParseSpecial: !segment.IsData)));
        // The template may have written the first token too.
        return _begin is { } begin && (tokens.Length == 0 || tokens[0] != begin) ? [begin, .. tokens] : tokens;
    }

    static List<object?>? Tools(IReadOnlyList<ToolDeclaration> tools, MessageShape shape) =>
        tools.Count > 0 || shape.HasToolList ? TemplateMessages.Write(tools) : null;

    MessageShape FindShape()
    {
        var shape = new MessageShape();
        var user = Message.User(Probe);
        MessageShape[] first = [shape, shape with { HasTypedContent = true }, shape with { HasToolList = true }];
        shape = Array.Find(first, one => Shows(one, Probe, user)) ?? shape;

        if (!Shows(shape, Probe, Message.System(Probe), Message.User("a")))
        {
            shape = shape with { MergesSystem = true };
        }

        var arguments = JsonElement.Parse($$"""{"key":"{{Probe}}"}""");
        Message[] calling = [
            Message.User("a"), Message.Assistant(new ToolCallPart("tool", arguments)), Message.Tool(new ToolResultPart("tool", "b"))];
        MessageShape[] shapes =
        [
            shape,
            shape with { HasTextArguments = true },
            shape with { HasShortIds = true },
            shape with { HasTextArguments = true, HasShortIds = true },
        ];

        // JSON, as calls mostly are; some templates write them as XML.
        return Array.Find(shapes, one => Shows(one, $"\"key\": \"{Probe}\"", calling) || Shows(one, $"\"key\":\"{Probe}\"", calling))
            ?? Array.Find(shapes, one => Shows(one, Probe, calling))
            ?? shape;
    }

    bool Shows(MessageShape shape, string wanted, params Message[] messages)
    {
        var tool = new ToolDeclaration(
            "tool", "A tool.", JsonElement.Parse("""{"type":"object","properties":{"key":{"type":"string"}}}"""));
        try
        {
            var segments = _template.Render(
                TemplateMessages.Write(new Conversation(messages), shape), Tools(messages.Length > 2 ? [tool] : [], shape), _options);
            return string.Concat(segments.Select(segment => segment.Text)).Contains(wanted, StringComparison.Ordinal);
        }
        catch (NoosException)
        {
            return false;
        }
    }
}
