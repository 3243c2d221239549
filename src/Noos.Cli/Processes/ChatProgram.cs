using Noos.Kernel.Processes;

namespace Noos.Cli.Processes;

/// <summary>What <c>noos chat</c> runs.</summary>
static class ChatProgram
{
    /// <summary>By this name the chat is found next time.</summary>
    public const string Name = "chat";

    const int MaxTitle = 60;

    public static ProcessProgram Create() => new() { Name = Name };

    /// <summary>The beginning of what was said first.</summary>
    public static string? TitleOf(string text)
    {
        text = text.Trim();
        var line = text.AsSpan().IndexOfAny('\r', '\n') is >= 0 and var end ? text[..end] : text;
        return line.Length == 0 ? null : line.Length <= MaxTitle ? line : line[..MaxTitle].TrimEnd() + "...";
    }
}
