namespace Noos.Kernel.Gate;

/// <summary>What the gate does with an effect that no person has decided on.</summary>
public enum EffectDecision
{
    /// <summary>It may happen.</summary>
    Allow,

    /// <summary>A person is asked.</summary>
    Ask,

    /// <summary>It may not happen, and nobody is asked.</summary>
    Deny,
}
