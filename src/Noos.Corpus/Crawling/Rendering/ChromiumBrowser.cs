using System.Text.Json.Nodes;
using Noos.Core;
using Noos.Corpus.Crawling.Fetching;

namespace Noos.Corpus.Crawling.Rendering;

/// <summary>
/// An installed Chromium that runs the scripts of pages which nothing can be read from otherwise. It has no network: whatever a page asks
/// for is handed to the crawler, which fetches it by its own rules or does not. One page at a time, each in a browser context of its own
/// that is gone afterwards; a browser that ends or hangs is replaced by another one. Thread-safe: further pages wait.
/// </summary>
public sealed class ChromiumBrowser : IAsyncDisposable
{
    static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(60);
    static readonly TimeSpan s_closeTime = TimeSpan.FromSeconds(5);

    readonly RenderOptions _options;
    readonly string _program;
    readonly string? _searchPath;
    readonly TimeProvider _timeProvider;
    readonly SemaphoreSlim _turn = new(1, 1);
    readonly string _profile = Path.Combine(Path.GetTempPath(), $"noos-render-{Guid.NewGuid():N}");
    DevToolsPipe? _pipe;

    ChromiumBrowser(RenderOptions options, string program, string? searchPath, TimeProvider timeProvider) =>
        (_options, _program, _searchPath, _timeProvider) = (options, program, searchPath, timeProvider);

    /// <summary>Finds a Chromium; it is started with the first page that needs it.</summary>
    /// <param name="options">Which one, and how much a page may cost.</param>
    /// <param name="searchPath">The folders of programs, as PATH has them.</param>
    /// <param name="timeProvider">Says how long a page takes.</param>
    /// <exception cref="NoosException">There is none, or none that may be run.</exception>
    public static ChromiumBrowser Open(RenderOptions options, string? searchPath, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        var program = ChromiumProgram.Find(options.Program, searchPath);

        // Now, and not after an hour of crawling.
        _ = ChromiumProgram.Command(program, "", searchPath);
        return new ChromiumBrowser(options, program, searchPath, timeProvider);
    }

    /// <summary>Lets the scripts of a page build it.</summary>
    /// <param name="page">Its address and what its server has sent; that is not asked for again.</param>
    /// <param name="fetch">Gets what the page asks for; never called twice at once.</param>
    /// <param name="cancellationToken">Stops the crawl.</param>
    internal async Task<RenderedPage> RenderAsync(
        PageToRender page, Func<PageRequisite, CancellationToken, Task<FetchAnswer>> fetch, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var pipe = await OpenAsync(cancellationToken);
            var context = (await pipe.SendAsync("Target.createBrowserContext", [], session: null, cancellationToken))
                .GetProperty("browserContextId").GetString()!;
            var session = await PageSession.OpenAsync(pipe, context, page, fetch, _options, _timeProvider, cancellationToken);
            var rendered = await session.RunAsync(cancellationToken);
            await EndContextAsync(pipe, context, cancellationToken);
            return rendered;
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // It has crashed or hangs; the next page gets another one.
            await CloseAsync();
            return new RenderedPage(null, e is IOException ? "browser ended" : "too slow", _timeProvider.GetUtcNow());
        }
        catch (OperationCanceledException)
        {
            await CloseAsync();
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _turn.Dispose();
    }

    async Task<DevToolsPipe> OpenAsync(CancellationToken cancellationToken)
    {
        if (_pipe is not null)
        {
            return _pipe;
        }

        _pipe = DevToolsPipe.Start(ChromiumProgram.Command(_program, _profile, _searchPath));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_startTime);
        try
        {
            await _pipe.SendAsync("Browser.getVersion", [], session: null, limit.Token);
            return _pipe;
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            await CloseAsync();
            throw new NoosException(
                ErrorKind.Unavailable,
                $"The browser '{_program}' does not start, in bubblewrap where that is installed; see what "
                + $"'bwrap --unshare-all --ro-bind / / true' and '{_program} --headless about:blank' say, or leave --render out.", e);
        }
    }

    /// <summary>Ends what belongs to a page that has been read; what was read of it stays, also where its browser hangs then.</summary>
    async Task EndContextAsync(DevToolsPipe pipe, string context, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_closeTime);
        try
        {
            await pipe.SendAsync(
                "Target.disposeBrowserContext", new JsonObject { ["browserContextId"] = context }, session: null, limit.Token);
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The next page gets another browser.
            await CloseAsync();
        }
    }

    async Task CloseAsync()
    {
        if (_pipe is { } pipe)
        {
            _pipe = null;
            await pipe.DisposeAsync();
        }

        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // In bubblewrap it lies in memory and was never there.
        }
    }
}
