using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Core.Network;
using Noos.Cpus.ChatClients;
using Noos.Kernel.Cpu;
using OpenAI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Noos.Cpus.Remote;

/// <summary>
/// A model behind an OpenAI-compatible endpoint: <c>http://localhost:8080/v1#model-name</c>. What goes wrong on the way is
/// told as a <see cref="NoosException"/> whose kind says whether trying again can help.
/// </summary>
static class RemoteModel
{
    /// <summary>Whether the model behind an endpoint sees and hears only the endpoint knows, which says so.</summary>
    public const CpuFeatures Media = CpuFeatures.See | CpuFeatures.Hear;

    const string UnnamedModel = "default";

    /// <exception cref="NoosException">The setting is no web address.</exception>
    public static ICpu Open(string setting, NoosOptions options)
    {
        if (!Uri.TryCreate(setting, UriKind.Absolute, out var address))
        {
            throw new NoosException($"'{setting}' is no web address; write it like http://localhost:8080/v1#model-name.");
        }

        // Told now and not with the first question.
        ChatClientCpu.RequireExpressible(options.Defaults);
        var name = Uri.UnescapeDataString(address.Fragment.TrimStart('#'));
        // Endpoints without accounts accept any key, but the client insists on one.
        var key = string.IsNullOrEmpty(options.ApiKey) ? "none" : options.ApiKey;
        var endpoint = new Uri(address.GetLeftPart(UriPartial.Path));
        var client = new ChatClient(
            name.Length == 0 ? UnnamedModel : name,
            new ApiKeyCredential(key),
            new OpenAIClientOptions
            {
                Endpoint = endpoint,
                RetryPolicy = new ClientRetryPolicy(1),
                // The endpoint is where its administrator says, on this machine for the most part; from there nothing leads elsewhere.
                Transport = new HttpClientPipelineTransport(new EgressGuard(
                    EgressOptions.ForService(endpoint) with { UsesSystemProxy = true, FollowsRedirects = false }).CreateClient()),
            });
        return new ChatClientCpu(new PlainFailures(client.AsIChatClient(), endpoint), Usual(options), Media);
    }

    /// <summary>A model elsewhere that nobody told otherwise is greedy, as one here without advice is.</summary>
    static GenerationOptions Usual(NoosOptions options) => options.Defaults with
    {
        Temperature = options.Defaults.Temperature ?? 0,
    };

    /// <summary>Turns failures of the network and refusals of the endpoint into one sentence.</summary>
    sealed class PlainFailures(IChatClient client, Uri endpoint) : DelegatingChatClient(client)
    {
        public override async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await using var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
            var isComplete = false;
            while (await MoveNextAsync(updates))
            {
                isComplete |= updates.Current.FinishReason is not null;
                yield return updates.Current;
            }

            if (!isComplete)
            {
                // A connection that broke, or something else than a model that answers 200.
                throw new NoosException(
                    ErrorKind.Unavailable,
                    $"The answer of the model at {endpoint} ended before it was complete; try again, and check what listens there.");
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
                throw new NoosException(
                    KindOf(exception.Status),
                    $"The model at {endpoint} refused ({exception.Status}): {exception.Message.ReplaceLineEndings(" ")}",
                    exception);
            }
            catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
            {
                throw new NoosException(
                    ErrorKind.Unavailable,
                    $"The model at {endpoint} answered something that is not the chat format of OpenAI; check what listens there.",
                    exception);
            }
            catch (Exception exception)
                when (exception is ClientResultException or HttpRequestException or AggregateException or IOException)
            {
                throw new NoosException(ErrorKind.Unavailable,
                    $"The model at {endpoint} cannot be reached; check the address and whether it is running.", exception);
            }
        }

        /// <summary>What an answer of the endpoint (RFC 9110) means to whoever asked here.</summary>
        static ErrorKind KindOf(int status) => status switch
        {
            401 or 403 => ErrorKind.Refused,
            404 => ErrorKind.NotFound,
            429 => ErrorKind.Busy,
            408 or >= 500 => ErrorKind.Unavailable,
            _ => ErrorKind.Invalid,
        };
    }
}
