using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Noos.Kernel.Journaling;

namespace Noos.Testing;

/// <summary>
/// The real server, killed with -9 at random moments while conversations stream and call tools, and started again on the same home: what
/// was acknowledged must be there, every event that somebody has seen must be as it was, and every message must get its answer.
/// </summary>
/// <param name="program">The arguments of dotnet that start the server; its port must be 0.</param>
/// <param name="home">The folder of the journal.</param>
/// <param name="seed">Of what is random.</param>
/// <param name="conversations">How many stream at the same time.</param>
public sealed class KillRounds(IReadOnlyList<string> program, string home, int seed, int conversations = 8) : IDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    readonly Random _random = new(seed);
    readonly Conversation[] _all = [.. Enumerable.Range(0, conversations).Select(_ => new Conversation())];
    readonly HttpClient _http = new() { Timeout = s_patience };

    /// <summary>What was not as it must be, a sentence each.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Messages that the server has acknowledged.</summary>
    public int Acknowledged => _all.Sum(one => one.Said.Count);

    /// <summary>Events that were seen in a stream.</summary>
    public int Seen => _all.Sum(one => one.SeenCount);

    /// <summary>Answers that a kill has cut short.</summary>
    public int CutShort { get; private set; }

    /// <summary>The longest time from the start of a program to its greeting, in milliseconds.</summary>
    public double LongestStartMs { get; private set; }

    /// <summary>Kills so many times, and starts once more to look at what is left.</summary>
    public async Task RunAsync(int rounds, Action<int>? progress = null, CancellationToken cancellationToken = default)
    {
        for (var round = 0; round <= rounds && Faults.Count == 0; round++)
        {
            using var server = await StartAsync(cancellationToken);
            if (server is null)
            {
                return;
            }

            // Some die while they still pick up what the last one has left.
            if (round < rounds && round % 8 == 7)
            {
                await Task.Delay(_random.Next(100), cancellationToken);
            }
            else
            {
                await CheckAsync(cancellationToken);
                if (round < rounds)
                {
                    await StreamAsync(server, cancellationToken);
                }
            }

            server.Kill();
            await server.WaitForExitAsync(cancellationToken);
            CheckFile();
            progress?.Invoke(round + 1);
        }
    }

    public void Dispose() => _http.Dispose();

    async Task<Process?> StartAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["NOOS_HOME"] = home;
        var watch = Stopwatch.StartNew();
        var server = Process.Start(start)!;
        var error = new List<string>();
        server.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
            {
                lock (error)
                {
                    error.Add(text);
                }
            }
        };
        server.BeginErrorReadLine();
        var greeting = await server.StandardOutput.ReadLineAsync(cancellationToken);
        LongestStartMs = Math.Max(LongestStartMs, watch.Elapsed.TotalMilliseconds);
        if (greeting?.Split(" is up: ") is not [_, var address])
        {
            await server.WaitForExitAsync(cancellationToken);
            Faults.Add($"The server did not start: {greeting} {string.Join(' ', error)}");
            return null;
        }

        _address = new Uri(address);
        return server;
    }

    TaskCompletionSource _acknowledged = new();

    // Another port with every start.
    Uri _address = new("http://127.0.0.1");

    Uri At(string path) => new(_address, path);

    /// <summary>Every conversation talks until the server is killed, at a moment of its own.</summary>
    async Task StreamAsync(Process server, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _acknowledged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var talks = _all.Select((one, index) => TalkAsync(one, new Random(_random.Next() + index), stop.Token)).ToArray();

        // From the first acknowledgement on, however slow the machine is.
        await _acknowledged.Task.WaitAsync(s_patience, cancellationToken);
        await Task.Delay(_random.Next(3000), cancellationToken);
        server.Kill();
        await stop.CancelAsync();
        CutShort += (await Task.WhenAll(talks)).Count(isCut => isCut);
    }

    /// <returns>Whether an answer was under way at the end.</returns>
    async Task<bool> TalkAsync(Conversation one, Random random, CancellationToken cancellationToken)
    {
        var isUnderWay = false;
        try
        {
            if (one.Id == 0)
            {
                using var spawned = await _http.PostAsync(At("api/processes"), Json("{}"), cancellationToken);
                one.Id = (await spawned.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("id").GetInt64();
            }

            while (true)
            {
                isUnderWay = false;
                var after = await SayAsync();
                isUnderWay = true;
                if (random.Next(4) == 0)
                {
                    await SayAsync();
                }

                await foreach (var entry in FollowAsync(one, after, cancellationToken))
                {
                    if (entry.GetProperty("event") is var happened && happened.GetProperty("kind").GetString() == "state"
                        && happened.GetProperty("state").GetString() == "waiting_for_person")
                    {
                        break;
                    }
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or JsonException)
        {
            // The server is gone, as it was to be.
            return isUnderWay;
        }

        async Task<long> SayAsync()
        {
            var text = random.Next(2) == 0
                ? string.Create(CultureInfo.InvariantCulture, $"What is {random.Next(99)}*{random.Next(99)}+{random.Next(99)}?")
                : "Tell me a story about a fox.";
            using var answer = await _http.PostAsync(
                At($"api/processes/{one.Id}/messages"),
                Json($$"""{"content": "{{text}}", "options": {"max_tokens": 150, "temperature": 0.7} }"""), cancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                Fault($"A message to {one.Id} was refused: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            }

            var said = (await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("event").GetInt64();
            one.Said.Add((said, text));
            _acknowledged.TrySetResult();
            return said;
        }
    }

    async IAsyncEnumerable<JsonElement> FollowAsync(
        Conversation one, long after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stream = new StreamReader(
            await _http.GetStreamAsync(At($"api/processes/{one.Id}/events?follow=true&after={after}"), cancellationToken));
        while (await stream.ReadLineAsync(cancellationToken) is { } line)
        {
            // The last line may be cut off in its middle.
            if (line.StartsWith("data: ", StringComparison.Ordinal) && line.EndsWith('}'))
            {
                var entry = JsonElement.Parse(line["data: ".Length..]);
                one.See(entry);
                yield return entry;
            }
        }
    }

    /// <summary>After a start: all comes to its end, and nothing is missing.</summary>
    async Task CheckAsync(CancellationToken cancellationToken)
    {
        foreach (var one in _all.Where(one => one.Id != 0))
        {
            var process = await _http.GetFromJsonAsync<JsonElement>(
                At($"api/processes/{one.Id}/wait?timeout={(int)s_patience.TotalSeconds}"), cancellationToken);
            if (process.GetProperty("state").GetString() != "waiting_for_person")
            {
                Fault($"Process {one.Id} is stuck in the state {process.GetProperty("state").GetString()}.");
            }

            for (long? after = one.Checked; after is not null;)
            {
                var page = await _http.GetFromJsonAsync<JsonElement>(
                    At($"api/processes/{one.Id}/events?after={after}&limit=5000"), cancellationToken);
                foreach (var entry in page.GetProperty("data").EnumerateArray())
                {
                    Fault(one.Compare(entry));
                }

                after = page.TryGetProperty("next", out var next) ? next.GetInt64() : null;
            }

            Fault(one.CompareRest());
            var messages = await _http.GetFromJsonAsync<JsonElement>(At($"api/processes/{one.Id}/messages"), cancellationToken);
            if (messages.GetProperty("queue").GetArrayLength() > 0)
            {
                Fault($"A message to {one.Id} waits for ever.");
            }

            var last = messages.GetProperty("data").EnumerateArray().LastOrDefault();
            if (last.ValueKind == JsonValueKind.Object && last.GetProperty("role").GetString() != "assistant")
            {
                Fault($"The last message to {one.Id} has no answer: {last}");
            }

            var told = messages.GetProperty("data").EnumerateArray().Where(message => message.GetProperty("role").GetString() == "user")
                .Select(message => message.GetProperty("content").GetString()).ToList();

            // In their order; those whose acknowledgement the kill has swallowed may stand between.
            var found = 0;
            foreach (var text in told)
            {
                found += found < one.Said.Count && one.Said[found].Text == text ? 1 : 0;
            }

            if (found < one.Said.Count)
            {
                Fault($"Of {one.Said.Count} messages to {one.Id} that were acknowledged {found} are there.");
            }
        }
    }

    /// <summary>While nobody has the file: it is whole.</summary>
    void CheckFile()
    {
        using var reader = JournalReader.Open(Path.Combine(home, Journal.FileName));
        Faults.AddRange(reader.Check());
    }

    void Fault(string? sentence)
    {
        if (sentence is not null)
        {
            lock (Faults)
            {
                Faults.Add(sentence);
            }
        }
    }

    static StringContent Json(string json) => new(json, mediaType: new("application/json"));

    /// <summary>What one conversation has been told and has seen.</summary>
    sealed class Conversation
    {
        readonly Dictionary<long, JsonElement> _seen = [];

        public long Id { get; set; }

        public List<(long Event, string Text)> Said { get; } = [];

        public int SeenCount { get; private set; }

        /// <summary>The last event that was compared.</summary>
        public long Checked { get; private set; }

        public void See(JsonElement entry)
        {
            var isNew = _seen.TryAdd(entry.GetProperty("id").GetInt64(), entry.GetProperty("event"));
            SeenCount += isNew ? 1 : 0;
        }

        /// <returns>What is wrong; null if nothing is.</returns>
        public string? Compare(JsonElement entry)
        {
            Checked = entry.GetProperty("id").GetInt64();
            return _seen.Remove(Checked, out var seen) && !JsonElement.DeepEquals(seen, entry.GetProperty("event"))
                ? $"Event {Checked} was seen as {seen} and is {entry.GetProperty("event")}."
                : null;
        }

        public string? CompareRest()
        {
            long[] missing = [.. _seen.Keys];
            _seen.Clear();
            return missing.Length == 0 ? null : $"Events of {Id} that were seen are gone: {string.Join(", ", missing)}.";
        }
    }
}
