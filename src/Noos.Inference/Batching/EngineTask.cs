namespace Noos.Inference.Batching;

/// <summary>
/// Work for one sequence, request after request, driven by the engine: <see cref="Next"/> is called between passes, on a thread of the
/// team, side by side with the tasks of other sequences. So no thread waits for a pass, and a token that was drawn goes into the next
/// pass at once. It must not block.
/// </summary>
abstract class EngineTask
{
    readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the work is over, or fails with what went wrong.</summary>
    public Task Completion => _completion.Task;

    /// <summary>The next request; null when the work is over. The one before is done or has failed.</summary>
    protected abstract BatchRequest? Next();

    /// <summary>Lets go of whatever the work holds; called once, whatever happened.</summary>
    protected virtual void End()
    {
    }

    /// <summary>The request under way; null before the first and after the last.</summary>
    internal BatchRequest? Request { get; private set; }

    /// <summary>When the request came, or some of its tokens were last computed; for the policy.</summary>
    internal long WaitsSince { get; set; }

    /// <summary>Moves on to the next request.</summary>
    /// <returns>False when there is none.</returns>
    internal bool MoveNext(long timestamp)
    {
        try
        {
            Request = Next();
            WaitsSince = timestamp;
            if (Request is not null)
            {
                return true;
            }

            End();
            _completion.TrySetResult();
        }
        catch (OperationCanceledException e)
        {
            Fail(() => _completion.TrySetCanceled(e.CancellationToken));
        }
#pragma warning disable CA1031 // Handed to whoever awaits the task, whatever it is; the engine's thread must live on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(() => _completion.TrySetException(e));
        }

        return false;
    }

    void Fail(Action complete)
    {
        Request = null;
        try
        {
            End();
        }
        finally
        {
            complete();
        }
    }
}
