using Noos.Cpus;

namespace Noos.Cli.Chat;

/// <summary>Models beside the chosen one, which processes and requests may ask for by name: those of the library, and these.</summary>
sealed record OtherModels
{
    /// <summary>Files and addresses that may be asked for, too.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Bytes of weights that they may take together; null for half of what is free.</summary>
    public long? Memory { get; init; }

    /// <summary>With so many answers at work and waiting a model counts as busy; null for the usual number.</summary>
    public int? FallbackTurns { get; init; }

    public void ApplyTo(NoosOptions options)
    {
        options.OtherModels = Names;
        options.OtherModelMemory = Memory;
        options.FallbackTurns = FallbackTurns ?? options.FallbackTurns;
    }
}
