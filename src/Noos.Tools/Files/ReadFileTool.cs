using System.Runtime.InteropServices;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Text;
using Noos.Core.Tools;
using Noos.Corpus.Documents;
using Noos.Tools.Code.Sandboxing;

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
    const int MaxListedFiles = 50;

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

    // Old kernels, and some that only look like Linux, cannot.
    static readonly Lazy<bool> s_canOpenBeneath = new(() => OperatingSystem.IsLinux()
        && Directory.EnumerateFiles(AppContext.BaseDirectory).FirstOrDefault() is { } any
        && SystemCalls.OpenBeneath(AppContext.BaseDirectory, Path.GetFileName(any)) is { } handle && Close(handle));

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
        return [Effect.ReadFile(PathOf(call, context))];
    }

    public async ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(context);
        var path = PathOf(call, context);
        try
        {
            using var file = Open(path, context.Folder);
            return ToolResult.Text(await ReadAsync(file, call, context, cancellationToken), Origin.File);
        }
        catch (NoosException exception) when (exception.Kind != ErrorKind.Internal)
        {
            throw new ToolException(exception.Message, exception);
        }
    }

    /// <summary>
    /// Opens a file. In the folder of a conversation code may have put links anywhere, and may change them while this runs: there none is
    /// followed, whatever the gate saw before.
    /// </summary>
    DocumentFile Open(string path, string? folder)
    {
        path = Path.GetFullPath(path);
        var name = GivenFiles.NameOf(path, folder);
        if (folder is null || Path.Combine(folder, name) != path || !s_canOpenBeneath.Value)
        {
            return DocumentFile.Open(path, _readers.Value, name);
        }

        if (SystemCalls.OpenBeneath(folder, name) is { } handle)
        {
            return DocumentFile.Open(new FileStream(handle, FileAccess.Read, 1 << 16), name, _readers.Value);
        }

        throw new ToolException(Directory.Exists(path)
            ? $"\"{name}\" is a folder; name a file in it."
            : $"\"{name}\" cannot be read: it is a link, or no plain file.");
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

    /// <summary>
    /// Where the file of a call lies: in the folder of the conversation, by its name or nearly its name; else where the call says.
    /// </summary>
    static string PathOf(ToolCallPart call, IToolContext context)
    {
        var name = Text(call, File);
        if (name.Contains('\0') || name.Length == 0)
        {
            throw new ToolException("The name of a file is missing.");
        }

        if (Path.IsPathRooted(name))
        {
            return name;
        }

        if (context.Folder is not { } folder)
        {
            throw new ToolException("No file was given in this conversation; ask the user to give one.");
        }

        if (System.IO.File.Exists(Path.Combine(folder, name)) || Directory.Exists(Path.Combine(folder, name)))
        {
            return Path.Combine(folder, name);
        }

        var names = GivenFiles.List(folder);
        return names.Find(known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase)
                || string.Equals(Path.GetFileName(known), Path.GetFileName(name), StringComparison.OrdinalIgnoreCase)) is { } same
            ? Path.Combine(folder, same)
            : throw new ToolException(names.Count == 0
                ? "No file was given in this conversation; ask the user to give one."
                : $"There is no file \"{name}\"; there {(names.Count == 1 ? "is" : "are")} {string.Join(", ", NearestNames.Find(name, names)
                    .Concat(names).Distinct().Take(MaxListedFiles).Select(known => $"\"{known}\""))}.");
    }

    static bool Close(SafeHandle handle)
    {
        handle.Dispose();
        return true;
    }

    static string Text(ToolCallPart call, string name) =>
        call.Arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim() : "";
}
