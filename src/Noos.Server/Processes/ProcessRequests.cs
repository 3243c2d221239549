using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Memory;
using Noos.Kernel.Processes;
using Noos.Server.Accounts;
using Noos.Server.OpenAi;

namespace Noos.Server.Processes;

/// <summary>The bodies of requests to <c>/api</c>.</summary>
static class ProcessRequests
{
    const int MaxTools = 1000;
    const int MaxFallbacks = 16;
    const int MaxTitle = 1000;

    /// <summary>What a process begins as, and what is said to it first.</summary>
    /// <param name="root">The body.</param>
    /// <param name="visitor">Who asks.</param>
    /// <exception cref="ApiException">It is no such thing; the message says where.</exception>
    public static (ProcessStart Start, Message? Message) ReadStart(RequestFields root, Visitor visitor)
    {
        var program = ReadProgram(root);
        var start = new ProcessStart(ReadOwner(root, visitor), ReadKind(root), program)
        {
            Parent = root.Integer("parent", 1, long.MaxValue),
            Title = ReadTitle(root),
            Priority = ReadPriority(root),
            Messages = root.Find("messages") is null ? [] : WithoutFiles(ChatMessages.Read(root).Messages),
        };
        return (start, root.String("message") is { } text ? Message.User(text) : null);
    }

    /// <summary>What a process runs.</summary>
    /// <inheritdoc cref="ReadStart"/>
    public static ProcessProgram ReadProgram(RequestFields root) => new()
    {
        Name = root.String("name"),
        Instructions = root.String("instructions"),
        Model = root.String("model"),
        Fallbacks = root.Texts("fallbacks", MaxFallbacks),
        Tools = root.Texts("tools", MaxTools),
        Options = ReadOptions(root) ?? GenerationOptions.Default,
        Limits = ReadLimits(root),
    };

    public static string ReadOwner(RequestFields root, Visitor visitor) =>
        visitor.OwnerFor(root.String("owner") is { Length: > 0 } owner ? owner : null);

    /// <summary>What is said, and how its answer is generated.</summary>
    public static (Message Message, GenerationOptions? Options) ReadMessage(RequestFields root)
    {
        var parts = ChatMessages.Content(root, hasFiles: true)
            ?? throw ApiException.Invalid("content", "The field \"content\" is missing.");
        return (new Message(Role.User, parts.Count == 0 ? [new TextPart("")] : parts) { Name = root.String("name") }, ReadOptions(root));
    }

    public static string? ReadTitle(RequestFields root) =>
        root.String("title") is { } title && title.Length > MaxTitle
            ? throw root.Bad("title", $"text of at most {MaxTitle} characters")
            : root.String("title");

    public static ProcessPriority? ReadPriority(RequestFields root) =>
        Parse<ProcessPriority>(root.Word("priority", "interactive", "continuation", "agent", "background"));

    /// <summary>A name in snake case; null for null.</summary>
    /// <summary>What a person decides about a page.</summary>
    public static (int Page, PageMark Mark) ReadMark(RequestFields root)
    {
        var page = root.Integer("page", 1, int.MaxValue)
            ?? throw ApiException.Invalid("page", "The field \"page\" is missing; it is the number of a page of the context.");
        var mark = Parse<PageMark>(root.Word("mark", "pinned", "dropped", "none"))
            ?? throw ApiException.Invalid("mark", "The field \"mark\" is missing; it is pinned, dropped or none.");
        return ((int)page, mark);
    }

    public static T? Parse<T>(string? name)
        where T : struct, Enum => name is null ? null : Enum.Parse<T>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    static IReadOnlyList<Message> WithoutFiles(IReadOnlyList<Message> messages) =>
        messages.Any(message => message.Parts.Any(part => part is FilePart or ImagePart or AudioPart))
            ? throw ApiException.Invalid(
                "messages",
                "A process has no files, pictures or sound yet when it begins; give files with what is said to it "
                + "(POST /api/processes/ID/messages).")
            : messages;

    static ProcessKind ReadKind(RequestFields root) =>
        Parse<ProcessKind>(root.Word("kind", "conversation", "agent", "job", "housekeeping")) ?? ProcessKind.Conversation;

    static ProcessLimits ReadLimits(RequestFields root)
    {
        var usual = new ProcessLimits();
        if (root.Object("limits") is not { } limits)
        {
            return usual;
        }

        var read = new ProcessLimits
        {
            Depth = (int?)limits.Integer("depth", 0, 100) ?? usual.Depth,
            Children = (int?)limits.Integer("children", 0, 10_000) ?? usual.Children,
            Tokens = limits.Integer("tokens", 0, long.MaxValue),
            Calls = limits.Integer("calls", 0, long.MaxValue),
        };
        limits.RefuseUnknown();
        return read;
    }

    static GenerationOptions? ReadOptions(RequestFields root)
    {
        if (root.Object("options") is not { } fields)
        {
            return null;
        }

        var options = ChatRequest.Options(fields);
        fields.RefuseUnknown();
        return options;
    }
}
