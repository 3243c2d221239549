using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Conversations;

/// <summary>A public data set of questions and answers, and how its rows become conversations for a small model.</summary>
/// <param name="Name">How a plan names it.</param>
/// <param name="FileName">The file it comes in, without <c>.jsonl</c> and compression.</param>
/// <param name="Convert">The conversation of a row, or null where the row is unfit.</param>
public sealed record ConversationSource(string Name, string FileName, Func<JsonRow, Conversation?> Convert)
{
    /// <summary>The sets that can be read, by name.</summary>
    public static IReadOnlyList<ConversationSource> All { get; } =
    [
        new("smalltalk", "smalltalk_chatterbot", ConversationFormats.Smalltalk),
        new("identity", "identity", ConversationFormats.Identity),
        new("dolly", "dolly_openqa", ConversationFormats.PromptAndResponse),
        new("webquestions", "webquestions_trainmodel", ConversationFormats.WebQuestion),
        new("trivia", "trivia", ConversationFormats.Trivia),
        new("persona", "persona_chat_valid", ConversationFormats.Persona),
        new("svamp", "svamp_mit", ConversationFormats.WordProblem),
        new("stories", "stories", ConversationFormats.Story),
    ];

    /// <exception cref="NoosException">There is no set of that name; the message lists those that are.</exception>
    public static ConversationSource Find(string name) => All.FirstOrDefault(source => source.Name == name)
        ?? throw new NoosException($"There is no conversation format '{name}'; use one of {string.Join(", ", All.Select(source => source.Name))}.");

    /// <summary>The conversations of a file that pass <see cref="ConversationFilter"/>.</summary>
    /// <exception cref="NoosException">The file cannot be read or a row lacks a field.</exception>
    public IEnumerable<Conversation> Read(string path) => JsonRow.Read(path).Select(Convert).OfType<Conversation>()
        .Select(ConversationFilter.Normalize).Where(ConversationFilter.Accepts);
}
