using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Noos.Core;

namespace Noos.Bench;

/// <summary>
/// Agents that keep a server busy while now and then a person says something. An agent has a conversation of its own: it is answered, a
/// tool of it works for a moment, the result goes into the conversation, and so on; after some steps it begins a new one. Measured are
/// the tokens of all agents in a second, how long the person waits for the first word, and how evenly the agents were served (Jain's
/// index). A server that answers in no time at all cannot be faster than the tools allow; that limit is told, too.
/// </summary>
sealed class SchedulerLoad : IDisposable
{
    const int Steps = 4;

    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(700);
    static readonly string[] s_words =
        ["river", "stone", "green", "light", "house", "water", "small", "music", "table", "seven", "garden", "paper", "winter", "clock"];

    readonly HttpClient _http;
    readonly bool _isNoos;
    readonly int _generate;
    readonly int _words;
    readonly TimeSpan _toolTime;

    SchedulerLoad(string address, bool isNoos, int generate, int words, int toolMs)
    {
        _http = new HttpClient { BaseAddress = new Uri(address.TrimEnd('/') + "/"), Timeout = TimeSpan.FromMinutes(5) };
        (_isNoos, _generate, _words, _toolTime) = (isNoos, generate, words, TimeSpan.FromMilliseconds(toolMs));
    }

    /// <param name="address">Of a server that runs.</param>
    /// <param name="options">
    /// api=noos (agents are background requests of an owner each) or llama (it knows no such thing), agents=8, seconds=30, generate=48
    /// tokens an answer, words=100 of a tool's result, tool=100 milliseconds that it takes, warm=10 seconds before it is measured, name of
    /// the row.
    /// </param>
    public static async Task RunAsync(string address, string[] options)
    {
        var (api, name) = ("noos", "");
        var (agents, seconds, generate, words, tool, warm) = (8, 30, 48, 100, 100, 10);
        foreach (var option in options)
        {
            switch (option.Split('=', 2))
            {
                case ["api", "noos" or "llama"]:
                    api = option[4..];
                    break;
                case ["name", var value]:
                    name = value;
                    break;
                case ["agents", var value]:
                    agents = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["seconds", var value]:
                    seconds = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["generate", var value]:
                    generate = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["words", var value]:
                    words = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["tool", var value]:
                    tool = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["warm", var value]:
                    warm = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                default:
                    throw new NoosException($"There is no option '{option}'; 'Noos.Bench' lists those of 'scheduler'.");
            }
        }

        using var load = new SchedulerLoad(address, api == "noos", generate, words, tool);
        await load.MeasureAsync(name.Length > 0 ? name : api, agents, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(warm));
    }

    public void Dispose() => _http.Dispose();

    async Task MeasureAsync(string name, int agents, TimeSpan time, TimeSpan warm)
    {
        await SayAsync("person", [Message("user", Words(new Random(0), 30))], 4, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var (tokens, answers) = (new long[agents], new long[agents]);
        var watch = Stopwatch.StartNew();
        var work = Enumerable.Range(0, agents).Select(agent => WorkAsync(agent, tokens, answers, stop.Token)).ToArray();
        var waits = new List<double>();
        var random = new Random(7);
        // The first seconds fill the machine, and runtimes compile what they run.
        await Task.Delay(warm);
        var (before, answersBefore) = (tokens.ToArray(), answers.Sum());
        var start = watch.Elapsed;
        while (watch.Elapsed - start < time)
        {
            waits.Add((await SayAsync("person", [Message("user", Words(random, 30))], 8, CancellationToken.None)).First.TotalSeconds);
            await Task.Delay(s_pause);
        }

        var elapsed = (watch.Elapsed - start).TotalSeconds;
        var done = tokens.Zip(before, (after, first) => (double)(after - first)).ToArray();
        // Tokens a second if answers took no time: each agent would only wait for its tools.
        var limit = agents * done.Sum() / Math.Max(1, answers.Sum() - answersBefore) / _toolTime.TotalSeconds;
        await stop.CancelAsync();
        await Task.WhenAll(work);
        waits.Sort();
        var jain = done.Sum() * done.Sum() / (agents * done.Sum(count => count * count));
        var (median, late) = (waits[waits.Count / 2], waits[waits.Count * 95 / 100]);
        Console.WriteLine(
            $"| {name} | {agents} | {done.Sum() / elapsed:N0} | {limit:N0} | {median * 1000:N0} | {late * 1000:N0} | {waits[^1] * 1000:N0} "
            + $"| {jain:N3} | {waits.Count} |");
    }

    async Task WorkAsync(int agent, long[] tokens, long[] answers, CancellationToken cancellationToken)
    {
        var random = new Random(agent + 1);
        try
        {
            while (true)
            {
                var messages = new List<Dictionary<string, string>>
                {
                    Message("system", "You are an agent that works with tools. " + Words(random, 20)),
                    Message("user", Words(random, 40)),
                };
                for (var step = 0; step < Steps; step++)
                {
                    try
                    {
                        var (text, _) = await SayAsync(
                            $"agent-{agent}", messages, _generate, cancellationToken, count => Interlocked.Add(ref tokens[agent], count));
                        messages.Add(Message("assistant", text));
                        Interlocked.Increment(ref answers[agent]);
                    }
                    catch (NoosException) when (step > 0)
                    {
                        // The window is full: a new conversation.
                        break;
                    }

                    await Task.Delay(_toolTime, cancellationToken);
                    messages.Add(Message("user", "Result: " + Words(random, _words)));
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>One streamed answer. A chunk with text counts as a token at once; the end says how many there really were.</summary>
    async Task<(string Text, TimeSpan First)> SayAsync(
        string who, IReadOnlyList<Dictionary<string, string>> messages, int generate, CancellationToken cancellationToken,
        Action<int>? count = null)
    {
        var body = new Dictionary<string, object>
        {
            ["messages"] = messages,
            ["max_tokens"] = generate,
            ["temperature"] = 0,
            ["stream"] = true,
            ["stream_options"] = new { include_usage = true },
        };
        if (_isNoos)
        {
            body["user"] = who;
            body["loop_guard"] = false;
            body["tool_choice"] = "none";
            body["service_tier"] = count is null ? "default" : "flex";
        }
        else
        {
            body["cache_prompt"] = true;
            body["top_k"] = 1;
        }

        var watch = Stopwatch.StartNew();
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = JsonContent.Create(body) };
        // A connection each: llama-server closes those that it has kept just when the next request comes.
        request.Headers.ConnectionClose = true;
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new NoosException(await response.Content.ReadAsStringAsync(cancellationToken));
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var (text, chunks, first) = ("", 0, default(TimeSpan?));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.StartsWith("data: {", StringComparison.Ordinal))
            {
                continue;
            }

            using var json = JsonDocument.Parse(line.AsMemory(6));
            if (json.RootElement.TryGetProperty("error", out var error))
            {
                throw new NoosException(error.ToString());
            }

            if (json.RootElement.GetProperty("choices") is { } choices && choices.GetArrayLength() > 0
                && choices[0].GetProperty("delta").TryGetProperty("content", out var content)
                && content.GetString() is { Length: > 0 } piece)
            {
                first ??= watch.Elapsed;
                text += piece;
                chunks++;
                count?.Invoke(1);
            }

            if (json.RootElement.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object)
            {
                count?.Invoke(usage.GetProperty("completion_tokens").GetInt32() - chunks);
            }
        }

        return (text, first ?? watch.Elapsed);
    }

    static Dictionary<string, string> Message(string role, string text) => new() { ["role"] = role, ["content"] = text };

    static string Words(Random random, int count) =>
        string.Join(' ', Enumerable.Range(0, count).Select(_ => s_words[random.Next(s_words.Length)]));
}
