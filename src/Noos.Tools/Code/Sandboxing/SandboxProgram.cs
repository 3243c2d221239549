namespace Noos.Tools.Code.Sandboxing;

/// <summary>What is to be run in a sandbox.</summary>
/// <param name="FileName">The full path of the executable, which lies below <c>/usr</c> or one of <see cref="ReadOnlyFolders"/>.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Folder">The only folder that it may change and that outlives it; it begins in it.</param>
public sealed record SandboxProgram(string FileName, IReadOnlyList<string> Arguments, string Folder)
{
    /// <summary>Folders that it may read and execute from beside the system's.</summary>
    public IReadOnlyList<string> ReadOnlyFolders { get; init; } = [];

    /// <summary>
    /// Variables of its environment, beside PATH, HOME, TMPDIR and LANG. Nothing else is there: no variable of Noos is handed on.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public SandboxLimits Limits { get; init; } = new();
}
