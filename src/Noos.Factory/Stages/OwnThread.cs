namespace Noos.Factory.Stages;

/// <summary>Long synchronous work on a thread of its own: on the thread pool it would keep the requests of a server waiting.</summary>
static class OwnThread
{
    public static Task RunAsync(Action work, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(work, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
