using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core.Conversations;
using Noos.Core.Schemas;
using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>
/// The one way from the model to the world: every call is checked against the tool's schema, limited in time and in the length of its
/// result, and recorded. A failure is an answer too, marked as an error, so the model can react to it. Thread-safe.
/// </summary>
/// <remarks>
/// A tool runs on a thread of the pool, because some never await. At the time limit its token is cancelled and the model gets an answer at
/// once; a tool that does not look at its token keeps its thread until it returns, and what it then returns is dropped.
/// </remarks>
/// <param name="limits">What one call may spend.</param>
/// <param name="record">Gets every call when it is over, refused ones included; from any thread.</param>
/// <param name="timeProvider">The clock of the time limit.</param>
/// <param name="logger">Told of tools that fail or take too long.</param>
public sealed class ToolGate(
    ToolLimits limits, Action<ToolOutcome>? record = null, TimeProvider? timeProvider = null, ILogger? logger = null)
{
    readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    readonly ILogger _logger = logger ?? NullLogger.Instance;

    /// <summary>What one call, and one answer, may spend.</summary>
    public ToolLimits Limits => limits;

    /// <summary>Runs one call; throws only when <paramref name="cancellationToken"/> is cancelled.</summary>
    public async ValueTask<ToolOutcome> InvokeAsync(
        ITool tool, ToolCallPart call, IToolContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tool);
        ArgumentNullException.ThrowIfNull(call);
        using var span = Telemetry.StartTool(call);
        var started = _timeProvider.GetTimestamp();
        var result = JsonSchemaValidator.FindFault(tool.Declaration.Parameters, call.Arguments) is { } fault
            ? ToolResult.Error(fault)
            : Shorten(await RunAsync(tool, call, context, cancellationToken));
        var outcome = new ToolOutcome(call, result, _timeProvider.GetElapsedTime(started));
        Telemetry.EndTool(span, outcome);
        record?.Invoke(outcome);
        return outcome;
    }

    async Task<ToolResult> RunAsync(ITool tool, ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var running = Task.Run(() => tool.InvokeAsync(call, context, stop.Token).AsTask(), stop.Token);
            return await running.WaitAsync(limits.Time, _timeProvider, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (TimeoutException)
        {
            Log.ToolTimedOut(_logger, call.Name, limits.Time);
            return ToolResult.Error(
                string.Create(CultureInfo.InvariantCulture, $"{call.Name} took longer than {limits.Time.TotalSeconds:0.###} seconds."));
        }
        catch (ToolException refusal)
        {
            return ToolResult.Error(FirstLine(refusal.Message));
        }
#pragma warning disable CA1031 // Whatever goes wrong inside a tool must reach the model as a result, not end the conversation.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.ToolFailed(_logger, call.Name, exception);
            return ToolResult.Error(FirstLine(exception.Message));
        }
        finally
        {
            // Also at the time limit: the tool hears that nobody waits any more.
            await stop.CancelAsync();
        }
    }

    /// <summary>Cuts the texts off where all together become too long; other parts stay.</summary>
    ToolResult Shorten(ToolResult result)
    {
        var length = result.Parts.OfType<TextPart>().Sum(part => part.Text.Length);
        if (length <= limits.ResultLength)
        {
            return result;
        }

        var left = limits.ResultLength;
        var parts = new List<Part>();
        foreach (var part in result.Parts)
        {
            if (part is not TextPart text)
            {
                parts.Add(part);
            }
            else if (left > 0)
            {
                var isCut = text.Text.Length > left || ReferenceEquals(text, result.Parts.OfType<TextPart>().Last());
                var shown = WholeCharacters(text.Text, Math.Min(left, text.Text.Length));
                var note = string.Create(CultureInfo.InvariantCulture, $"... (cut off, {length} characters in all)");
                parts.Add(text with { Text = isCut ? shown + note : shown });
                left = isCut ? 0 : left - text.Text.Length;
            }
        }

        return result with { Parts = parts };
    }

    static string WholeCharacters(string text, int length) =>
        text[..(length > 0 && length < text.Length && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    static string FirstLine(string message) => message.AsSpan().IndexOfAny('\r', '\n') is >= 0 and var end ? message[..end] : message;
}
