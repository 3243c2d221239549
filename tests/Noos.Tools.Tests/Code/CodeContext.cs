using System.Text;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Tools.Tests.Code;

/// <summary>A process with a folder that is removed at the end.</summary>
sealed class CodeContext : IToolContext, IDisposable
{
    readonly StringBuilder _reported = new();

    public string ProcessId { get; init; } = Guid.NewGuid().ToString("N");

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    public HttpClient Http => throw new NotSupportedException();

    public string? Folder { get; init; } = Directory.CreateTempSubdirectory("noos-test-").FullName;

    public Origin? Taint { get; set; }

    /// <summary>What was reported so far.</summary>
    public string Reported
    {
        get
        {
            lock (_reported)
            {
                return _reported.ToString();
            }
        }
    }

    public void Report(string output)
    {
        lock (_reported)
        {
            _reported.Append(output);
        }
    }

    public string File(string name) => Path.Combine(Folder!, name);

    public static ToolCallPart Call(string name, string code) =>
        new(name, JsonElement.Parse(JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { ["code"] = code })));

    public void Dispose()
    {
        if (Folder is not null && Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
