using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Inference.Sampling;
using OpenAI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Noos.Cpus.Remote;

/// <summary>
/// A model behind an OpenAI-compatible endpoint: <c>http://localhost:8080/v1#model-name</c>. The key is the variable OPENAI_API_KEY.
/// What goes wrong on the way is told as a <see cref="NoosException"/>.
/// </summary>
static class RemoteModel
{
    const string KeyVariable = "OPENAI_API_KEY";
    const string UnnamedModel = "default";

    public static IChatClient Open(string setting, SamplingOptions? defaults)
    {
        if (!Uri.TryCreate(setting, UriKind.Absolute, out var address))
        {
            throw new NoosException($"'{setting}' is no web address; write it like http://localhost:8080/v1#model-name.");
        }

        var name = Uri.UnescapeDataString(address.Fragment.TrimStart('#'));
        var key = Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } given ? given : "none";
        var endpoint = new Uri(address.GetLeftPart(UriPartial.Path));
        var client = new ChatClient(
            name.Length == 0 ? UnnamedModel : name,
            new ApiKeyCredential(key),
            new OpenAIClientOptions { Endpoint = endpoint, RetryPolicy = new ClientRetryPolicy(1) });
        return new ConfigureOptionsChatClient(new PlainFailures(client.AsIChatClient(), endpoint), options =>
        {
            options.Temperature ??= defaults?.Temperature;
            options.TopP ??= defaults is { TopP: < 1 } ? defaults.TopP : null;
            options.FrequencyPenalty ??= defaults is { FrequencyPenalty: not 0 } ? defaults.FrequencyPenalty : null;
            options.PresencePenalty ??= defaults is { PresencePenalty: not 0 } ? defaults.PresencePenalty : null;
            options.Seed ??= defaults?.Seed is { } seed ? unchecked((long)seed) : null;
        });
    }

    /// <summary>Turns failures of the network and refusals of the endpoint into one sentence.</summary>
    sealed class PlainFailures(IChatClient client, Uri endpoint) : DelegatingChatClient(client)
    {
        public override async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await using var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await MoveNextAsync(updates))
            {
                yield return updates.Current;
            }
        }

        async Task<bool> MoveNextAsync(IAsyncEnumerator<ChatResponseUpdate> updates)
        {
            try
            {
                return await updates.MoveNextAsync();
            }
            catch (ClientResultException exception) when (exception.Status > 0)
            {
                throw new NoosException($"The model at {endpoint} refused ({exception.Status}): {exception.Message.ReplaceLineEndings(" ")}", exception);
            }
            catch (Exception exception) when (exception is ClientResultException or HttpRequestException or AggregateException or IOException)
            {
                throw new NoosException(ErrorKind.Unavailable, $"The model at {endpoint} cannot be reached; check the address and whether it is running.", exception);
            }
        }
    }
}
