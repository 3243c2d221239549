using Noos.Core;

namespace Noos.Corpus.Conversations;

/// <summary>The data sets of conversations that recipes can name. Not thread-safe while sources are added.</summary>
public sealed class ConversationSourceRegistry
{
    readonly List<ConversationSource> _sources = [];

    /// <summary>
    /// A registry with the data sets whose rows hold everything that is said; those of tool calls are added by who knows the tool.
    /// </summary>
    public static ConversationSourceRegistry CreateDefault() => new ConversationSourceRegistry()
        .Add(new("smalltalk", ConversationConverters.Smalltalk))
        .Add(new("identity", ConversationConverters.Identity))
        .Add(new("dolly", ConversationConverters.PromptAndResponse))
        .Add(new("webquestions", ConversationConverters.WebQuestion))
        .Add(new("trivia", ConversationConverters.Trivia))
        .Add(new("persona", ConversationConverters.Persona))
        .Add(new("stories", ConversationConverters.Story))
        .Add(new("chat", ConversationConverters.Chat));

    public IReadOnlyList<ConversationSource> Sources => _sources;

    /// <summary>Adds a source.</summary>
    /// <exception cref="NoosException">There is one of that name.</exception>
    public ConversationSourceRegistry Add(ConversationSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (_sources.Exists(known => known.Name == source.Name))
        {
            throw new NoosException($"There are two conversation formats '{source.Name}'; give one of them another name.");
        }

        _sources.Add(source);
        return this;
    }

    /// <summary>The source of that name.</summary>
    /// <exception cref="NoosException">There is none (<see cref="ErrorKind.NotFound"/>); the message lists the names.</exception>
    public ConversationSource Get(string name) => _sources.Find(source => source.Name == name) ?? throw new NoosException(
        ErrorKind.NotFound,
        $"There is no conversation format '{name}'; use one of {string.Join(", ", _sources.Select(source => source.Name))}.");
}
