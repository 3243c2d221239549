using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Noos.Core;
using Noos.Inference.Sampling;

namespace Noos.Cli.Models;

/// <summary>What a bench asks of llama.cpp's server.</summary>
/// <param name="http">Leads to it.</param>
sealed class LlamaServerClient(HttpClient http)
{
    const string Name = "llama-server";

    // Models with random weights write bytes that are no text. While it streams, it then gives up in the middle; else it says so when all
    // tokens are there.
    const string NoText = "does not match the expected";

    /// <summary>Whether it has loaded its model.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync("health", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return false;
        }
    }

    /// <summary>Generated tokens a second of all streams, the time to read their questions included.</summary>
    /// <param name="questions">Tokens of one question for each stream.</param>
    /// <param name="tokens">Tokens of each answer.</param>
    /// <param name="sampling">How they are drawn.</param>
    public double Measure(IReadOnlyList<int[]> questions, int tokens, SamplingOptions sampling, CancellationToken cancellationToken)
    {
        try
        {
            return Measure(isStreamed: true) ?? Measure(isStreamed: false)
                ?? throw new NoosException(ErrorKind.Unavailable, $"{Name} refused its own answers as no text.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new NoosException(ErrorKind.Unavailable, $"{Name} gave no answer: {e.Message}", e);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new NoosException(ErrorKind.Damaged, $"What {Name} answered is not understood; give the folder of a later llama.cpp.", e);
        }

        double? Measure(bool isStreamed)
        {
            var watch = Stopwatch.StartNew();
            var answers = Task.WhenAll(questions.Select(
                (question, stream) => AnswerAsync(question, stream, tokens, sampling, isStreamed, cancellationToken)));
            return Array.TrueForAll(answers.GetAwaiter().GetResult(), isWhole => isWhole)
                ? questions.Count * tokens / watch.Elapsed.TotalSeconds
                : null;
        }
    }

    /// <summary>Reads one answer to its end; false where the server gave it up as no text.</summary>
    async Task<bool> AnswerAsync(
        int[] question, int stream, int tokens, SamplingOptions sampling, bool isStreamed, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "completion") { Content = JsonContent.Create(Body()) };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var problem = await response.Content.ReadAsStringAsync(cancellationToken);
            return problem.Contains(NoText, StringComparison.Ordinal)
                ? !isStreamed
                : throw new NoosException(ErrorKind.Unavailable, $"{Name} answered {(int)response.StatusCode}: {problem}");
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            var start = isStreamed ? "data: " : "";
            if (line.Length == 0 || !line.StartsWith(start, StringComparison.Ordinal))
            {
                continue;
            }

            using var json = JsonDocument.Parse(line.AsMemory(start.Length));
            if (json.RootElement.TryGetProperty("error", out var error))
            {
                return error.ToString().Contains(NoText, StringComparison.Ordinal)
                    ? false
                    : throw new NoosException(ErrorKind.Unavailable, $"{Name} gave up: {error}");
            }

            if (json.RootElement.GetProperty("stop").GetBoolean())
            {
                var generated = json.RootElement.GetProperty("tokens_predicted").GetInt32();
                return generated == tokens
                    ? true
                    : throw new NoosException(
                        ErrorKind.Unavailable,
                        $"{Name} generated {generated:N0} tokens instead of {tokens:N0}; ask for fewer with --generate.");
            }
        }

        throw new NoosException(ErrorKind.Unavailable, $"{Name} ended its answer too early.");

        // Its own defaults would filter where ours does not; a greedy draw costs it least with top-k 1.
        Dictionary<string, object> Body() => new()
        {
            ["prompt"] = question,
            ["n_predict"] = tokens,
            ["ignore_eos"] = true,
            ["cache_prompt"] = false,
            ["stream"] = isStreamed,
            ["seed"] = stream,
            ["temperature"] = sampling.Temperature,
            ["top_k"] = sampling.Temperature == 0 ? 1 : sampling.TopK,
            ["top_p"] = sampling.TopP,
            ["min_p"] = sampling.MinP,
            ["typical_p"] = sampling.TypicalP,
            ["top_n_sigma"] = sampling.TopNSigma == 0 ? -1 : sampling.TopNSigma,
            ["xtc_probability"] = sampling.XtcProbability,
            ["xtc_threshold"] = sampling.XtcThreshold,
            ["repeat_penalty"] = sampling.RepetitionPenalty,
            ["repeat_last_n"] = sampling.RepetitionWindow,
            ["frequency_penalty"] = sampling.FrequencyPenalty,
            ["presence_penalty"] = sampling.PresencePenalty,
        };
    }
}
