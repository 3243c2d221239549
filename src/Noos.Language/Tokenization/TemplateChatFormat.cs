using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Language.Templates;

namespace Noos.Language.Tokenization;

/// <summary>
/// The format of a model that brings its own chat template. What the template can read is found out by asking it: typed or plain contents,
/// arguments of calls as objects or as text, a system role or none. Where it refuses a conversation whose messages can be merged (system
/// messages into the first, messages of one role in a row), they are. Immutable and thread-safe.
/// </summary>
public sealed class TemplateChatFormat : IChatFormat
{
    const string Probe = "7f3a";

    // Those that this class sets itself.
    static readonly HashSet<string> s_own = new(StringComparer.Ordinal)
    {
        "messages", "tools", "add_generation_prompt", "bos_token", "eos_token",
    };

    readonly ChatTemplate _template;
    readonly TemplateOptions _options;
    readonly MessageShape _shape;
    readonly Lazy<bool> _showsTools;
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
        _showsTools = new Lazy<bool>(FindShowsTools);
    }

    public Tokenizer Tokenizer { get; }

    public bool ShowsTools => _showsTools.Value;

    public bool ReadsVariable(string name) => !s_own.Contains(name) && _template.Reads(name);

    public int[] RenderPrompt(
        Conversation conversation, IReadOnlyList<ToolDeclaration> tools, IReadOnlyDictionary<string, JsonElement>? variables = null)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(tools);
        var options = variables is { Count: > 0 } ? _options with { Variables = Join(_options.Variables, variables) } : _options;
        var segments = Render(conversation, tools, options);
        var tokens = Tokenizer.Encode(segments.Select(segment => (segment.Text, ParseSpecial: !segment.IsData)));
        // The template may have written the first token too.
        return _begin is { } begin && (tokens.Length == 0 || tokens[0] != begin) ? [begin, .. tokens] : tokens;
    }

    /// <summary>A conversation whose last message is the assistant's, as the model would read and say it: to learn that message.</summary>
    /// <param name="conversation">What was said; the last message is what is to be learnt.</param>
    /// <param name="tools">What the model may call.</param>
    /// <returns>
    /// The prompt as <see cref="RenderPrompt"/> writes it and the message behind it, up to and including the token that ends a turn; and
    /// how many of the tokens are the prompt.
    /// </returns>
    /// <exception cref="NoosException">
    /// The model cannot read such a conversation, or writes its answers in no way that can be learnt.
    /// </exception>
    public (int[] Tokens, int PromptLength) RenderAnswer(Conversation conversation, IReadOnlyList<ToolDeclaration> tools)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(tools);
        var before = new Conversation([.. conversation.Messages.SkipLast(1)]);
        var asked = string.Concat(Render(before, tools, _options).Select(segment => segment.Text));
        var said = Render(conversation, tools, _options with { AddGenerationPrompt = false });
        if (!string.Concat(said.Select(segment => segment.Text)).StartsWith(asked, StringComparison.Ordinal))
        {
            // Such as templates that open a thought for the model and leave thoughts out of what was said before.
            throw new NoosException(
                "The chat template of this model writes an answer otherwise than it asks for one, so answers cannot be learnt; choose "
                + "another model, or give the thoughts before the answers.");
        }

        var prompt = RenderPrompt(before, tools);
        var skipped = asked.Length;
        var pieces = new List<(string Text, bool ParseSpecial)>();
        foreach (var segment in said)
        {
            var skip = Math.Min(skipped, segment.Text.Length);
            skipped -= skip;
            pieces.Add((segment.Text[skip..], !segment.IsData));
        }

        // What a template writes behind the end of a turn, such as a line end, nobody says.
        var answer = Tokenizer.Encode(pieces.Where(piece => piece.Text.Length > 0));
        var end = Array.FindIndex(answer, Tokenizer.EndsGeneration);
        return ([.. prompt, .. end < 0 ? [.. answer, Tokenizer.EndOfTurn] : answer[..(end + 1)]], prompt.Length);
    }

    static Dictionary<string, JsonElement> Join(
        IReadOnlyDictionary<string, JsonElement> usual, IReadOnlyDictionary<string, JsonElement> given)
    {
        var joined = new Dictionary<string, JsonElement>(usual, StringComparer.Ordinal);
        foreach (var (name, value) in given)
        {
            joined[name] = value;
        }

        return joined;
    }

    /// <summary>As the template reads it; where it refuses, with messages merged, the least first.</summary>
    IReadOnlyList<TemplateSegment> Render(Conversation conversation, IReadOnlyList<ToolDeclaration> tools, TemplateOptions options)
    {
        try
        {
            return Render(_shape);
        }
        catch (NoosException exception) when (exception.Kind == ErrorKind.Invalid)
        {
            foreach (var shape in Merged(_shape))
            {
                try
                {
                    return Render(shape);
                }
                catch (NoosException again) when (again.Kind == ErrorKind.Invalid)
                {
                    // Told below in the words of the first refusal, which is about what was really said.
                }
            }

            throw;
        }

        IReadOnlyList<TemplateSegment> Render(MessageShape shape) =>
            _template.Render(TemplateMessages.Write(conversation, shape), Tools(tools, shape), options);
    }

    static IEnumerable<MessageShape> Merged(MessageShape shape)
    {
        yield return shape with { HasOneSystem = true };
        yield return shape with { Alternates = true };
        yield return shape with { HasThoughtOrContent = true };
        yield return shape with { HasOneSystem = true, Alternates = true };
        yield return shape with { HasOneSystem = true, Alternates = true, HasThoughtOrContent = true };
        yield return shape with { HasOneSystem = true, MergesSystem = true, Alternates = true, HasThoughtOrContent = true };
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
        else if (!Shows(shape, Probe, Message.System("a"), Message.System(Probe), Message.User("b"))
            || !Shows(shape, Probe, Message.User("a"), Message.Assistant("b"), Message.System(Probe), Message.User("c")))
        {
            // Some templates refuse further system messages, others pass over them.
            shape = shape with { HasOneSystem = true };
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
        shape = Array.Find(shapes, one => Shows(one, $"\"key\": \"{Probe}\"", calling) || Shows(one, $"\"key\":\"{Probe}\"", calling))
            ?? Array.Find(shapes, one => Shows(one, Probe, calling))
            ?? shape;
        return FindThoughtField(shape with { HasFiles = FindHasFiles(shape) });
    }

    /// <summary>A template that knows files names their type; one that does not may still write the list of parts as it is.</summary>
    bool FindHasFiles(MessageShape shape) =>
        (_template.Source.Contains("'file'", StringComparison.Ordinal) || _template.Source.Contains("\"file\"", StringComparison.Ordinal))
        && Shows(shape with { HasFiles = true }, Probe, new Message(Role.User, [new FilePart("", "a", Text: Probe)]));

    /// <summary>By which name the template reads thoughts: before a call of the last turn most of them show some.</summary>
    MessageShape FindThoughtField(MessageShape shape)
    {
        var thought = new ThoughtPart(Probe);
        Message[] calling =
        [
            Message.User("a"), Message.Assistant(thought, new ToolCallPart("tool", JsonElement.Parse("""{"key":"b"}"""))),
            Message.Tool(new ToolResultPart("tool", "c")),
        ];
        Message[] answered = [Message.User("a"), Message.Assistant(thought, new TextPart("b")), Message.User("c")];
        string[] names = [MessageShape.UsualThoughtField, "reasoning", "thinking", "thought"];
        return names.Where(name => _template.Source.Contains(name, StringComparison.Ordinal))
            .Select(name => shape with { ThoughtField = name })
            .FirstOrDefault(one => Shows(one, Probe, calling) || Shows(one, Probe, answered), shape);
    }

    bool FindShowsTools()
    {
        var tool = new ToolDeclaration("tool" + Probe, "A tool.", JsonElement.Parse("""{"type":"object","properties":{}}"""));
        return Shows(_shape, [tool], tool.Name, Message.User("a"))
            || Shows(_shape, [tool], tool.Name, Message.System("b"), Message.User("a"));
    }

    bool Shows(MessageShape shape, string wanted, params Message[] messages)
    {
        var tool = new ToolDeclaration(
            "tool", "A tool.", JsonElement.Parse("""{"type":"object","properties":{"key":{"type":"string"}}}"""));
        return Shows(shape, Array.Exists(messages, message => message.Role == Role.Tool) ? [tool] : [], wanted, messages);
    }

    bool Shows(MessageShape shape, IReadOnlyList<ToolDeclaration> tools, string wanted, params Message[] messages)
    {
        try
        {
            var segments = _template.Render(TemplateMessages.Write(new Conversation(messages), shape), Tools(tools, shape), _options);
            return string.Concat(segments.Select(segment => segment.Text)).Contains(wanted, StringComparison.Ordinal);
        }
        catch (NoosException)
        {
            return false;
        }
    }
}
