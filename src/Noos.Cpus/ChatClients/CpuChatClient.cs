using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;

namespace Noos.Cpus.ChatClients;

/// <summary>
/// Any CPU as an <see cref="IChatClient"/>, for pipelines of Microsoft.Extensions.AI. What <see cref="ChatOptions"/> has no name for is
/// said with our own options: <c>new ChatOptions { RawRepresentationFactory = _ => new GenerationOptions { MinP = 0.1f } }</c>.
/// Thread-safe.
/// </summary>
/// <param name="cpu">Runs the model.</param>
/// <param name="ownsCpu">Whether it is disposed with the client.</param>
public sealed class CpuChatClient(ICpu cpu, bool ownsCpu = true) : IChatClient
{
    readonly ChatClientMetadata _metadata = new("noos", defaultModelId: cpu.Info.Name);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        options ??= new ChatOptions();
        var turn = new Turn(WithInstructions(messages.ToConversation(), options))
        {
            Tools = options.ToDeclarations(),
            ToolChoice = options.ToToolChoice(),
            HasParallelCalls = options.AllowMultipleToolCalls != false,
            Options = options.ToGenerationOptions(this),
        };
        var responseId = Guid.NewGuid().ToString("N");
        await foreach (var item in cpu.RunAsync(turn, cancellationToken))
        {
            if (item is RunStarted)
            {
                continue;
            }

            yield return new ChatResponseUpdate(ChatRole.Assistant, [ToContent(item)])
            {
                FinishReason = item is RunFinished finished ? new ChatFinishReason(finished.FinishReason) : null,
                ResponseId = responseId,
                MessageId = responseId,
                ModelId = cpu.Info.Name,
                RawRepresentation = item,
            };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : cpu.GetService(serviceType);
    }

    public void Dispose()
    {
        if (ownsCpu)
        {
            // The contract of IChatClient has no other way to wait for the answers under way.
            cpu.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    static AIContent ToContent(CpuEvent item) => item switch
    {
        TextDelta text => new TextContent(text.Text),
        ThoughtDelta thought => new TextReasoningContent(thought.Text),
        ToolCalled called => ConversationMapping.ToContent(called.Call),
        TokensScored scores => new ScoresContent(scores.Tokens),
        RunFinished finished => new UsageContent(new UsageDetails
        {
            InputTokenCount = finished.Usage.PromptTokens,
            CachedInputTokenCount = finished.Usage.CachedTokens,
            OutputTokenCount = finished.Usage.GeneratedTokens,
            TotalTokenCount = finished.Usage.PromptTokens + finished.Usage.GeneratedTokens,
        }),
        _ => throw new NotSupportedException($"A {item.GetType().Name} has no counterpart in a chat message."),
    };

    static Conversation WithInstructions(Conversation conversation, ChatOptions options) =>
        string.IsNullOrEmpty(options.Instructions) ? conversation : new([Message.System(options.Instructions), .. conversation.Messages]);
}
