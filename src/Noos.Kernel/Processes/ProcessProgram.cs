using Noos.Kernel.Cpu;

namespace Noos.Kernel.Processes;

/// <summary>What a process runs; given when it is spawned. Limits are inherited by its children and cannot be widened.</summary>
public sealed record ProcessProgram
{
    /// <summary>What it is called, such as "chat"; null for no name.</summary>
    public string? Name { get; init; }

    /// <summary>Where the process was forked; null where it was not.</summary>
    public ProcessOrigin? Origin { get; init; }

    /// <summary>The system message; null for none.</summary>
    public string? Instructions { get; init; }

    /// <summary>The name of its model; null for that of its parent, else the usual one.</summary>
    public string? Model { get; init; }

    /// <summary>Models that answer, in this order, where that one cannot; null for those that are usual with it.</summary>
    public IReadOnlyList<string>? Fallbacks { get; init; }

    /// <summary>Names of the tools it may call; null for all that its parent may.</summary>
    public IReadOnlyList<string>? Tools { get; init; }

    /// <summary>How its messages are generated.</summary>
    public GenerationOptions Options { get; init; } = GenerationOptions.Default;

    /// <summary>What it and all below it may spend.</summary>
    public ProcessLimits Limits { get; init; } = new();
}

/// <summary>What a process and its children together may spend.</summary>
public sealed record ProcessLimits
{
    /// <summary>Levels of children below it; 0 for none.</summary>
    public int Depth { get; init; } = 3;

    /// <summary>Children alive at the same time, those of children included.</summary>
    public int Children { get; init; } = 16;

    /// <summary>Tokens read and generated; null without a limit.</summary>
    public long? Tokens { get; init; }

    /// <summary>Calls of tools; null without a limit.</summary>
    public long? Calls { get; init; }

    /// <summary>The limits of a child that asks for <paramref name="wanted"/>: never wider than what is left here.</summary>
    public ProcessLimits Narrow(ProcessLimits wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return new ProcessLimits
        {
            Depth = Math.Min(wanted.Depth, Depth - 1),
            Children = Math.Min(wanted.Children, Children),
            Tokens = Min(wanted.Tokens, Tokens),
            Calls = Min(wanted.Calls, Calls),
        };

        static long? Min(long? one, long? other) => one is null ? other : other is null ? one : Math.Min(one.Value, other.Value);
    }
}
