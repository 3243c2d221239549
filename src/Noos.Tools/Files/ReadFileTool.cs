using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Corpus.Documents;

namespace Noos.Tools.Files;

/// <summary>
/// <c>read_file</c>: reads the files that a person gave to the conversation, and any other that a person allows: an overview, a part of
/// it by page, row or line, or where some words are. What it shows stands behind its place in the file.
/// </summary>
public sealed class ReadFileTool(FileToolOptions? options = null) : ITool
{
    public const string Name = "read_file";
    public const string File = "file";
    public const string At = "at";
    public const string Search = "search";

    const int MaxArgument = 1000;

    static readonly ToolDeclaration s_declaration = new(
        Name,
        "Reads a file that the user gave: text, tables, PDF, Word, Excel, PowerPoint, e-books, ZIP. "
        + "Without at and search it shows a short file whole, of a long one what is in it. Cite the place, such as (report.pdf, page 3).",
        JsonElement.Parse($$"""
        {
          "type": "object",
          "properties": {
            "{{File}}": {
              "type": "string",
              "description": "The name of the file, for example report.pdf",
              "maxLength": {{MaxArgument}}
            },
            "{{At}}": {
              "type": "string",
              "description": "Which part, for example page 3, rows 100-150, lines 1-40, sheet Sales, chapter 2",
              "maxLength": {{MaxArgument}}
            },
            "{{Search}}": {
              "type": "string",
              "description": "Words to find in the file",
              "maxLength": {{MaxArgument}}
            }
          },
          "required": ["{{File}}"],
          "additionalProperties": false
        }
        """));

    readonly FileToolOptions _options = options ?? new FileToolOptions();

    // Made with the first call: most answers read no file.
    readonly Lazy<DocumentReaderRegistry> _readers =
        new(() => DocumentReaderRegistry.CreateForFiles((options ?? new FileToolOptions()).Limits));

    public ToolDeclaration Declaration => s_declaration;

    public IReadOnlyList<Capability> Needs { get; } = [Capability.ReadFiles];

    public bool IsRepeatable => true;

    public IReadOnlyList<Effect> EffectsOf(ToolCallPart call, IToolContext context)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(context);
        return [Effect.ReadFile(ConversationFile.PathOf(Text(call, File), context))];
    }

    public async ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(context);
        var path = ConversationFile.PathOf(Text(call, File), context);
        try
        {
            using var file = ConversationFile.Open(path, context.Folder) is { } content
                ? DocumentFile.Open(content, GivenFiles.NameOf(Path.GetFullPath(path), context.Folder), _readers.Value)
                : DocumentFile.Open(path, _readers.Value);
            return ToolResult.Text(await ReadAsync(file, call, context, cancellationToken), Origin.File);
        }
        catch (NoosException exception) when (exception.Kind != ErrorKind.Internal)
        {
            throw new ToolException(exception.Message, exception);
        }
    }

    async Task<string> ReadAsync(DocumentFile file, ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
    {
        var (at, words) = (Text(call, At), Text(call, Search));
        var passages = new FilePassages(file, _options, context.TimeProvider);
        if (words.Length > 0)
        {
            return await passages.SearchAsync(words, cancellationToken);
        }

        return at.Length > 0
            ? await passages.ReadAsync(FilePlaceRequest.Parse(at), cancellationToken)
                ?? throw new ToolException($"There is no {at} in {file.Name}; read it without \"{At}\" to see what there is.")
            : (await FileOverview.CreateAsync(
                file, _options.MaxLength, _options.MaxLength, _options, context.TimeProvider, cancellationToken)).Text;
    }

    static string Text(ToolCallPart call, string name) =>
        call.Arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim() : "";
}
