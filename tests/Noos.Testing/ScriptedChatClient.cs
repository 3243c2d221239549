using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Noos.Testing;

/// <summary>
/// A model that says what the script says: one reply a run, in order, the last one again and again. Keeps what it was asked.
/// </summary>
public sealed class ScriptedChatClient(params IReadOnlyList<AIContent>[] replies) : IChatClient
{
    readonly ChatClientMetadata _metadata = new("scripted", defaultModelId: "scripted");
    int _run;

    public List<IReadOnlyList<ChatMessage>> Requests { get; } = [];

    public List<ChatOptions?> Options { get; } = [];

    /// <summary>Awaited before every piece: lets a test hold the model up.</summary>
    public Func<CancellationToken, Task>? BeforePiece { get; set; }

    public bool WasCancelled { get; private set; }

    public static FunctionCallContent Call(string id, string name, string key, object? value) =>
        new(id, name, new Dictionary<string, object?>(StringComparer.Ordinal) { [key] = value });

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Requests.Add([.. messages]);
        Options.Add(options);
        var reply = replies[Math.Min(_run++, replies.Length - 1)];
        foreach (var content in reply)
        {
            if (BeforePiece is not null)
            {
                using var watch = cancellationToken.Register(() => WasCancelled = true);
                await BeforePiece(cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (content is ErrorContent { RawRepresentation: Exception fault })
            {
                throw fault;
            }

            yield return new ChatResponseUpdate(ChatRole.Assistant, [content]);
        }

        yield return new ChatResponseUpdate(ChatRole.Assistant,
            [new UsageContent(
                new UsageDetails
                {
                    InputTokenCount = 10,
                    CachedInputTokenCount = 4,
                    OutputTokenCount = reply.Count,
                    TotalTokenCount = 10 + reply.Count,
                })])
        {
            FinishReason = reply.OfType<FunctionCallContent>().Any() ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType == typeof(ScriptedChatClient) ? this : null;

    public void Dispose()
    {
    }
}
