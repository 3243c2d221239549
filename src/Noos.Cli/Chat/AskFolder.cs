using Noos.Core.Settings;
using Noos.Kernel.Processes;

namespace Noos.Cli.Chat;

/// <summary>
/// The folder of one question, in which its files lie and its tools work. It goes with the answer, unless tools have made files in it.
/// </summary>
sealed class AskFolder(NoosSettings settings) : IDisposable
{
    readonly HashSet<string> _given = new(StringComparer.Ordinal);

    public string Path { get; } = System.IO.Path.Combine(settings.UserData.Folder, "files", $"ask-{Guid.NewGuid():N}");

    /// <summary>Copies the files that go with the question.</summary>
    public async Task<IReadOnlyList<GivenFile>> StoreAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        var files = await FileOption.StoreAsync(paths, Path, cancellationToken);
        _given.UnionWith(files.Select(file => file.Path));
        return files;
    }

    /// <summary>What tools have made, a chart or a table.</summary>
    public IReadOnlyList<string> Made => [.. GivenFiles.List(Path).Select(file => file.Path).Where(path => !_given.Contains(path))];

    public void Dispose()
    {
        if (Directory.Exists(Path) && Made.Count == 0)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
