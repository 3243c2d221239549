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
    readonly Dictionary<string, bool> _canRun = new(StringComparer.Ordinal);

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
    public Task ContinueAsync() => TryAsync(async () =>
    {
        if (!await table.ContinueAsync(process))
        {
            tell("This model cannot go on with its own words, so it was asked to in a question.");
        }
    });

    /// <summary>Says something else in the place of a question that waits; null takes it back.</summary>
    public Task ChangeQueuedAsync(QueuedQuestion queued, string? text)
    {
        ArgumentNullException.ThrowIfNull(queued);
        var files = QuestionParts.FilesOf(queued.Message);
        return TryAsync(() => table.ChangeQueuedAsync(
            process, queued.Event, text is null ? null : new Message(Role.User, [.. files, new TextPart(text)])));
    }

    /// <summary>Whether code in a language can be run here.</summary>
    /// <param name="tool">That of its interpreter.</param>
    public bool CanRun(string tool)
    {
        // Asked with every drawing.
        if (!_canRun.TryGetValue(tool, out var can))
        {
            _canRun[tool] = can = table.HasTool(process, tool);
        }

        return can;
    }

    /// <summary>Runs code in the interpreter of the conversation, through the gate.</summary>
    /// <param name="turn">The answer that has the code.</param>
    /// <param name="call">The call of its tool.</param>
    /// <param name="report">Told what is printed, from any thread.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<ToolOutcome> RunAsync(ChatTurn turn, ToolCallPart call, Action<string> report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        return turn is { AnswerEvent: null, MessageIndex: { } index }
            ? table.CallForPersonAsync(process, call, answer: 0, index, report, cancellationToken)
            : table.CallForPersonAsync(process, call, turn.AnswerEvent ?? turn.LastEvent, messageIndex: null, report, cancellationToken);
    }

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

    /// <summary>
    /// The address of what a tool made: what lies in the conversation's folder has one here; anything from elsewhere is not loaded.
    /// </summary>
    public string AddressOf(string uri, bool isUri) => !isUri ? AddressOf(uri)
        : uri.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase) ? uri
        : AddressOf(Path.GetFileName(Uri.UnescapeDataString(uri)));

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
