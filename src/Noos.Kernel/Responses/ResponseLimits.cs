namespace Noos.Kernel.Responses;

/// <summary>How many responses are kept, and how long. The oldest go first.</summary>
public sealed record ResponseLimits
{
    /// <summary>Bytes of one owner's, about; 0 keeps none.</summary>
    public long MaxBytes { get; init; } = 256 << 20;

    /// <summary>Responses of one owner; 0 keeps none.</summary>
    public int MaxCount { get; init; } = 10_000;

    /// <summary>A response goes when it is so old; zero for no such limit.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);
}
