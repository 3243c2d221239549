using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;

namespace Noos.Cpus.ChatClients;

/// <summary>
/// Any <see cref="IChatClient"/> as a CPU: a model elsewhere. It gets the conversation without the thoughts, which
/// endpoints do not take back, and with files as text.
/// </summary>
/// <param name="client">Owned from now on: disposed with the CPU.</param>
/// <param name="defaults">Used for whatever a request leaves open; null leaves it to the endpoint.</param>
/// <param name="can">What it can do beyond text, such as looking at pictures.</param>
public sealed class ChatClientCpu(
    IChatClient client, GenerationOptions? defaults = null, CpuFeatures can = CpuFeatures.None) : ICpu
{
    const string UnnamedModel = "model";

    public CpuInfo Info { get; } = new(NameOf(client), can) { Defaults = defaults ?? GenerationOptions.Default };

    public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => null;

    /// <exception cref="NoosException">
    /// A grammar or adapters are asked for, which only a model here has; or the endpoint refuses.
    /// </exception>
    public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(turn);
        var options = turn.Options.OrElse(defaults ?? GenerationOptions.Default);
        RequireExpressible(options);
        if (turn.Prompt is not null)
        {
            throw new NoosException(
                "A text that is continued as it stands needs a model on this computer; ask in a chat, or choose a file with --model.")
            {
                Parameter = "prompt",
            };
        }

        var usage = default(UsageDetails);
        var finishReason = default(ChatFinishReason?);
        var hasCalled = false;
        // Few endpoints go on with a message; that a last one is the assistant's many refuse.
        var conversation = turn.ContinuesAnswer
            ? new Conversation([.. turn.Conversation.Messages, Message.User(ProcessTable.ContinueQuestion)])
            : turn.Conversation;
        var messages = Plain(conversation, can.HasFlag(CpuFeatures.See) ? turn.Folder : null).ToChatMessages();
        await foreach (var update in client.GetStreamingResponseAsync(messages, turn.ToChatOptions(options), cancellationToken))
        {
            foreach (var content in update.Contents)
            {
                switch (content)
                {
                    case TextReasoningContent { Text.Length: > 0 } thought:
                        yield return new ThoughtDelta(thought.Text);
                        break;
                    case TextContent { Text.Length: > 0 } text:
                        yield return new TextDelta(text.Text);
                        break;
                    case FunctionCallContent call:
                        hasCalled = true;
                        yield return new ToolCalled(new ToolCallPart(call.Name, ConversationMapping.ToJson(call.Arguments), call.CallId));
                        break;
                    case ScoresContent scores:
                        yield return new TokensScored(scores.Tokens);
                        break;
                    case UsageContent counts:
                        usage = counts.Details;
                        break;
                    default:
                        break;
                }
            }

            finishReason = update.FinishReason ?? finishReason;
        }

        yield return new RunFinished(
            new TokenUsage(usage?.InputTokenCount ?? 0, usage?.CachedInputTokenCount ?? 0, usage?.OutputTokenCount ?? 0),
            finishReason?.Value ?? (hasCalled ? FinishReasons.ToolCalls : FinishReasons.Stop),
            options.Seed);
    }

    public object? GetService(Type serviceType)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceType.IsInstanceOfType(this) ? this : client.GetService(serviceType);
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Refuses what only a model here can do: the endpoint would not hear of it.</summary>
    internal static void RequireExpressible(GenerationOptions options)
    {
        var (field, what) = options switch
        {
            { ResponseFormat.Grammar: not null } => ("grammar", "A grammar needs"),
            { ResponseFormat.Extractive: not null } => ("response_format", "An extractive answer needs"),
            { AdapterScales.Count: > 0 } => ("lora", "Adapters need"),
            { MinP: not null } => ("min_p", "The option min-p needs"),
            { TopNSigma: not null } => ("top_n_sigma", "The option top-n-sigma needs"),
            { TypicalP: not null } => ("typical_p", "The option typical-p needs"),
            { XtcProbability: not null } => ("xtc_probability", "XTC needs"),
            { XtcThreshold: not null } => ("xtc_threshold", "XTC needs"),
            { DryMultiplier: not null } => ("dry_multiplier", "DRY needs"),
            { DryBase: not null } => ("dry_base", "DRY needs"),
            { DryAllowedLength: not null } => ("dry_allowed_length", "DRY needs"),
            { DryWindow: not null } => ("dry_penalty_last_n", "DRY needs"),
            { DryBreakers: not null } => ("dry_sequence_breakers", "DRY needs"),
            { RepetitionPenalty: not null } => ("repeat_penalty", "The repeat penalty needs"),
            { RepetitionWindow: not null } => ("repeat_last_n", "The repeat penalty needs"),
            { LogitBias.Count: > 0 } => ("logit_bias", "Biases of tokens need"),
            { TopLogProbabilities: not null } => ("logprobs", "Log probabilities need"),
            { DraftTokens: > 0 } => ("draft_tokens", "Draft tokens need"),
            { ReasoningEffort: not null } => ("reasoning_effort", "The effort of reasoning needs"),
            { TemplateVariables.Count: > 0 } => ("chat_template_kwargs", "Variables of the chat template need"),
            _ => (null, ""),
        };
        if (field is not null)
        {
            throw new NoosException(ErrorKind.Invalid, $"{what} a model on this computer; leave it out, or choose a file with --model.")
            {
                Parameter = field,
            };
        }
    }

    static string NameOf(IChatClient client) =>
        (client.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata)?.DefaultModelId ?? UnnamedModel;

    /// <summary>
    /// Endpoints take no thoughts back, and few take files: those are told as text where we have it, and pictures shown to who sees.
    /// </summary>
    /// <param name="conversation">As it is kept.</param>
    /// <param name="pictures">The folder with its pictures; null where they are told as text, too.</param>
    static Conversation Plain(Conversation conversation, string? pictures) =>
        conversation.Messages.Any(message => message.Parts.Any(part => part is ThoughtPart or FilePart { Text: not null }))
        ? new([.. conversation.Messages
            .Select(message => message with
            {
                Parts =
                [
                    .. message.Parts.Where(part => part is not ThoughtPart)
                        .Select(part => part is FilePart { Text: not null } file
                            ? ShownPicture.Find(file, pictures) ?? file.ToTextPart()
                            : part),
                ],
            })
            .Where(message => message.Parts.Count > 0)])
        : conversation;
}
