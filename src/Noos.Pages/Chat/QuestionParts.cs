using Noos.Core.Conversations;

namespace Noos.Pages.Chat;

/// <summary>What of a question a person wrote, and what came with it.</summary>
static class QuestionParts
{
    /// <summary>The text that was typed: what a tool or a file put before it has an origin of its own.</summary>
    public static string TextOf(Message? question) => string.Join(
        "\n", (question?.Parts ?? []).OfType<TextPart>().Where(part => part.Origin is null or Origin.Person or Origin.Model)
            .Select(part => part.Text)).Trim();

    public static IReadOnlyList<FilePart> FilesOf(Message? question) => [.. (question?.Parts ?? []).OfType<FilePart>()];
}
