namespace Noos.Tools.Code.Sandboxing;

/// <summary>What a program in a sandbox may use of the machine. Whoever passes a limit gets an error or is ended.</summary>
public sealed record SandboxLimits
{
    /// <summary>Bytes of memory that all processes have in use.</summary>
    public long Memory { get; init; } = 2L << 30;

    /// <summary>
    /// Bytes of address space of each process; null for <see cref="Memory"/>. More for programs that reserve much and use little, such as
    /// Node.js.
    /// </summary>
    public long? AddressSpace { get; init; }

    /// <summary>Processes and threads at a time.</summary>
    public int Processes { get; init; } = 64;

    /// <summary>Bytes of one file.</summary>
    public long FileLength { get; init; } = 256L << 20;

    /// <summary>Bytes by which the folder may grow.</summary>
    public long FolderGrowth { get; init; } = 512L << 20;

    /// <summary>Files and folders by which the folder may grow.</summary>
    public int FolderEntries { get; init; } = 10_000;

    /// <summary>Bytes of temporary files.</summary>
    public long TemporaryLength { get; init; } = 64L << 20;

    /// <summary>Open files of one process.</summary>
    public int OpenFiles { get; init; } = 256;

    /// <summary>Processor time of one process, all in all.</summary>
    public TimeSpan ProcessorTime { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Processor time that may be used while nothing is asked of the program.</summary>
    public TimeSpan IdleProcessorTime { get; init; } = TimeSpan.FromSeconds(10);
}
