using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Noos.Core;

namespace Noos.Bench.Pages;

/// <summary>
/// A server with many open tabs, of which some read answers that stream from a scripted endpoint. Tabs are real circuits
/// (<see cref="CircuitTab"/>) without a browser. Measured: tokens that a tab or the journal has lost or has twice, the time from the
/// endpoint's sending of a token to the tab that gets it, and what the server takes of processor and memory meanwhile. With a model of
/// the server's own in the place of the endpoint: what the server takes beside the engine's threads.
/// </summary>
sealed partial class PageLoad : IDisposable
{
    // A conversation grows, and the memory of its tab with it; people begin new ones.
    const int AnswersPerConversation = 3;

    static readonly TimeSpan s_sampling = TimeSpan.FromSeconds(10);

    readonly ScriptedEndpoint? _endpoint;
    readonly HttpClient _http;
    readonly int _tokens;
    readonly bool _watches;
    readonly ConcurrentQueue<string> _faults = new();
    readonly ConcurrentBag<double> _delays = [];
    long _questions;
    long _seen;
    long _batches;

    PageLoad(ScriptedEndpoint? endpoint, Uri address, int tokens, bool watches)
    {
        (_endpoint, _tokens, _watches) = (endpoint, tokens, watches);
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
    }

    /// <param name="program">noos.dll, or the program of a release.</param>
    /// <param name="home">An empty folder.</param>
    /// <param name="options">
    /// tabs=200 in all, streams=50 of which are read, seconds=300, rate=200 tokens per second of a stream, tokens=2000 of an answer,
    /// warm=20 seconds before the processor is measured, watch=false leaves the streams without tabs, name of the row, model=FILE is what
    /// answers in the endpoint's place, as fast as it can on one thread.
    /// </param>
    public static async Task RunAsync(string program, string home, IReadOnlyList<string> options)
    {
        var (tabs, streams, seconds, rate, tokens, warm) = (200, 50, 300, 200, 2000, 20);
        var (watches, name, model) = (true, "", (string?)null);
        foreach (var option in options)
        {
            switch (option.Split('=', 2))
            {
                case ["tabs", var value]:
                    tabs = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["streams", var value]:
                    streams = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["seconds", var value]:
                    seconds = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["rate", var value]:
                    rate = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["tokens", var value]:
                    tokens = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["warm", var value]:
                    warm = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["watch", var value]:
                    watches = bool.Parse(value);
                    break;
                case ["name", var value]:
                    name = value;
                    break;
                case ["model", var value]:
                    model = value;
                    break;
                default:
                    throw new NoosException($"There is no option '{option}'; 'Noos.Bench' lists those of 'pages'.");
            }
        }

        await using var endpoint = model is null ? new ScriptedEndpoint(rate, tokens) : null;
        string[] answering = endpoint is null
            ? ["--model", model!, "--threads", "1"]
            : ["--model", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{endpoint.Port}/v1#scripted")];
        using var server = await ServedProcess.StartAsync(program, [.. answering, "--requests-per-minute", "1000000"], home);
        using var load = new PageLoad(endpoint, server.Address, tokens, watches);
        await load.MeasureAsync(server, name, tabs, streams, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(warm));
    }

    public void Dispose() => _http.Dispose();

    async Task MeasureAsync(ServedProcess server, string name, int tabs, int streams, TimeSpan time, TimeSpan warm)
    {
        using var stop = new CancellationTokenSource();
        var resting = new List<CircuitTab>();
        var restingAt = await SpawnAsync();
        for (var i = _watches ? streams : 0; i < tabs; i++)
        {
            resting.Add(await CircuitTab.OpenAsync(_http, $"chat/{restingAt}", _ => { }, stop.Token));
        }

        var work = Enumerable.Range(0, streams).Select(_ => Task.Run(() => ReadAsync(stop.Token))).ToArray();
        await Task.Delay(warm);
        _delays.Clear();
        var (watch, cpu, engine) = (Stopwatch.StartNew(), server.CpuSeconds, server.EngineSeconds);
        var (seen, batches) = (await SeenAsync(), Interlocked.Read(ref _batches));
        var memory = new List<double>();
        Console.Error.WriteLine("| s | resident, MB | heap, MB | load of the machine |");
        while (watch.Elapsed < time)
        {
            memory.Add(server.Megabytes);
            var heap = await HeapAsync();
            var machine = File.ReadAllText("/proc/loadavg").Split(' ')[0];
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {watch.Elapsed.TotalSeconds:0} | {memory[^1]:0} | {heap:0} | {machine} |"));
            var left = time - watch.Elapsed;
            await Task.Delay(left < TimeSpan.Zero ? TimeSpan.Zero : left < s_sampling ? left : s_sampling);
        }

        var computing = server.EngineSeconds - engine;
        var share = (server.CpuSeconds - cpu - computing) / watch.Elapsed.TotalSeconds;
        var rate = (await SeenAsync() - seen) / watch.Elapsed.TotalSeconds;
        var drawings = (Interlocked.Read(ref _batches) - batches) / watch.Elapsed.TotalSeconds;
        await stop.CancelAsync();
        await Task.WhenAll(work);
        foreach (var tab in resting)
        {
            if (tab.Failure is { } failure)
            {
                _faults.Enqueue($"A resting tab: {failure}");
            }

            await tab.DisposeAsync();
        }

        double[] delays = [.. _delays.Order()];
        double At(double part) => delays.Length == 0 ? 0 : delays[Math.Min(delays.Length - 1, (int)(part * delays.Length))];
        Console.WriteLine(
            "| measurement | tabs | streams | tokens/s | delay of a token, ms: median | 95% | 99% | longest "
            + "| processor beside the engine, % of a core | of a stream | drawings/s | resident, MB: first half, second half | faults |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {tabs} | {streams} | {rate:0} | {At(0.5):0} | {At(0.95):0} | {At(0.99):0} | {At(1):0} | {100 * share:0.0} "
            + $"| {100 * share / Math.Max(1, streams):0.00} | {drawings:0} | {memory.Take(memory.Count / 2).DefaultIfEmpty().Average():0}, "
            + $"{memory.Skip(memory.Count / 2).Average():0} | {_faults.Count} |"));
        foreach (var fault in _faults.Take(20))
        {
            Console.WriteLine(fault);
        }
    }

    [GeneratedRegex(@"\bw(?<number>[0-9]+)\b", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Words();

    [GeneratedRegex(
        @"^dotnet_gc_last_collection_heap_size_bytes\{[^}]*\} (?<bytes>[0-9.e+]+)", RegexOptions.Multiline,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex HeapSizes();

    [GeneratedRegex(
        @"^noos_inference_generated_tokens[a-z_]*(?:\{[^}]*\})? (?<tokens>[0-9.e+]+)", RegexOptions.Multiline,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex GeneratedTokens();

    /// <summary>One reader: a conversation with its tab, some answers, then the next.</summary>
    async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var process = await SpawnAsync();
                var reader = new Reader(this);
                await using var tab = _watches
                    ? await CircuitTab.OpenAsync(_http, $"chat/{process}", reader.Take, cancellationToken)
                    : null;
                for (var answer = 0; answer < AnswersPerConversation; answer++)
                {
                    await AskAsync(process, reader, cancellationToken);
                }

                if (tab is not null)
                {
                    if (tab.Failure is { } failure)
                    {
                        _faults.Enqueue($"The tab of conversation {process}: {failure}");
                    }
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception e) when (e is NoosException or HttpRequestException or TaskCanceledException or TimeoutException)
        {
            _faults.Enqueue($"{e.GetType().Name}: {e.Message}");
        }
    }

    async Task AskAsync(long process, Reader reader, CancellationToken cancellationToken)
    {
        var question = Interlocked.Increment(ref _questions);
        reader.Begin(question);
        using var said = await _http.PostAsJsonAsync(
            new Uri($"api/processes/{process}/messages", UriKind.Relative), new { content = $"Question {question}" }, cancellationToken);
        said.EnsureSuccessStatusCode();
        // Through the API too: what the journal has is what every later reader gets.
        using var waited = await _http.GetAsync(new Uri($"api/processes/{process}/wait?timeout=600", UriKind.Relative), cancellationToken);
        using var messages = JsonDocument.Parse(await _http.GetStringAsync(
            new Uri($"api/processes/{process}/messages?limit=1", UriKind.Relative), cancellationToken));
        var text = messages.RootElement.GetProperty("data")[0].GetProperty("content").GetString();
        if (_endpoint is null)
        {
            return;
        }

        if (text != ScriptedEndpoint.Text(_tokens))
        {
            _faults.Enqueue(
                $"Conversation {process}, question {question}: the journal has {text?.Length} characters that are not the answer.");
        }

        if (_watches && !await reader.WaitAsync(_tokens - 1, cancellationToken))
        {
            _faults.Enqueue($"Conversation {process}, question {question}: the tab ends at word {reader.Last} of {_tokens}.");
        }

        if (!_watches)
        {
            Interlocked.Add(ref _seen, _tokens);
        }
    }

    async Task<long> SpawnAsync()
    {
        using var answer = await _http.PostAsJsonAsync(new Uri("api/processes", UriKind.Relative), new { });
        using var process = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return process.RootElement.GetProperty("id").GetInt64();
    }

    /// <summary>Tokens that the tabs have seen, or that the server's own model wrote.</summary>
    async Task<double> SeenAsync() => _endpoint is not null
        ? Interlocked.Read(ref _seen)
        : GeneratedTokens().Matches(await _http.GetStringAsync(new Uri("metrics", UriKind.Relative)))
            .Sum(match => double.Parse(match.Groups["tokens"].Value, CultureInfo.InvariantCulture));

    async Task<double> HeapAsync() => HeapSizes().Matches(await _http.GetStringAsync(new Uri("metrics", UriKind.Relative)))
        .Sum(match => double.Parse(match.Groups["bytes"].Value, CultureInfo.InvariantCulture)) / 1e6;

    /// <summary>What a tab shows of an answer: each text that it gets must go on where another has been, without a gap.</summary>
    sealed class Reader(PageLoad load)
    {
        readonly Lock _lock = new();
        long _question;
        int _last = -1;

        public int Last
        {
            get
            {
                lock (_lock)
                {
                    return _last;
                }
            }
        }

        public void Begin(long question)
        {
            lock (_lock)
            {
                (_question, _last) = (question, -1);
            }
        }

        public void Take(IReadOnlyList<string> texts)
        {
            var now = Stopwatch.GetTimestamp();
            Interlocked.Increment(ref load._batches);
            if (load._endpoint is not { } endpoint)
            {
                return;
            }

            lock (_lock)
            {
                var before = _last;
                // Components of one batch come in the order in which they were drawn.
                foreach (var (first, last) in texts.SelectMany(Runs).Order())
                {
                    if (first > _last + 1)
                    {
                        load._faults.Enqueue($"Question {_question}: word {first}, but only up to {_last} was there.");
                    }

                    _last = Math.Max(_last, last);
                }

                if (_last > before && endpoint.ByQuestion.TryGetValue(_question, out var stream))
                {
                    Interlocked.Add(ref load._seen, _last - before);
                    for (var token = before + 1; token <= _last; token++)
                    {
                        load._delays.Add(Stopwatch.GetElapsedTime(stream.SentAt(token), now).TotalMilliseconds);
                    }
                }
            }
        }

        /// <summary>The words of a text, which must follow one another.</summary>
        IEnumerable<(int First, int Last)> Runs(string text)
        {
            var (first, last) = (-1, -1);
            foreach (Match match in Words().Matches(text))
            {
                var word = int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
                if (first >= 0 && word != last + 1)
                {
                    load._faults.Enqueue($"Question {_question}: word {word} after {last}.");
                }

                (first, last) = (first < 0 ? word : first, word);
            }

            return first < 0 ? [] : [(first, last)];
        }

        public async Task<bool> WaitAsync(int word, CancellationToken cancellationToken)
        {
            for (var tries = 0; tries < 2400 && Last < word; tries++)
            {
                await Task.Delay(50, cancellationToken);
            }

            return Last == word;
        }
    }
}
