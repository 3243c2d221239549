using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Storage;

namespace Noos.Cli.Chat;

/// <summary>The terminal chat's conversation on disk: one JSON line, replaced as a whole after every answer.</summary>
sealed class ChatHistory(string path)
{
    /// <summary>What was said before; an empty conversation when there is nothing.</summary>
    /// <exception cref="NoosException">The file is there but damaged.</exception>
    public Conversation Read()
    {
        try
        {
            return File.Exists(path) ? ConversationJson.Read(File.ReadAllBytes(path), $"The saved chat '{path}'") : Conversation.From();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(
                ErrorKind.Refused, $"The saved chat '{path}' cannot be read; check its permissions or remove it.", exception);
        }
    }

    public void Write(Conversation conversation) =>
        AtomicFile.Write(path, stream => stream.Write(ConversationJson.WriteUtf8(conversation)));
}
