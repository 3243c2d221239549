using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Noos.Corpus.Addresses;
using Noos.Corpus.Crawling.Fetching;

namespace Noos.Corpus.Crawling.Rendering;

/// <summary>
/// One page in a browser: answers every request that it makes, declines its dialogs and downloads, and takes its document tree when it is
/// loaded and quiet, or its time is up. The page itself is answered with what was fetched before. Scripts and what scripts ask for come
/// from the crawler; style sheets are empty, pictures, media, fonts and frames fail, since no text is in them; only GET is sent. Not
/// thread-safe.
/// </summary>
sealed class PageSession
{
    // A courtesy: a page that finds these missing takes another way, where it has one. What holds is that there is no network.
    const string Prepare = """
        for (const name of ['Worker', 'SharedWorker', 'WebSocket', 'WebSocketStream', 'WebTransport', 'RTCPeerConnection',
            'webkitRTCPeerConnection', 'EventSource', 'Notification']) {
          try { delete globalThis[name]; } catch { }
        }
        try { delete Navigator.prototype.serviceWorker; delete Navigator.prototype.sendBeacon; } catch { }
        globalThis.open = () => null;
        globalThis.print = () => { };
        """;

    static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);

    // For the tree of a page whose time is up: a script that cannot be stopped keeps it for ever.
    static readonly TimeSpan s_snapshotTime = TimeSpan.FromSeconds(30);

    readonly DevToolsPipe _pipe;
    readonly string _session;
    readonly string _frame;
    readonly PageToRender _page;
    readonly Func<PageRequisite, CancellationToken, Task<FetchAnswer>> _fetch;
    readonly RenderOptions _options;
    readonly TimeProvider _timeProvider;
    readonly Channel<JsonElement> _requests = Channel.CreateUnbounded<JsonElement>(new UnboundedChannelOptions { SingleReader = true });
    readonly List<string> _navigations = [];
    bool _isLoaded;
    bool _hasPage;
    int _pending;
    int _sent;
    long _bytes;
    long _lastActive;

    PageSession(
        DevToolsPipe pipe, string session, string frame, PageToRender page,
        Func<PageRequisite, CancellationToken, Task<FetchAnswer>> fetch, RenderOptions options, TimeProvider timeProvider) =>
        (_pipe, _session, _frame, _page, _fetch, _options, _timeProvider) = (pipe, session, frame, page, fetch, options, timeProvider);

    /// <summary>Makes an empty page that can do nothing by itself.</summary>
    public static async Task<PageSession> OpenAsync(
        DevToolsPipe pipe, string context, PageToRender page, Func<PageRequisite, CancellationToken, Task<FetchAnswer>> fetch,
        RenderOptions options, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        await pipe.SendAsync(
            "Browser.setDownloadBehavior", new() { ["behavior"] = "deny", ["browserContextId"] = context }, null, cancellationToken);
        var target = (await pipe.SendAsync(
            "Target.createTarget", new() { ["url"] = "about:blank", ["browserContextId"] = context }, null, cancellationToken))
            .GetProperty("targetId").GetString()!;
        var session = (await pipe.SendAsync(
            "Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = true }, null, cancellationToken))
            .GetProperty("sessionId").GetString()!;
        await CallAsync("Page.enable", []);
        await CallAsync("Network.enable", []);
        await CallAsync("Network.setBypassServiceWorker", new() { ["bypass"] = true });
        await CallAsync("Page.addScriptToEvaluateOnNewDocument", new() { ["source"] = Prepare });
        await CallAsync("Fetch.enable", new()
        {
            ["patterns"] = new JsonArray(new JsonObject { ["urlPattern"] = "*", ["requestStage"] = "Request" }),
        });

        // The id of a page is that of its main frame.
        return new PageSession(pipe, session, target, page, fetch, options, timeProvider);

        Task<JsonElement> CallAsync(string method, JsonObject parameters) =>
            pipe.SendAsync(method, parameters, session, cancellationToken);
    }

    /// <summary>Loads the page and waits until it is built.</summary>
    /// <exception cref="IOException">The browser has ended.</exception>
    /// <exception cref="OperationCanceledException">The page can neither be stopped nor read, or the crawl ends.</exception>
    public async Task<RenderedPage> RunAsync(CancellationToken cancellationToken)
    {
        using var end = new CancellationTokenSource(_options.MaxTime, _timeProvider);
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, end.Token);
        _lastActive = _timeProvider.GetTimestamp();

        // Its answer comes with the beginning of the document, which waits for requests that are answered here.
        var navigating = SendAsync("Page.navigate", new() { ["url"] = _page.Address }, time.Token);
        var answering = AnswerAsync(time.Token);
        bool isWhole;
        try
        {
            isWhole = await WatchAsync(time.Token);
        }
        finally
        {
            // Whatever happened, nothing is fetched for this page any more when this returns.
            _requests.Writer.TryComplete();
            await time.CancelAsync();
            await Task.WhenAll(navigating, answering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_snapshotTime);
        return await TakeAsync(isWhole, limit.Token);
    }

    Task<JsonElement> SendAsync(string method, JsonObject parameters, CancellationToken cancellationToken) =>
        _pipe.SendAsync(method, parameters, _session, cancellationToken);

    /// <summary>Hears what the page does.</summary>
    /// <returns>Whether it was built in time.</returns>
    async Task<bool> WatchAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (_isLoaded && Volatile.Read(ref _pending) == 0
                && _timeProvider.GetElapsedTime(Interlocked.Read(ref _lastActive)) >= _options.Quiet)
            {
                return true;
            }

            DevToolsEvent heard;
            using var tick = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            tick.CancelAfter(s_tick);
            try
            {
                heard = await _pipe.Events.ReadAsync(tick.Token);
            }
            catch (OperationCanceledException)
            {
                continue;
            }
            catch (ChannelClosedException e)
            {
                throw new IOException("The browser has ended.", e);
            }

            if (heard.Session != _session)
            {
                continue;
            }

            switch (heard.Method)
            {
                case "Fetch.requestPaused":
                    Interlocked.Increment(ref _pending);
                    Touch();
                    _requests.Writer.TryWrite(heard.Parameters);
                    break;
                case "Page.loadEventFired":
                    _isLoaded = true;
                    Touch();
                    break;
                case "Page.javascriptDialogOpening":
                    // Not waited for: a page that asks again and again must not hold up its own requests.
                    _ = DeclineAsync(cancellationToken);
                    break;
                case "Inspector.targetCrashed":
                    throw new IOException("The page has crashed.");
            }
        }

        return false;
    }

    async Task DeclineAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync("Page.handleJavaScriptDialog", new() { ["accept"] = false }, cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It is gone, or the page is.
        }
    }

    /// <summary>Answers requests one after the other: hosts get no two at once.</summary>
    async Task AnswerAsync(CancellationToken cancellationToken)
    {
        await foreach (var request in _requests.Reader.ReadAllAsync(cancellationToken))
        {
            try
            {
                await AnswerAsync(request, cancellationToken);
            }
            catch (IOException)
            {
                // Nobody waits for it any more; one whose browser has ended is found out by the others.
            }

            Touch();
            Interlocked.Decrement(ref _pending);
        }
    }

    async Task AnswerAsync(JsonElement paused, CancellationToken cancellationToken)
    {
        var id = paused.GetProperty("requestId").GetString()!;
        var request = paused.GetProperty("request");
        var (address, method) = (request.GetProperty("url").GetString()!, request.GetProperty("method").GetString());
        var type = paused.TryGetProperty("resourceType", out var kind) ? kind.GetString() : null;
        var origin = HeaderOf(request, "Origin");
        if (type == "Document")
        {
            var isMain = paused.TryGetProperty("frameId", out var frame) && frame.GetString() == _frame;
            if (isMain && !_hasPage)
            {
                _hasPage = true;
                await FulfillAsync(id, 200, [("Content-Type", _page.ContentType)], _page.Body, cancellationToken);
                return;
            }

            if (isMain && _navigations.Count < 10)
            {
                _navigations.Add(address);
            }

            // Aborted, not failed: the page stays as it is.
            await FailAsync(id, "Aborted", cancellationToken);
            return;
        }

        if (method == "OPTIONS")
        {
            // Whether a page of one site may read what another one says protects who is logged in there. Nobody is, so nobody is asked.
            await FulfillAsync(
                id, 204,
                [
                    .. AllowHeaders(origin), ("Access-Control-Allow-Methods", "GET"),
                    ("Access-Control-Allow-Headers", HeaderOf(request, "Access-Control-Request-Headers") ?? "*"),
                ],
                default, cancellationToken);
        }
        else if (type == "Stylesheet")
        {
            await FulfillAsync(id, 200, [.. AllowHeaders(origin), ("Content-Type", "text/css")], default, cancellationToken);
        }
        else if (method != "GET" || type is not ("Script" or "XHR" or "Fetch") || _sent >= _options.MaxRequests
            || _bytes >= _options.MaxBytes || CanonicalAddress.TryParse(address) is not { Scheme: "http" or "https" } url)
        {
            await FailAsync(id, "BlockedByClient", cancellationToken);
        }
        else
        {
            _sent++;
            var answer = await _fetch(new PageRequisite(url, type == "Script"), cancellationToken);
            if (answer.Capture is not { Truncated: null, Response: var response })
            {
                await FailAsync(id, answer.IsFinal ? "BlockedByClient" : "Failed", cancellationToken);
                return;
            }

            var body = response.DecodeBody((int)Math.Min(_options.MaxBytes, int.MaxValue));
            _bytes += body.Length;
            List<(string, string)> headers = [.. AllowHeaders(origin)];
            foreach (var name in (ReadOnlySpan<string>)["Content-Type", "Location", "Last-Modified", "ETag", "Link", "X-Total-Count"])
            {
                if (response.Headers[name] is { } value && (name != "Link" || type != "Script"))
                {
                    headers.Add((name, value));
                }
            }

            await FulfillAsync(id, answer.Status, headers, body, cancellationToken);
        }
    }

    static string? HeaderOf(JsonElement request, string name)
    {
        foreach (var header in request.GetProperty("headers").EnumerateObject())
        {
            if (header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return header.Value.GetString();
            }
        }

        return null;
    }

    static IEnumerable<(string Name, string Value)> AllowHeaders(string? origin) => origin is null
        ? []
        :
        [
            ("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"), ("Access-Control-Expose-Headers", "*"),
        ];

    Task<JsonElement> FulfillAsync(
        string id, int status, IEnumerable<(string Name, string Value)> headers, ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken) =>
        SendAsync(
            "Fetch.fulfillRequest",
            new()
            {
                ["requestId"] = id,
                ["responseCode"] = status,
                ["responseHeaders"] = new JsonArray(
                    [.. headers.Select(header => new JsonObject { ["name"] = header.Name, ["value"] = header.Value })]),
                ["body"] = Convert.ToBase64String(body.Span),
            },
            cancellationToken);

    Task<JsonElement> FailAsync(string id, string reason, CancellationToken cancellationToken) =>
        SendAsync("Fetch.failRequest", new() { ["requestId"] = id, ["errorReason"] = reason }, cancellationToken);

    void Touch() => Interlocked.Exchange(ref _lastActive, _timeProvider.GetTimestamp());

    /// <summary>Takes the document tree, in a world of its own where no script of the page has changed what functions mean.</summary>
    async Task<RenderedPage> TakeAsync(bool isWhole, CancellationToken cancellationToken)
    {
        if (!isWhole)
        {
            await SendAsync("Runtime.terminateExecution", [], cancellationToken);
        }

        var world = (await SendAsync(
            "Page.createIsolatedWorld", new() { ["frameId"] = _frame, ["worldName"] = "noos" }, cancellationToken))
            .GetProperty("executionContextId").GetInt32();
        var limit = _options.MaxLength.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var result = (await SendAsync(
            "Runtime.evaluate",
            new()
            {
                ["contextId"] = world,
                ["returnByValue"] = true,
                ["expression"] = $"(document.doctype ? '<!DOCTYPE html>' : '') + "
                    + $"(document.documentElement ? document.documentElement.outerHTML : '').slice(0, {limit} + 1)",
            },
            cancellationToken)).GetProperty("result");
        var html = result.TryGetProperty("value", out var value) ? value.GetString() : null;
        if (string.IsNullOrEmpty(html) || !_hasPage)
        {
            return new RenderedPage(null, "nothing rendered", _timeProvider.GetUtcNow()) { Navigations = _navigations };
        }

        var isLong = html.Length > _options.MaxLength;
        return new RenderedPage(isLong ? html[.._options.MaxLength] : html, null, _timeProvider.GetUtcNow())
        {
            Truncated = !isWhole ? "time" : isLong ? "length" : null,
            Navigations = _navigations,
        };
    }
}
