using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Cleaning;
using Noos.Corpus.Cleaning.Policies;
using Noos.Corpus.Documents;
using Noos.Corpus.Index;

namespace Noos.Cli.Search;

/// <summary>
/// Adds files, folders, pages and cleaned corpora to an index, and tells of those that cannot be read without stopping at them.
/// </summary>
sealed class IndexAdder(SearchIndex index, HttpClient http, ProgressLine progress)
{
    const int MaxFaultsShown = 10;

    /// <summary>How many files of folders could not be read.</summary>
    public int Faults { get; private set; }

    public static bool IsPage(string place) =>
        place.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || place.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="NoosException">A file or page that was named itself cannot be read.</exception>
    public async Task<IndexChange> AddAsync(string place, CancellationToken cancellationToken)
    {
        if (IsPage(place))
        {
            return await AddPageAsync(place, cancellationToken);
        }

        var path = Path.GetFullPath(place);
        if (CorpusFolder.Exists(path))
        {
            progress.Show(path);
            return await index.ReplaceAsync(
                path, CleanCorpus.Open(path).ReadAsync(CleanPolicy.SearchName, masksPersonalData: false, cancellationToken), Origin.Web,
                cancellationToken);
        }

        return Directory.Exists(path)
            ? await AddFolderAsync(path, cancellationToken)
            : await AddFileAsync(path, cancellationToken);
    }

    async Task<IndexChange> AddFolderAsync(string folder, CancellationToken cancellationToken)
    {
        var change = default(IndexChange);
        string[] files = [.. DocumentFiles.FindAll(folder)];
        for (var i = 0; i < files.Length; i++)
        {
            progress.Show(new ProgressState(i, files.Length, Text: Path.GetFileName(files[i])));
            try
            {
                change += await AddFileAsync(files[i], cancellationToken);
            }
            catch (NoosException e) when (e.Kind is ErrorKind.Invalid or ErrorKind.Damaged or ErrorKind.Refused or ErrorKind.NotFound)
            {
                if (++Faults <= MaxFaultsShown)
                {
                    progress.Note(e.Message);
                }
            }
        }

        return files.Length > 0
            ? change
            : throw new NoosException(ErrorKind.NotFound, $"There is no file in '{folder}' that can be indexed.");
    }

    Task<IndexChange> AddFileAsync(string path, CancellationToken cancellationToken) =>
        index.ReplaceAsync(path, DocumentFiles.ReadAsync(path, cancellationToken), Origin.File, cancellationToken);

    async Task<IndexChange> AddPageAsync(string address, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var page))
        {
            throw new NoosException($"'{address}' is not an address; write it as https://example.org/page.");
        }

        progress.Show(address);
        try
        {
            using var response = await http.GetAsync(page, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new NoosException(
                    ErrorKind.Unavailable, $"{page.Host} does not give the page (HTTP {(int)response.StatusCode}); check the address.");
            }

            await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
            var date = response.Content.Headers.LastModified ?? response.Headers.Date;
            var origin = new DocumentOrigin(page.Host, address) { FetchedAt = date };
            var type = response.Content.Headers.ContentType;
            return await index.ReplaceAsync(
                address, DocumentFiles.ReadAsync(content, NameOf(page, type?.MediaType), origin, type?.CharSet, cancellationToken),
                Origin.Web, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new NoosException(ErrorKind.Unavailable, $"{page.Host} cannot be reached; check the address and the network.", e);
        }
    }

    /// <summary>What a server says a page is goes before what its address ends in.</summary>
    static string NameOf(Uri page, string? mediaType)
    {
        var name = Uri.UnescapeDataString(page.Segments[^1]).TrimEnd('/');
        name = name.Length > 0 ? name : page.Host;
        return mediaType switch
        {
            "text/plain" when !DocumentFiles.CanRead(name) => name + ".txt",
            "text/markdown" => Path.ChangeExtension(name, ".md"),
            "text/html" or "application/xhtml+xml" => Path.ChangeExtension(name, ".html"),
            _ => name,
        };
    }
}
