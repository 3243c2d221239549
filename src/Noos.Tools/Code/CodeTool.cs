using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Text;
using Noos.Core.Tools;
using Noos.Tools.Code.Sandboxing;

namespace Noos.Tools.Code;

/// <summary>
/// Runs code in a session of the process: what it printed, its error, and the files that it wrote come back. The code sees the folder of
/// the process and nothing else.
/// </summary>
/// <remarks>
/// There is a tool for each language, with the code as its only argument, because that is what models know: "python" is the name that
/// OpenAI's models (gpt-oss among them), and most lessons with an interpreter, use; and a small model that must fill in one field fills in
/// fewer wrong ones than one that chooses a language beside it.
/// </remarks>
public abstract class CodeTool : ITool, IAsyncDisposable
{
    public const string Argument = "code";

    const int MaxFiles = 10;
    const int MaxError = 4000;

    // A picture in a process without a folder must travel with its part.
    const int MaxInlineLength = 1 << 20;

    readonly SessionTable _sessions;
    readonly string _language;

    private protected CodeTool(CodeRuntime runtime, string name, string description, string language, string example)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        Runtime = runtime;
        _language = language;
        _sessions = new SessionTable(runtime.Options, StartAsync);
        Declaration = new ToolDeclaration(name, description, JsonElement.Parse($$"""
            {
              "type": "object",
              "properties": {
                "{{Argument}}": {
                  "type": "string",
                  "description": "{{JsonEncodedText.Encode(example)}}",
                  "minLength": 1
                }
              },
              "required": ["{{Argument}}"],
              "additionalProperties": false
            }
            """));
    }

    /// <summary>What runs the code.</summary>
    public CodeRuntime Runtime { get; }

    public ToolDeclaration Declaration { get; }

    public IReadOnlyList<Capability> Needs => [Capability.RunCode];

    // It may append to a file, or count something up.
    public bool IsRepeatable => false;

    public IReadOnlyList<Effect> EffectsOf(ToolCallPart call, IToolContext context)
    {
        ArgumentNullException.ThrowIfNull(call);
        return [Effect.Run(_language, CodeOf(call))];
    }

    public async ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(context);
        var slot = _sessions.Get(context.ProcessId, context.Folder, context.TimeProvider);
        await slot.Lock.WaitAsync(cancellationToken);
        try
        {
            return await RunAsync(slot, CodeOf(call), context, cancellationToken);
        }
        catch (NoosException e)
        {
            throw new ToolException(e.Message, e);
        }
        finally
        {
            slot.LastUse = context.TimeProvider.GetUtcNow();
            slot.Lock.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _sessions.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<ICodeSession> StartAsync(ConversationFolder folder, CancellationToken cancellationToken);

    async Task<ToolResult> RunAsync(CodeSessionSlot slot, string code, IToolContext context, CancellationToken cancellationToken)
    {
        var before = slot.Folder.List();
        slot.Taint = TaintOf(slot, before).LessTrusted(context.Taint);
        var session = slot.Session;
        if (session is { IsAlive: false })
        {
            slot.LostBecause ??= "it had ended";
            await session.DisposeAsync();
            session = null;
        }

        session ??= await _sessions.StartAsync(slot, cancellationToken);
        var lost = slot.LostBecause;
        slot.LostBecause = null;
        var result = await session.RunAsync(code, context.Report, Runtime.Options.Time, cancellationToken);
        if (result.SessionEnd is not null)
        {
            slot.Session = null;
            await session.DisposeAsync();
        }

        slot.Files = slot.Folder.List();
        return ToResult(slot, result, lost, Written(before, slot.Files));
    }

    /// <summary>
    /// Files that this tool has not seen made are somebody else's words: an upload, a page that was saved, or what was here before a
    /// restart.
    /// </summary>
    static Origin? TaintOf(CodeSessionSlot slot, Dictionary<string, FileStatus> files) =>
        Written(slot.Files, files).Any() ? slot.Taint.LessTrusted(Origin.File) : slot.Taint;

    static IEnumerable<string> Written(Dictionary<string, FileStatus> before, Dictionary<string, FileStatus> after) => after
        .Where(file => !before.TryGetValue(file.Key, out var old) || old.Changed != file.Value.Changed || old.Length != file.Value.Length)
        .OrderBy(file => file.Value.Changed)
        .Select(file => file.Key);

    ToolResult ToResult(CodeSessionSlot slot, CellResult cell, string? lost, IEnumerable<string> written)
    {
        var text = new StringBuilder();
        if (lost is not null)
        {
            Line($"The session was started anew because {lost}: variables of earlier calls are gone, files are still there.");
        }

        text.Append(cell.Output);
        if (cell.Error is { } error)
        {
            Line(error.Length <= MaxError ? error : $"{error[..(MaxError / 4)]}\n...\n{error[^(MaxError * 3 / 4)..]}");
        }

        if (cell.SessionEnd is { } end)
        {
            Line($"The session has ended: {end}. The next call starts anew, without the variables; files are still there.");
        }

        string[] names = [.. written];
        if (names.Length > 0)
        {
            var shown = names.Take(MaxFiles).Select(name => $"{name} ({ByteSize.Format(slot.Files[name].Length)})");
            Line($"Files written: {string.Join(", ", shown)}{(names.Length > MaxFiles ? $" and {names.Length - MaxFiles} more" : "")}");
        }

        if (text.Length == 0)
        {
            // Small models take an empty result for a failure, and call again.
            text.Append("(no output)");
        }

        return new ToolResult(
            [new TextPart(text.ToString().TrimEnd()), .. names.Take(MaxFiles).Select(name => ToPart(slot, name)).OfType<Part>()],
            IsError: cell.End != CellEnd.Completed,
            Origin: slot.Taint ?? Origin.Tool);

        void Line(string line)
        {
            if (text.Length > 0 && text[^1] != '\n')
            {
                text.Append('\n');
            }

            text.Append(line).Append('\n');
        }
    }

    static Part? ToPart(CodeSessionSlot slot, string name)
    {
        var type = MediaTypeOf(name);
        var uri = new Uri(Path.Combine(slot.Folder.Path, name)).AbsoluteUri;
        if (slot.IsTemporary)
        {
            if (slot.Folder.TryReadBytes(name, MaxInlineLength) is not { } bytes)
            {
                return null;
            }

            uri = $"data:{type};base64,{Convert.ToBase64String(bytes)}";
        }

        return type.StartsWith("image/", StringComparison.Ordinal)
            ? new ImagePart(uri, type, Path.GetFileName(name)) { Origin = slot.Taint ?? Origin.Tool }
            : new FilePart(uri, name, type) { Origin = slot.Taint ?? Origin.Tool };
    }

    static string MediaTypeOf(string name) => Path.GetExtension(name).ToLowerInvariant() switch
    {
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        ".gif" => "image/gif",
        ".webp" => "image/webp",
        ".svg" => "image/svg+xml",
        ".csv" => "text/csv",
        ".json" => "application/json",
        ".txt" or ".md" or ".log" => "text/plain",
        ".html" => "text/html",
        ".pdf" => "application/pdf",
        _ => "application/octet-stream",
    };

    static string CodeOf(ToolCallPart call) => call.Arguments.GetProperty(Argument).GetString()!;
}
