namespace Noos.Core.Tools;

/// <summary>What a tool must be allowed to do beyond computing with its arguments.</summary>
[Flags]
public enum Capabilities
{
    None = 0,

    /// <summary>Read from the network.</summary>
    Network = 1,

    /// <summary>Read files of the user.</summary>
    ReadFiles = 2,

    /// <summary>Write, move or delete files of the user.</summary>
    WriteFiles = 4,

    /// <summary>Run programs.</summary>
    RunCode = 8,
}
