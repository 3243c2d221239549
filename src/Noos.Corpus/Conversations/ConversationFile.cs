using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Conversations;

/// <summary>Conversations as JSON lines, compressed if the name ends in <c>.zst</c>.</summary>
public static class ConversationFile
{
    /// <summary>The conversations of a file, read as they are asked for.</summary>
    /// <exception cref="NoosException">
    /// The file cannot be read, or a line is not a conversation; the message has the line number.
    /// </exception>
    public static IEnumerable<Conversation> Read(string path)
    {
        foreach (var (number, bytes) in LineReader.Read(path))
        {
            yield return ConversationJson.Read(bytes.Span, $"Line {number} of '{path}'");
        }
    }

    /// <summary>Writes conversations as they come. The file appears whole or not at all.</summary>
    /// <returns>How many were written.</returns>
    public static long Write(string path, IEnumerable<Conversation> conversations)
    {
        ArgumentNullException.ThrowIfNull(conversations);
        long count = 0;
        CompressedFile.Write(path, stream =>
        {
            foreach (var conversation in conversations)
            {
                stream.Write(ConversationJson.WriteUtf8(conversation));
                stream.WriteByte((byte)'\n');
                count++;
            }
        });
        return count;
    }
}
