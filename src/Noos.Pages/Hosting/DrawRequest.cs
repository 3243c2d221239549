namespace Noos.Pages.Hosting;

/// <summary>
/// Asks a component to be drawn, however often something changes: while a drawing waits for its circuit no second one is queued. Without
/// this a circuit that is slower than the changes gathers them without end, and what it then draws was long ago. Thread-safe.
/// </summary>
/// <param name="invoke">Runs an action on the circuit of the component, as its InvokeAsync does.</param>
/// <param name="draw">Reads what is new and draws it.</param>
sealed class DrawRequest(Func<Action, Task> invoke, Action draw)
{
    int _isQueued;

    /// <summary>Something has changed.</summary>
    public void Queue()
    {
        if (Interlocked.Exchange(ref _isQueued, 1) == 0)
        {
            _ = invoke(Draw);
        }
    }

    void Draw()
    {
        // Before anything is read: what changes from here on is drawn the next time.
        Volatile.Write(ref _isQueued, 0);
        draw();
    }
}
