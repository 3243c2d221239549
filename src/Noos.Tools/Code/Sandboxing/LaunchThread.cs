using System.Collections.Concurrent;
using System.Diagnostics;

namespace Noos.Tools.Code.Sandboxing;

/// <summary>
/// The one thread that starts confined programs, and lives as long as Noos: the kernel ends them when the <em>thread</em> that started them
/// ends (PR_SET_PDEATHSIG), and threads of the pool come and go.
/// </summary>
static class LaunchThread
{
    static readonly Lazy<BlockingCollection<Action>> s_work = new(() =>
    {
        var work = new BlockingCollection<Action>();
        var thread = new Thread(() =>
        {
            foreach (var action in work.GetConsumingEnumerable())
            {
                action();
            }
        })
        {
            IsBackground = true,
            Name = "noos-launch",
        };
        thread.Start();
        return work;
    });

    /// <summary>Starts a process, and waits until it is started.</summary>
    public static void Start(Process process)
    {
        var started = new TaskCompletionSource();
        s_work.Value.Add(() =>
        {
            try
            {
                process.Start();
                started.SetResult();
            }
#pragma warning disable CA1031 // It is thrown on the thread that waits.
            catch (Exception e)
#pragma warning restore CA1031
            {
                started.SetException(e);
            }
        });
        started.Task.GetAwaiter().GetResult();
    }
}
