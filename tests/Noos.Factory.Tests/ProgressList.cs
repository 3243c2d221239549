using Noos.Factory.Stages;

namespace Noos.Factory.Tests;

/// <summary>Keeps all progress in its order.</summary>
sealed class ProgressList : IProgress<StageProgress>
{
    readonly List<StageProgress> _all = [];

    /// <summary>Called on the thread that reports.</summary>
    public Action<StageProgress>? OnReport { get; init; }

    public IReadOnlyList<StageProgress> All
    {
        get
        {
            lock (_all)
            {
                return [.. _all];
            }
        }
    }

    public void Report(StageProgress value)
    {
        lock (_all)
        {
            _all.Add(value);
        }

        OnReport?.Invoke(value);
    }

    public IReadOnlyList<string> Stages(StageState state) => [.. All.Where(value => value.State == state).Select(value => value.Stage)];
}
