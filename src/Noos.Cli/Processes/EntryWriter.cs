using Noos.Cli.Chat;
using Noos.Core.Conversations;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Kernel.Tracing;

namespace Noos.Cli.Processes;

/// <summary>Writes an answer to the terminal as its events come, text as it is and calls on lines of their own.</summary>
/// <param name="writer">Knows how answers look.</param>
sealed class EntryWriter(AnswerWriter writer)
{
    bool _hasText;

    /// <summary>Why the answer came to nothing; null where it did not.</summary>
    public string? Failure { get; private set; }

    /// <summary>The question that it waits with; null where it waits for none.</summary>
    public ApprovalAsked? Asked { get; private set; }

    /// <summary>It came to its end.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Somebody stopped it.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>What is said of an answer whose events end before it does.</summary>
    public static string StandsStill(long process) =>
        $"The answer of process {process} stands still: the server was stopped, or the journal cannot be written; it goes on with the next "
        + "start, or the next message.";

    /// <returns>Whether more is to come.</returns>
    public bool Write(JournalEvent happened)
    {
        switch (happened)
        {
            case Wrote { IsThought: false } wrote:
                _hasText = true;
                writer.Write(new TextEvent(wrote.Text));
                break;
            case AnsweredElsewhere other:
                writer.Write(new FailoverEvent(other.From, other.To, other.Reason));
                break;
            case RunBegan when _hasText:
                // The text so far is void where the system stopped in the middle of it; else a call stands between.
                writer.EndLine();
                _hasText = false;
                break;
            case CallBegan began:
                writer.Write(new ToolCallEvent(began.Call.CallId ?? "", began.Call.Name, began.Call.Arguments));
                break;
            case CallEnded ended:
                foreach (var result in ended.Result.Parts.OfType<ToolResultPart>())
                {
                    writer.Write(new ToolResultEvent(result.CallId ?? "", result.Name, result.Text, result.IsError, 0)
                    {
                        Parts = result.Parts,
                    });
                    foreach (var path in result.Parts.Select(PathOf).OfType<string>())
                    {
                        writer.WriteMade(path);
                    }
                }

                break;
            case RunEnded { Citations: { } cited }:
                writer.NoteRead(cited.Select(passage => new TextPart(passage.Text) { Citation = passage.Source }));
                break;
            case CallPrinted printed:
                writer.Write(new ToolOutputEvent(printed.CallId ?? "", printed.Name, printed.Output));
                break;
            case ApprovalAsked asked:
                Asked = asked;
                break;
            case ApprovalDecided:
                Asked = null;
                break;
            case AnswerStopped stopped:
                // Without a reason it was a person.
                (IsStopped, Failure) = (stopped.Reason is null, stopped.Reason);
                break;
            case AnswerFailed failed:
                Failure = failed.Reason;
                break;
            case StateChanged { State: not (ProcessState.Ready or ProcessState.Running or ProcessState.WaitingForCall) }:
                writer.EndAnswer();
                IsOver = true;
                return false;
            default:
                break;
        }

        return true;
    }

    /// <summary>Where a file lies that a tool has made, such as a chart.</summary>
    static string? PathOf(Part part) => ((part as ImagePart)?.Uri ?? (part as FilePart)?.Uri) is { } uri
        && Uri.TryCreate(uri, UriKind.Absolute, out var address) && address.IsFile ? address.LocalPath : null;
}
