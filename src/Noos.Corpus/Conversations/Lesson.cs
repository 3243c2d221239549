using Noos.Core.Conversations;
using Noos.Corpus.Documents;

namespace Noos.Corpus.Conversations;

/// <summary>A conversation to learn from.</summary>
/// <param name="Conversation">What is said.</param>
/// <param name="Origin">The document of a public set that it was made of; null for what was made up.</param>
public readonly record struct Lesson(Conversation Conversation, DocumentOrigin? Origin = null);
