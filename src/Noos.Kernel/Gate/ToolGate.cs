using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Network;
using Noos.Core.Schemas;
using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>
/// The one way from the model to the world. Every call is checked against the tool's schema; what it will do is judged, and a person asked
/// where that must be; then it runs, limited in time, in the length of its result, and in where its requests go; and it is recorded. A
/// refusal or failure is an answer too, marked as an error, so the model can react to it. Thread-safe.
/// </summary>
/// <remarks>
/// A tool runs on a thread of the pool, because some never await. At the time limit its token is cancelled and the model gets an answer at
/// once; a tool that does not look at its token keeps its thread until it returns, and what it then returns is dropped.
/// </remarks>
/// <param name="limits">What one call may spend.</param>
/// <param name="record">Gets every call when it is over, refused ones included; from any thread.</param>
/// <param name="timeProvider">The clock of the time limit.</param>
/// <param name="logger">Told of tools that fail or take too long.</param>
/// <param name="policy">What is allowed without a question.</param>
/// <param name="approver">Who is asked for calls without a process; nobody if it is left out.</param>
/// <param name="egress">The way out for tools; public addresses alone if it is left out.</param>
public sealed class ToolGate(
    ToolLimits limits,
    Action<ToolOutcome>? record = null,
    TimeProvider? timeProvider = null,
    ILogger? logger = null,
    GatePolicy? policy = null,
    IApprover? approver = null,
    EgressGuard? egress = null)
{
    // More than this no page needs to offer, and the journal keeps them all.
    const int MaxLinks = 500;

    static readonly Lazy<EgressGuard> s_publicEgress = new(() => new EgressGuard());

    readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    readonly ILogger _logger = logger ?? NullLogger.Instance;
    readonly GatePolicy _policy = policy ?? new GatePolicy();

    /// <summary>What one call, and one answer, may spend.</summary>
    public ToolLimits Limits => limits;

    /// <summary>What persons have decided so far.</summary>
    public PermissionList Permissions { get; } = new();

    /// <summary>What owners may do who are not the one whose machine this is; null where all may do the same.</summary>
    public IOwnerPolicy? Owners { get; set; }

    /// <summary>
    /// Why an effect may not happen, although a person does it with their own hands, which is an answer to every question; null where it
    /// may. For devices, such as a microphone whose button somebody presses.
    /// </summary>
    public string? FindRefusal(Effect effect, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(effect);
        ArgumentNullException.ThrowIfNull(caller);
        var verdict = new EffectJudge(_policy, Permissions, Owners).Judge(effect, caller);
        return verdict.Decision == EffectDecision.Deny ? verdict.Reason : null;
    }

    /// <summary>
    /// Checks and runs one call; throws only when <paramref name="cancellationToken"/> is cancelled. A question that is answered later
    /// counts as refused here.
    /// </summary>
    public async ValueTask<ToolOutcome> InvokeAsync(
        ITool tool, ToolCallPart call, Caller caller, CancellationToken cancellationToken = default) =>
        await RunAsync(await AuthorizeAsync(tool, call, caller, cancellationToken), cancellationToken);

    /// <summary>
    /// Decides whether a call may run, asking a person where that must be. Nothing has happened when this returns. Throws only when
    /// <paramref name="cancellationToken"/> is cancelled, or the approver fails.
    /// </summary>
    public async ValueTask<Authorization> AuthorizeAsync(
        ITool tool, ToolCallPart call, Caller caller, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tool);
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(caller);
        var (effects, fault) = FindEffects(tool, call, caller);
        var authorization = new Authorization(tool, call, caller, effects) { Refusal = fault };
        if (fault is not null || !_policy.IsEnforced)
        {
            return authorization;
        }

        var judge = new EffectJudge(_policy, Permissions, Owners);
        EffectVerdict[] verdicts = [.. effects.Select(effect => judge.Judge(effect, caller))];
        if (Array.Find(verdicts, verdict => verdict.Decision == EffectDecision.Deny) is { Reason: { } refusal })
        {
            return authorization with { Refusal = refusal };
        }

        AskedEffect[] asked =
        [
            .. effects.Zip(verdicts).Where(pair => pair.Second.Decision == EffectDecision.Ask)
                .Select(pair => new AskedEffect(pair.First, pair.Second.Reason, pair.Second.Target)),
        ];
        var ground = "";
        if (asked.Length > 0)
        {
            var request = new ApprovalRequest(caller, call, asked);
            var approval = await (caller.Approver ?? approver ?? NobodyApprover.Instance).AskAsync(request, cancellationToken);
            if (approval is { IsRecorded: false })
            {
                foreach (var rule in request.Remember(approval))
                {
                    Permissions.Add(rule);
                }
            }

            if (approval is not { IsGranted: true })
            {
                return authorization with
                {
                    Refusal = approval?.Reason ?? $"A person has not allowed this: {string.Join("; ", asked.Select(Sentence))}.",
                    IsPending = approval is null,
                };
            }

            ground = $"a person, {approval.Scope}";
        }

        return authorization with
        {
            Grounds =
            [
                .. effects.Zip(verdicts, (effect, verdict) =>
                    $"{effect.Sentence}: {(verdict.Decision == EffectDecision.Ask ? ground : verdict.Reason)}"),
            ],
            FreeRedirects =
            [
                .. effects.Where(effect => effect.Kind == EffectKind.Fetch
                    && (caller.Taint is null || caller.StandingOf(effect.Target) > AddressStanding.Unknown))
                    .Select(effect => effect.Target),
            ],
        };

        static string Sentence(AskedEffect asked) => asked.Effect.Sentence;
    }

    /// <summary>
    /// Runs a call that <see cref="AuthorizeAsync"/> has decided on; one that it refused is answered with the reason. Throws only when
    /// <paramref name="cancellationToken"/> is cancelled.
    /// </summary>
    public ValueTask<ToolOutcome> RunAsync(Authorization authorization, CancellationToken cancellationToken = default) =>
        RunAsync(authorization, report: null, cancellationToken);

    /// <inheritdoc cref="RunAsync(Authorization, CancellationToken)"/>
    /// <param name="authorization">The decision.</param>
    /// <param name="report">Told of what the call has to say while it runs, from any thread.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    public async ValueTask<ToolOutcome> RunAsync(
        Authorization authorization, Action<string>? report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(authorization);
        var call = authorization.Call;
        using var span = Telemetry.StartTool(call);
        var started = _timeProvider.GetTimestamp();
        var result = authorization.Refusal is { } refusal
            ? ToolResult.Error(refusal)
            : Shorten(Label(await InvokeAsync(authorization, report, cancellationToken), authorization));
        var outcome = new ToolOutcome(call, result, _timeProvider.GetElapsedTime(started));
        Telemetry.EndTool(span, outcome);
        record?.Invoke(outcome);
        return outcome;
    }

    /// <summary>What a call will do, or why it cannot run.</summary>
    (IReadOnlyList<Effect> Effects, string? Fault) FindEffects(ITool tool, ToolCallPart call, Caller caller)
    {
        if (call.Arguments.GetRawText().Length > limits.ArgumentLength)
        {
            return ([], string.Create(
                CultureInfo.InvariantCulture, $"The arguments of {call.Name} are longer than {limits.ArgumentLength} characters."));
        }

        if (JsonSchemaValidator.FindFault(tool.Declaration.Parameters, call.Arguments) is { } fault)
        {
            return ([], fault);
        }

        try
        {
            using var context = new ToolContext(
                caller, _timeProvider, Egress,
                _policy.IsEnforced ? _ => $"{call.Name} may not open anything before it was allowed to." : null)
            {
                IsGuest = Owners?.IsGuest(caller.Owner) == true,
            };
            var effects = tool.EffectsOf(call, context);
            return effects is null && tool.Needs.Count > 0 && _policy.IsEnforced
                ? ([], $"{call.Name} does not say what its calls do, so they are not allowed.")
                : effects?.FirstOrDefault(effect => !tool.Needs.Contains(effect.Capability)) is { } undeclared && _policy.IsEnforced
                    ? ([], $"{call.Name} does not say that it needs \"{undeclared.Capability}\", so it may not {undeclared.Sentence}.")
                    : (effects ?? [], null);
        }
        catch (ToolException refusal)
        {
            return ([], FirstLine(refusal.Message));
        }
#pragma warning disable CA1031 // As when it runs: it must reach the model as a result, and a call whose effects are unknown never runs.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.ToolFailed(_logger, call.Name, ExceptionTrace.Describe(exception));
            return ([], FirstLine(exception.Message));
        }
    }

    EgressGuard Egress() => egress ?? s_publicEgress.Value;

    async Task<ToolResult> InvokeAsync(
        Authorization authorization, Action<string>? report, CancellationToken cancellationToken)
    {
        var (tool, call) = (authorization.Tool, authorization.Call);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var context = new ToolContext(
            authorization.Caller, _timeProvider, Egress, _policy.IsEnforced ? new CallEgress(authorization).Refuse : null, report)
        {
            IsGuest = Owners?.IsGuest(authorization.Caller.Owner) == true,
        };
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
            Log.ToolFailed(_logger, call.Name, ExceptionTrace.Describe(exception));
            return ToolResult.Error(FirstLine(exception.Message));
        }
        finally
        {
            // Also at the time limit: the tool hears that nobody waits any more.
            await stop.CancelAsync();
        }
    }

    /// <summary>
    /// Says where a result comes from if the tool does not, and keeps those of its links that nobody in the process can have made up.
    /// </summary>
    static ToolResult Label(ToolResult result, Authorization authorization)
    {
        var (effects, caller) = (authorization.Effects, authorization.Caller);
        Origin? origin = result.Origin;
        foreach (var effect in effects)
        {
            origin = origin.LessTrusted(effect switch
            {
                { Kind: EffectKind.Fetch or EffectKind.Query or EffectKind.Send } =>
                    effect.Capability == Capability.Network ? Origin.Web : Origin.Service,
                { Kind: EffectKind.Read } => effect.Capability == Capability.Memory ? null : Origin.File,
                _ => null,
            });
        }

        var isFromAgent = authorization.Tool.Needs.Contains(Capability.Spawn);
        return result with
        {
            Origin = (isFromAgent ? origin.LessTrusted(caller.TaintBelow) : origin) ?? Origin.Tool,
            Links = LinksOf(result, authorization, isFromAgent),
            LinkSource = effects.FirstOrDefault(effect => effect.Kind == EffectKind.Fetch) is { } fetched
                ? caller.SourceOf(fetched.Target)
                : null,
        };
    }

    static IReadOnlyList<string> LinksOf(ToolResult result, Authorization authorization, bool isFromAgent)
    {
        // What code printed, a file held or a service was told to say may be the model's own words.
        if (result.Links.Count == 0
            || authorization.Effects.Any(effect => effect.Kind is not (EffectKind.Fetch or EffectKind.Query or EffectKind.Spawn)))
        {
            return [];
        }

        var said = Uri.UnescapeDataString(string.Join('\n', StringsIn(authorization.Call.Arguments)));
        return
        [
            .. result.Links.Where(link => WebAddress.TryParse(link, out var address) && !IsEcho(address)
                && (!isFromAgent || authorization.Caller.IsKnownBelow(link))).Take(MaxLinks),
        ];

        // An address that the call itself had in its arguments was not found, only repeated.
        bool IsEcho(Uri address)
        {
            var spelling = Uri.UnescapeDataString(address.Authority + address.PathAndQuery).TrimEnd('/');
            return said.Contains(spelling, StringComparison.OrdinalIgnoreCase);
        }
    }

    static IEnumerable<string> StringsIn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(StringsIn),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => StringsIn(property.Value).Prepend(property.Name)),
        _ => [],
    };

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
