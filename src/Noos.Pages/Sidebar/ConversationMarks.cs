using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Pages.Sidebar;

/// <summary>
/// What a person keeps conversations in order with, and no model reads: pins, the archive, folders. A small file in the home. Thread-safe.
/// </summary>
/// <param name="home">The folder of the file; null keeps it in memory.</param>
sealed class ConversationMarks(string? home)
{
    const string FileName = "conversations.json";

    readonly Lock _lock = new();
    Dictionary<long, ConversationMark>? _marks;

    public ConversationMark Find(long process)
    {
        lock (_lock)
        {
            return Load().GetValueOrDefault(process, ConversationMark.None);
        }
    }

    /// <summary>Changes what is noted of a conversation.</summary>
    /// <exception cref="NoosException">The file cannot be written.</exception>
    public void Change(long process, Func<ConversationMark, ConversationMark> change)
    {
        lock (_lock)
        {
            var marks = Load();
            var mark = change(marks.GetValueOrDefault(process, ConversationMark.None));
            if (mark == ConversationMark.None)
            {
                marks.Remove(process);
            }
            else
            {
                marks[process] = mark;
            }

            Write(marks);
        }
    }

    public void Forget(long process)
    {
        lock (_lock)
        {
            if (Load().Remove(process))
            {
                Write(Load());
            }
        }
    }

    Dictionary<long, ConversationMark> Load()
    {
        if (_marks is not null)
        {
            return _marks;
        }

        try
        {
            var path = home is null ? null : Path.Combine(home, FileName);
            _marks = File.Exists(path)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), MarkJson.Default.DictionaryInt64ConversationMark)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // Without pins every conversation is still there.
        }

        return _marks ??= [];
    }

    void Write(Dictionary<long, ConversationMark> marks)
    {
        if (home is not null)
        {
            AtomicFile.Write(
                Path.Combine(home, FileName),
                stream => JsonSerializer.Serialize(stream, marks, MarkJson.Default.DictionaryInt64ConversationMark));
        }
    }
}

/// <summary>What is noted of a conversation.</summary>
/// <param name="IsPinned">It stands above all others.</param>
/// <param name="IsArchived">It is only listed with the archive.</param>
/// <param name="Folder">Under which name it is listed with others; null for none.</param>
public sealed record ConversationMark(bool IsPinned = false, bool IsArchived = false, string? Folder = null)
{
    public static readonly ConversationMark None = new();
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(Dictionary<long, ConversationMark>))]
sealed partial class MarkJson : JsonSerializerContext;
