using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Pages.Hosting;

namespace Noos.Pages.Sidebar;

/// <summary>
/// What a person keeps conversations in order with, and no model reads: pins, the archive, folders. Thread-safe.
/// </summary>
/// <param name="home">The folder of its file; null keeps it in memory.</param>
sealed class ConversationMarks(string? home)
{
    readonly HomeFile<long, ConversationMark> _file = new(
        home, "conversations.json", MarkJson.Default.DictionaryInt64ConversationMark);

    public ConversationMark Find(long process) => _file.Find(process) ?? ConversationMark.None;

    /// <summary>Changes what is noted of a conversation.</summary>
    /// <exception cref="NoosException">The file cannot be written.</exception>
    public void Change(long process, Func<ConversationMark, ConversationMark> change) => _file.Change(process, before =>
        change(before ?? ConversationMark.None) is var after && after == ConversationMark.None ? null : after);

    public void Forget(long process) => _file.Change(process, _ => null);
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
