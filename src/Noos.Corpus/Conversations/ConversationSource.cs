using System.Runtime.CompilerServices;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Documents;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Conversations;

/// <summary>A public data set of questions and answers as JSON lines, and how its rows become conversations for a small model.</summary>
/// <param name="Name">How a plan names it.</param>
/// <param name="Convert">The conversations of a row; none where the row is unfit.</param>
public sealed record ConversationSource(string Name, Func<JsonRow, IEnumerable<Conversation>> Convert)
{
    /// <param name="name">How a plan names it.</param>
    /// <param name="convert">The conversation of a row, or null where the row is unfit.</param>
    public ConversationSource(string name, Func<JsonRow, Conversation?> convert)
        : this(name, row => convert(row) is { } conversation ? [conversation] : [])
    {
    }

    /// <summary>The conversations of a file that pass <see cref="ConversationFilter"/>.</summary>
    /// <exception cref="NoosException">
    /// The file is missing (<see cref="ErrorKind.NotFound"/>), or a row lacks a field (<see cref="ErrorKind.Damaged"/>).
    /// </exception>
    public async IAsyncEnumerable<Conversation> ReadAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var lesson in ReadLessonsAsync(path, new DocumentOrigin(Name, path), cancellationToken))
        {
            yield return lesson.Conversation;
        }
    }

    /// <summary>The same, each with the row that it was made of as its origin.</summary>
    /// <param name="path">The file.</param>
    /// <param name="origin">Of the file: its rows are documents of the same identity as where it is a source of text.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <exception cref="NoosException">See <see cref="ReadAsync"/>.</exception>
    public async IAsyncEnumerable<Lesson> ReadLessonsAsync(
        string path, DocumentOrigin origin, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        await using var content = CompressedFile.OpenRead(path);
        await foreach (var row in JsonRow.ReadAsync(content, path, cancellationToken))
        {
            foreach (var normal in Convert(row).Select(ConversationFilter.Normalize).Where(ConversationFilter.Accepts))
            {
                yield return new Lesson(normal, origin.At(row.Line));
            }
        }
    }
}
