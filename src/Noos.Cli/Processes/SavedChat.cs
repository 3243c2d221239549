using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Settings;
using Noos.Core.Storage;
using Noos.Kernel.Processes;

namespace Noos.Cli.Processes;

/// <summary>The terminal chat of older versions, one line of JSON in the home: it is read once, and then left alone.</summary>
static class SavedChat
{
    const string FileName = "chat.jsonl";

    // Says that it was read: what a person deletes afterwards must not come back.
    const string MarkName = "chat.imported";

    /// <summary>Makes the old chat a conversation, if there is one that was not read yet.</summary>
    /// <exception cref="NoosException">The file is there but damaged, or the journal cannot be written.</exception>
    public static async Task ImportAsync(ProcessTable table, NoosSettings settings)
    {
        var (path, mark) = (Path.Combine(settings.UserData.Folder, FileName), Path.Combine(settings.UserData.Folder, MarkName));
        if (!File.Exists(path) || File.Exists(mark))
        {
            return;
        }

        var messages = Read(path).Messages;
        if (messages.Count > 0)
        {
            await table.SpawnAsync(new ProcessStart(settings.User, ProcessKind.Conversation, ChatProgram.Create())
            {
                Title = ChatProgram.TitleOf(messages.FirstOrDefault(message => message.Role == Role.User)?.Text() ?? ""),
                Messages = messages,
            });
        }

        AtomicFile.Write(mark, _ => { });
    }

    static Conversation Read(string path)
    {
        try
        {
            return ConversationJson.Read(File.ReadAllBytes(path), $"The saved chat '{path}'");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(
                ErrorKind.Refused, $"The saved chat '{path}' cannot be read; check its permissions or remove it.", exception);
        }
    }
}
