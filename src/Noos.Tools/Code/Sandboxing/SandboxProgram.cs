namespace Noos.Tools.Code.Sandboxing;

/// <summary>What is to be run in a sandbox.</summary>
/// <param name="FileName">The full path of the executable, which lies below <c>/usr</c> or one of <see cref="ReadOnlyFolders"/>.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Folder">The only folder that it may change and that outlives it; it begins in it.</param>
public sealed record SandboxProgram(string FileName, IReadOnlyList<string> Arguments, string Folder)
{
    /// <summary>Folders that it may read and execute from beside the system's.</summary>
    public IReadOnlyList<string> ReadOnlyFolders { get; init; } = [];

    /// <summary>Folders beside its own that it may change: somebody's, which keep their owner.</summary>
    public IReadOnlyList<string> WritableFolders { get; init; } = [];

    /// <summary>Where it begins, one of the folders that it may read; null for its own.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>
    /// It may connect to whatever this machine reaches by IP, this machine's own services included; listening, and sockets of the file
    /// system, stay refused. For programs that an administrator has chosen, never for code of models.
    /// </summary>
    public bool HasNetwork { get; init; }

    /// <summary>
    /// It may make links, as package managers do: for folders that nobody reads afterwards who could be led out of them by one.
    /// </summary>
    public bool MayLink { get; init; }

    /// <summary>
    /// Variables of its environment, beside HOME and TMPDIR, and PATH and LANG unless they are here. Nothing else is there: no variable of
    /// Noos is handed on.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public SandboxLimits Limits { get; init; } = new();
}
