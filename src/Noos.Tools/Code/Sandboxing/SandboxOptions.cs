namespace Noos.Tools.Code.Sandboxing;

/// <summary>Which sandbox is used.</summary>
public sealed record SandboxOptions
{
    /// <summary>No stronger level is tried: for tests of the weaker ones, and where bubblewrap is there but not wanted.</summary>
    public SandboxLevel StrongestLevel { get; init; } = SandboxLevel.Bubblewrap;

    /// <summary>The path of bwrap; null looks for it where packages install it.</summary>
    public string? Bubblewrap { get; init; }

    /// <summary>Where sessions keep their launchers and temporary files: programs must be allowed to run there.</summary>
    public string StageFolder { get; init; } = Path.GetTempPath();
}
