using System.CommandLine;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Kernel.Processes;

namespace Noos.Cli.Chat;

/// <summary><c>--file PATH</c>: files that go with a message.</summary>
static class FileOption
{
    public static Option<string[]> AddTo(Command command)
    {
        var option = new Option<string[]>("--file", "-f")
        {
            Description =
                "A file that goes with it: text, table, PDF, Word, Excel, PowerPoint, e-book, ZIP, picture; several can be given.",
            HelpName = "PATH",
            AllowMultipleArgumentsPerToken = false,
        };
        command.Options.Add(option);
        return option;
    }

    /// <summary>Opens a file to be given.</summary>
    /// <exception cref="NoosException">It is not there (NotFound), or may not be read (Refused).</exception>
    public static FileStream Open(string path)
    {
        try
        {
            RegularFile.Require(path);
            return Directory.Exists(path)
                ? throw new NoosException($"'{path}' is a folder; name a file in it, or pack it as .zip.")
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw exception is FileNotFoundException or DirectoryNotFoundException
                ? new NoosException(ErrorKind.NotFound, $"There is no file '{path}'.", exception)
                : new NoosException(ErrorKind.Refused, $"'{path}' cannot be read; check its permissions.", exception);
        }
    }

    /// <summary>Copies files into a folder.</summary>
    public static async Task<IReadOnlyList<GivenFile>> StoreAsync(
        IReadOnlyList<string> paths, string folder, CancellationToken cancellationToken)
    {
        var files = new List<GivenFile>(paths.Count);
        foreach (var path in paths)
        {
            await using var content = Open(path);
            // Whoever runs the command owns the disk: there is no limit.
            files.Add(await GivenFiles.StoreAsync(folder, Path.GetFileName(path), content, long.MaxValue, cancellationToken));
        }

        return files;
    }
}
