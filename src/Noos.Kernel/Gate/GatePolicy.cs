using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>What the administrator has decided ahead of all persons.</summary>
public sealed record GatePolicy
{
    /// <summary>
    /// By the name of a capability: allowed and denied without a question, or asked for always. What is left out is as
    /// <see cref="For(Effect)"/> says. No rule here lets foreign content carry data out: that always asks.
    /// </summary>
    public IReadOnlyDictionary<string, EffectDecision> Capabilities { get; init; } =
        new Dictionary<string, EffectDecision>(StringComparer.Ordinal);

    /// <summary>Whether the administrator has closed a capability.</summary>
    public bool Denies(Capability capability)
    {
        ArgumentNullException.ThrowIfNull(capability);
        return Capabilities.TryGetValue(capability.Name, out var chosen) && chosen == EffectDecision.Deny;
    }

    /// <summary>False lets everything pass. For tests that show what an attack would do.</summary>
    internal bool IsEnforced { get; init; } = true;

    /// <summary>What is to be done with an effect while nothing foreign was read.</summary>
    internal EffectDecision For(Effect effect) =>
        Capabilities.TryGetValue(effect.Capability.Name, out var chosen) ? chosen : (effect.Capability.Name, effect.Kind) switch
        {
            ("net", EffectKind.Query) => EffectDecision.Allow,
            ("code", EffectKind.Run) => EffectDecision.Allow,
            ("memory", EffectKind.Read or EffectKind.Write or EffectKind.Propose) => EffectDecision.Allow,
            ("spawn", EffectKind.Spawn) => EffectDecision.Allow,
            ("speaker" or "painter", EffectKind.Run) => EffectDecision.Allow,
            _ => EffectDecision.Ask,
        };
}
