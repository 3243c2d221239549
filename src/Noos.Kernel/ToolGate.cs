using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using Noos.Core.Conversations;
using Noos.Core.Schemas;

namespace Noos.Kernel;

/// <summary>
/// The one way from the model to the world: every call is checked against the tool's schema, limited in time and in the length of its
/// result, and handed to <paramref name="record"/>. A failure is an answer too ("Error: ..."), so the model can react to it. Thread-safe.
/// </summary>
/// <param name="limits">What one call may spend.</param>
/// <param name="record">Gets every call when it is over, refused ones included; from any thread.</param>
public sealed class ToolGate(ToolLimits limits, Action<ToolOutcome>? record = null)
{
    /// <summary>Runs one call; throws only when <paramref name="cancellationToken"/> is cancelled.</summary>
    public async ValueTask<ToolOutcome> InvokeAsync(
        AIFunction tool, string callId, AIFunctionArguments arguments, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tool);
        ArgumentNullException.ThrowIfNull(arguments);
        var started = Stopwatch.GetTimestamp();
        var json = ConversationMapping.ToJson(arguments);
        var content = ArgumentSchema.FindFault(tool.JsonSchema, json) is { } fault
            ? ToolResultPart.ErrorPrefix + fault
            : Shorten(await RunAsync(tool, arguments, cancellationToken));
        var isError = content.StartsWith(ToolResultPart.ErrorPrefix, StringComparison.Ordinal);
        var outcome = new ToolOutcome(callId, tool.Name, json, content, isError, Stopwatch.GetElapsedTime(started));
        record?.Invoke(outcome);
        return outcome;
    }

    async Task<string> RunAsync(AIFunction tool, AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            // On a thread of its own, so that the time limit also holds for a tool that never awaits.
            var call = Task.Run(() => tool.InvokeAsync(arguments, deadline.Token).AsTask(), deadline.Token);
            return ConversationMapping.ResultText(await call.WaitAsync(limits.Time, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (TimeoutException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{ToolResultPart.ErrorPrefix}{tool.Name} took longer than {limits.Time.TotalSeconds:0.###} seconds.");
        }
#pragma warning disable CA1031 // Whatever goes wrong inside a tool must reach the model as a result, not end the conversation.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ToolResultPart.ErrorPrefix + FirstLine(exception.Message);
        }
        finally
        {
            await deadline.CancelAsync();
        }
    }

    string Shorten(string content) => content.Length <= limits.ResultLength
        ? content
        : string.Create(CultureInfo.InvariantCulture, $"{WholeCharacters(content, limits.ResultLength)}... (cut off, {content.Length} characters in all)");

    static string WholeCharacters(string text, int length) =>
        text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    static string FirstLine(string message) => message.AsSpan().IndexOfAny('\r', '\n') is >= 0 and var end ? message[..end] : message;
}
