using System.IO.Hashing;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Index;

namespace Noos.Corpus.Encyclopedias;

/// <summary>
/// The encyclopedia that comes with Noos: some ten thousand short articles, so that a first question finds something without a network.
/// Its articles are part of the program, and as trusted.
/// </summary>
public static class Encyclopedia
{
    /// <summary>What its articles are kept under.</summary>
    public const string Place = "encyclopedia";

    /// <summary>
    /// Its index. Made with the first search, which takes some seconds, and kept; another version of the file makes another.
    /// </summary>
    /// <returns>Null where the file is not there.</returns>
    /// <exception cref="NoosException">The file is damaged, or nothing can be written.</exception>
    public static async Task<SearchIndex?> OpenAsync(EncyclopediaLocation location, CancellationToken cancellationToken = default) =>
        await PrepareAsync(location, cancellationToken) is { } path ? SearchIndex.OpenRead(path) : null;

    /// <summary>Makes the index unless it is there.</summary>
    /// <returns>Its file; null where there is no encyclopedia.</returns>
    /// <exception cref="NoosException">As of <see cref="OpenAsync"/>.</exception>
    public static async Task<string?> PrepareAsync(EncyclopediaLocation location, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(location);
        if (location.Files.FirstOrDefault(File.Exists) is not { } file)
        {
            return null;
        }

        var name = $"{Place}-{await DigestAsync(file, cancellationToken)}.db";
        var path = Path.Combine(location.CacheFolder, name);
        try
        {
            await BuildAsync(file, path, cancellationToken);
        }
        catch (NoosException e) when (e.Kind is ErrorKind.Refused or ErrorKind.Invalid)
        {
            // A home that cannot be written is no reason to find nothing.
            path = Path.Combine(Path.GetTempPath(), $"noos-{Environment.UserName}", name);
            await BuildAsync(file, path, cancellationToken);
        }

        return path;
    }

    static async Task BuildAsync(string file, string path, CancellationToken cancellationToken)
    {
        if (IsWhole(path))
        {
            return;
        }

        await SearchIndex.BuildAsync(
            path, Place, DocumentPack.ReadAsync(file, cancellationToken), Origin.Tool, cancellationToken: cancellationToken);
        foreach (var old in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"{Place}-*.db").Where(old => old != path))
        {
            TryDelete(old);
        }
    }

    /// <summary>Whether the index is there and can be read; one that is damaged is made anew.</summary>
    static bool IsWhole(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                return false;
            }

            SearchIndex.OpenRead(path).Dispose();
            return true;
        }
        catch (NoosException e) when (e.Kind == ErrorKind.Damaged)
        {
            return false;
        }
    }

    static async Task<string> DigestAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = File.OpenRead(file);
            var hash = new XxHash3();
            await hash.AppendAsync(content, cancellationToken);
            return Convert.ToHexStringLower(hash.GetCurrentHash());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(ErrorKind.Refused, $"The encyclopedia '{file}' cannot be read: {e.Message}", e);
        }
    }

    static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another program still reads it.
        }
    }
}
