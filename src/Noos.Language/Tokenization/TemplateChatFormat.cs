using System.Text;
using System.Text.Json;
using Noos.Language.Conversations;
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
    readonly SpecialNames _specials;

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
        _specials = new SpecialNames(tokenizer);
        _shape = FindShape();
    }

    public Tokenizer Tokenizer { get; }

    public int[] RenderPrompt(Conversation conversation, IReadOnlyList<ToolDefinition> tools)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(tools);
        var tokens = new List<int>();
        if (_begin is { } begin)
        {
            tokens.Add(begin);
        }

        var text = new StringBuilder();
        foreach (var segment in _template.Render(TemplateMessages.Write(conversation, _shape), tools, _options))
        {
            if (segment.IsData)
            {
                text.Append(segment.Text);
            }
            else
            {
                Encode(segment.Text, text, tokens);
            }
        }

        Flush(text, tokens);
        if (_begin is { } first && tokens.Count > 1 && tokens[1] == first)
        {
            // The template wrote it too.
            tokens.RemoveAt(0);
        }

        return [.. tokens];
    }

    public Message ParseAssistant(ReadOnlySpan<int> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            if (Tokenizer.EndsGeneration(token))
            {
                break;
            }

            var value = Tokenizer.BytesOf(token);
            if (!Tokenizer.IsSpecial(token) || value.SequenceEqual(Encoding.UTF8.GetBytes(SpecialTokens.ToolCallStart)) || value.SequenceEqual(Encoding.UTF8.GetBytes(SpecialTokens.ToolCallEnd)))
            {
                bytes.AddRange(value);
            }
        }

        return Message.Assistant(ReadCalls(Encoding.UTF8.GetString([.. bytes])));
    }

    /// <summary>Text and calls between <c>&lt;tool_call&gt;</c> and <c>&lt;/tool_call&gt;</c>, the notation of Hermes and Qwen.</summary>
    static List<Part> ReadCalls(string text)
    {
        var parts = new List<Part>();
        var written = 0;
        var from = 0;
        while (text.IndexOf(SpecialTokens.ToolCallStart, from, StringComparison.Ordinal) is var start and >= 0)
        {
            var inner = start + SpecialTokens.ToolCallStart.Length;
            var end = text.IndexOf(SpecialTokens.ToolCallEnd, inner, StringComparison.Ordinal);
            if (end < 0)
            {
                break;
            }

            from = end + SpecialTokens.ToolCallEnd.Length;
            if (ToolCallJson.TryRead(text[inner..end], out var call))
            {
                // The white space around a call belongs to the layout.
                AddText(text[written..start].TrimEnd());
                parts.Add(call!);
                written = from;
            }
        }

        AddText(written > 0 ? text[written..].Trim() : text);
        return parts;

        void AddText(string value)
        {
            if (value.Length > 0)
            {
                parts.Add(new TextPart(value));
            }
        }
    }

    /// <summary>Special tokens of the template's own text; what is between them is collected, since text is split into pieces as a whole.</summary>
    void Encode(string literal, StringBuilder text, List<int> tokens)
    {
        var rest = literal.AsSpan();
        while (_specials.Find(rest, out var name, out var token) is var at and >= 0)
        {
            text.Append(rest[..at]);
            Flush(text, tokens);
            tokens.Add(token);
            rest = rest[(at + name.Length)..];
        }

        text.Append(rest);
    }

    void Flush(StringBuilder text, List<int> tokens)
    {
        if (text.Length > 0)
        {
            tokens.AddRange(Tokenizer.Encode(text.ToString()));
            text.Clear();
        }
    }

    MessageShape FindShape()
    {
        var shape = new MessageShape();
        var user = Message.User(Probe);
        if (!Shows(shape, Probe, user) && Shows(shape with { HasTypedContent = true }, Probe, user))
        {
            shape = shape with { HasTypedContent = true };
        }

        if (!Shows(shape, Probe, Message.System(Probe), Message.User("a")))
        {
            shape = shape with { MergesSystem = true };
        }

        var arguments = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["key"] = Probe });
        Message[] calling = [Message.User("a"), Message.Assistant(new ToolCallPart("tool", arguments)), Message.Tool(new ToolResultPart("tool", "b"))];
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
        var tool = new ToolDefinition("tool", "A tool.", JsonSerializer.SerializeToElement(new { type = "object", properties = new { key = new { type = "string" } } }));
        try
        {
            var segments = _template.Render(TemplateMessages.Write(new Conversation(messages), shape), messages.Length > 2 ? [tool] : [], _options);
            return string.Concat(segments.Select(segment => segment.Text)).Contains(wanted, StringComparison.Ordinal);
        }
        catch (NoosException)
        {
            return false;
        }
    }
}
