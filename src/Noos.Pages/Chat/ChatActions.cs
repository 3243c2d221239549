using System.Globalization;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;

namespace Noos.Pages.Chat;

/// <summary>What a person can do with the turns of one conversation.</summary>
/// <param name="table">Its processes.</param>
/// <param name="process">Its id.</param>
/// <param name="tell">Told what went wrong, in a sentence; null that nothing did.</param>
/// <param name="open">Opens another conversation.</param>
public sealed class ChatActions(ProcessTable table, long process, Action<string?> tell, Action<long> open)
{
    public long Process => process;

    /// <summary>Asks something else in the place of a question, on a new branch.</summary>
    public Task EditAsync(ChatTurn turn, string text)
    {
        ArgumentNullException.ThrowIfNull(turn);
        var files = QuestionParts.FilesOf(turn.Question);
        return TryAsync(() => table.ReviseAsync(process, IndexOf(turn), new Message(Role.User, [.. files, new TextPart(text)])));
    }

    /// <summary>Asks the same again.</summary>
    public Task RetryAsync(ChatTurn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        return TryAsync(() => table.ReviseAsync(process, IndexOf(turn), message: null));
    }

    /// <summary>Goes on where an answer was cut off.</summary>
    public Task ContinueAsync() => TryAsync(() => table.SayAsync(process, Message.User("Go on.")));

    /// <summary>Reads another branch.</summary>
    public Task SwitchAsync(ChatTurn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        return TryAsync(() => table.SwitchAsync(process, turn.Leaf.LastEvent));
    }

    /// <summary>Begins another conversation with all up to this answer.</summary>
    public Task ForkAsync(ChatTurn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        return TryAsync(async () =>
        {
            var title = table.Get(process).Title is { } known ? $"{known} (fork)" : null;
            open((await table.ForkAsync(process, turn.AnswerEvent ?? turn.LastEvent, title)).Id);
        });
    }

    public Task StopAsync() => TryAsync(() => table.StopAsync(process));

    public Task DecideAsync(AnswerCall call, bool isGranted, ApprovalScope scope)
    {
        ArgumentNullException.ThrowIfNull(call);
        return TryAsync(() => table.DecideAsync(process, new Approval(isGranted, scope), call.Asked?.Call.CallId));
    }

    public Task JudgeAsync(FeedbackGiven feedback) => TryAsync(() => table.GiveFeedbackAsync(process, feedback));

    /// <summary>The address of a file of the conversation, to be looked at or saved.</summary>
    public string AddressOf(string name) =>
        string.Create(CultureInfo.InvariantCulture, $"chat/{process}/files/{Uri.EscapeDataString(name)}");

    /// <summary>The number of the question among all messages of the branch.</summary>
    int IndexOf(ChatTurn turn)
    {
        var left = turn.Depth;
        var messages = table.ReadHistory(process).Messages;
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i].Role == Role.User && --left == 0)
            {
                return i;
            }
        }

        throw new NoosException("The conversation has changed meanwhile; try again.");
    }

    async Task TryAsync(Func<Task> act)
    {
        try
        {
            tell(null);
            await act();
        }
        catch (NoosException e)
        {
            tell(e.Message);
        }
    }
}
