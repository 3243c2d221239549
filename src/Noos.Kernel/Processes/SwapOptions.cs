namespace Noos.Kernel.Processes;

/// <summary>When keys and values of idle processes go to the disk (<see cref="ProcessSwap"/>).</summary>
public sealed record SwapOptions
{
    /// <summary>Bytes on the disk; what was moved longest ago is deleted for more. 0 moves nothing.</summary>
    public long MaxBytes { get; init; } = 4L << 30;

    /// <summary>A process is left alone for so long after its last run.</summary>
    public TimeSpan MinIdle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Memory is looked at so often.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Above this part of its allowance the memory of keys and values is short.</summary>
    public double HighMark { get; init; } = 0.75;

    /// <summary>Processes are moved until no more than this part is used.</summary>
    public double LowMark { get; init; } = 0.5;
}
