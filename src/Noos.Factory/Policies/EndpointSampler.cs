using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Network;
using Noos.Factory.Models;
using Noos.Training.Model;
using Noos.Training.Reinforcement;

namespace Noos.Factory.Policies;

/// <summary>How answers are drawn by an engine elsewhere.</summary>
/// <param name="Address">The endpoint, such as <c>http://localhost:8000/v1</c>.</param>
/// <param name="Model">What the engine calls the model.</param>
/// <param name="WeightsPath">The weights of the policy are written there, where the engine reads them.</param>
public sealed record EndpointSamplerOptions(Uri Address, string Model, string WeightsPath)
{
    /// <summary>
    /// Asked (POST, <c>{"model", "path"}</c>) to take the weights in, whenever they are new; null where the engine watches the file.
    /// </summary>
    public Uri? Reload { get; init; }

    /// <summary>The key of the endpoint; null for none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>How long one answer may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>
/// Lets a policy answer with any engine that speaks OpenAI's completions with token ids and log-probabilities, as vLLM does
/// (<c>prompt</c> as ids, <c>return_tokens_as_token_ids</c>): for larger models, whose answers a GPU draws. The engine is given the weights
/// before each iteration. Whether the same seed gives the same answers is the engine's affair; a killed run learns from its files alike.
/// </summary>
/// <remarks>Used by one thread; requests run together, as many as <see cref="SamplerOptions.Parallel"/> says.</remarks>
public sealed class EndpointSampler : IPolicySampler, IDisposable
{
    readonly TrainableModel _model;
    readonly SamplerOptions _options;
    readonly EndpointSamplerOptions _endpoint;
    readonly EgressGuard _guard;
    readonly HttpClient _http;

    /// <param name="model">Vocabulary and shape of the policy.</param>
    /// <param name="options">How answers are drawn.</param>
    /// <param name="endpoint">Where.</param>
    public EndpointSampler(TrainableModel model, SamplerOptions options, EndpointSamplerOptions endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        (_model, _options, _endpoint) = (model, options, endpoint);
        var service = EgressOptions.ForService(endpoint.Address);
        _guard = new EgressGuard(service with
        {
            PrivateHosts =
            [
                .. service.PrivateHosts,
                .. endpoint.Reload is { } reload ? [EgressOptions.HostAndPort(reload)] : Array.Empty<string>(),
            ],
            FollowsRedirects = false,
            Timeout = endpoint.Timeout,
        });
        _http = _guard.CreateClient();
        if (endpoint.ApiKey is { } key)
        {
            _http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        }
    }

    public IReadOnlyList<Rollout> Sample(
        Parameters policy, IReadOnlyList<RolloutPrompt> prompts, int answers, ulong seed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(prompts);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_endpoint.WeightsPath))!);
        _model.Write(_endpoint.WeightsPath, policy, _options.Type);

        // The caller has a thread of its own, and has nothing else to do meanwhile.
        return SampleAsync(prompts, answers, seed, cancellationToken).GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _http.Dispose();
        _guard.Dispose();
    }

    async Task<IReadOnlyList<Rollout>> SampleAsync(
        IReadOnlyList<RolloutPrompt> prompts, int answers, ulong seed, CancellationToken cancellationToken)
    {
        if (_endpoint.Reload is { } reload)
        {
            _ = await PostAsync(reload, new { model = _endpoint.Model, path = _endpoint.WeightsPath }, cancellationToken);
        }

        using var room = new SemaphoreSlim(_options.Parallel);
        return await Task.WhenAll(prompts.SelectMany((prompt, index) => Enumerable.Range(0, answers).Select(async answer =>
        {
            await room.WaitAsync(cancellationToken);
            try
            {
                return await AnswerAsync(prompt, Seeds.Mix(seed, ((ulong)index * (ulong)answers) + (ulong)answer), cancellationToken);
            }
            finally
            {
                room.Release();
            }
        })));
    }

    async Task<Rollout> AnswerAsync(RolloutPrompt prompt, ulong seed, CancellationToken cancellationToken)
    {
        // From the very distribution that is trained: nothing that the engine adds by itself. Seeds are signed there.
        using var answer = await PostAsync(
            new Uri(_endpoint.Address.ToString().TrimEnd('/') + "/completions"),
            new
            {
                model = _endpoint.Model,
                prompt = prompt.Tokens,
                n = 1,
                max_tokens = _options.MaxTokens,
                temperature = _options.Temperature,
                top_p = 1,
                top_k = 0,
                min_p = 0,
                repetition_penalty = 1,
                seed = (long)(seed & long.MaxValue),
                logprobs = 1,
                return_tokens_as_token_ids = true,
                skip_special_tokens = false,
                stop_token_ids = new[] { _model.Tokenizer.EndOfTurn },
            },
            cancellationToken);
        try
        {
            var choice = answer.RootElement.GetProperty("choices")[0];
            var drawn = choice.GetProperty("logprobs");
            int[] tokens = [.. drawn.GetProperty("tokens").EnumerateArray().Select(token => TokenOf(token.GetString()!))];
            float[] scores = [.. drawn.GetProperty("token_logprobs").EnumerateArray().Select(score => score.GetSingle())];
            var isEnded = choice.GetProperty("finish_reason").GetString() == "stop";
            if (tokens.Length != scores.Length)
            {
                throw new FormatException($"{tokens.Length} tokens have {scores.Length} log-probabilities");
            }

            // Engines differ in whether the end is one of the tokens; without it nobody knows how likely it was.
            var hasEnd = tokens.Length > 0 && tokens[^1] == _model.Tokenizer.EndOfTurn;
            return new Rollout(
                prompt.Number, [.. prompt.Tokens, .. tokens, .. isEnded && !hasEnd ? [_model.Tokenizer.EndOfTurn] : Array.Empty<int>()],
                prompt.Tokens.Length, isEnded)
            {
                LogProbabilities = scores,
            };
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException
            or IndexOutOfRangeException or ArgumentNullException)
        {
            throw new NoosException(
                ErrorKind.Damaged,
                $"{_endpoint.Address} gives no tokens with log-probabilities ({exception.Message.TrimEnd('.')}); use an engine that knows "
                + "'return_tokens_as_token_ids', such as vLLM.", exception);
        }
    }

    // "token_id:123", as vLLM writes it.
    int TokenOf(string token)
    {
        const string Prefix = "token_id:";
        return token.StartsWith(Prefix, StringComparison.Ordinal)
            && int.TryParse(token.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && id < _model.Tokenizer.VocabularySize
            ? id
            : throw new FormatException($"'{token}' is no token id of the vocabulary");
    }

    async Task<JsonDocument> PostAsync(Uri address, object body, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.PostAsJsonAsync(address, body, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new NoosException(
                    ErrorKind.Unavailable,
                    $"{address} answers with {(int)response.StatusCode}: {text.ReplaceLineEndings(" ").Trim()}; the run goes on from here "
                    + "when it is started again.");
            }

            return text.Length == 0 ? JsonDocument.Parse("{}") : JsonDocument.Parse(text);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new NoosException(
                ErrorKind.Unavailable,
                $"{address} cannot be reached or does not speak the API: {exception.Message.TrimEnd('.')}; the run goes on from here when "
                + "it is started again.", exception);
        }
    }
}
