using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>
/// The rules: which effect of which caller may happen, must be asked for, or may not. Once a process has read something foreign, whatever
/// could carry data out or outlast the process is asked for exactly, whatever was allowed in general.
/// </summary>
sealed class EffectJudge(GatePolicy policy, PermissionList permissions, IOwnerPolicy? owners = null)
{
    public EffectVerdict Judge(Effect effect, Caller caller)
    {
        var isWeb = effect.Kind == EffectKind.Fetch;
        var target = TargetOf(effect, caller);
        var remembered = permissions.Find(caller, effect, target);
        if (remembered is { IsGranted: false })
        {
            return EffectVerdict.Deny($"{Sentence(effect)} was refused for good; only that person can change it.");
        }

        if (policy.For(effect) == EffectDecision.Deny)
        {
            return EffectVerdict.Deny($"{Sentence(effect)} is not allowed here: the administrator has closed \"{effect.Capability}\".");
        }

        if (IsInOwnFolder(effect, caller))
        {
            return EffectVerdict.Allow("own folder");
        }

        // Before what a person has allowed: guests cannot allow themselves what is not theirs.
        if (owners?.MayUse(caller.Owner, effect.Capability) == false)
        {
            return EffectVerdict.Deny(
                $"{Sentence(effect)} is closed to {caller.Owner}; the owner of this machine may open it ('noos user limit {caller.Owner} "
                + $"--allow {effect.Capability}').");
        }

        if (remembered is { IsExact: true })
        {
            return EffectVerdict.Allow(Ground(remembered));
        }

        var standing = isWeb ? caller.StandingOf(effect.Target) : AddressStanding.Unknown;
        if (caller.Taint is { } taint)
        {
            if (standing == AddressStanding.Exhausted)
            {
                var links = $"links of {caller.SourceOf(effect.Target)}";
                return permissions.Find(caller, effect, links) is { IsExact: true, IsGranted: true } followed
                    ? EffectVerdict.Allow(Ground(followed))
                    : EffectVerdict.Ask(
                        $"so many {links} were followed already that the choice among them could tell a secret; "
                        + "a lasting answer is for all of these links",
                        links);
            }

            if (CanHarm(effect.Kind) && standing < AddressStanding.Linked)
            {
                return EffectVerdict.Ask($"{Read(taint)}, which may have asked for this", target);
            }
        }

        if (remembered is not null)
        {
            return EffectVerdict.Allow(Ground(remembered));
        }

        // Set by the administrator for the capability as a whole, it holds for known addresses, too.
        var isOpen = standing > AddressStanding.Unknown && !policy.Capabilities.ContainsKey(effect.Capability.Name);
        return isOpen ? EffectVerdict.Allow(standing == AddressStanding.Given ? "address of a person" : "link")
            : policy.For(effect) == EffectDecision.Allow ? EffectVerdict.Allow("policy")
            : EffectVerdict.Ask(isWeb ? "nobody has named this address" : $"it needs \"{effect.Capability}\"", target: null);
    }

    /// <summary>The target in the one spelling in which permissions compare it.</summary>
    public static string TargetOf(Effect effect, Caller caller) => effect switch
    {
        { Kind: EffectKind.Fetch } => WebAddress.TryParse(effect.Target, out var address) ? address.AbsoluteUri : effect.Target,
        _ when IsFile(effect) => OwnFolder.FullPath(effect.Target, caller.Folder),
        _ => effect.Target,
    };

    static bool CanHarm(EffectKind kind) => kind is EffectKind.Fetch or EffectKind.Send or EffectKind.Write or EffectKind.Widen;

    static bool IsFile(Effect effect) => effect.Capability == Capability.ReadFiles || effect.Capability == Capability.WriteFiles;

    static bool IsInOwnFolder(Effect effect, Caller caller) =>
        IsFile(effect) && effect.Kind is EffectKind.Read or EffectKind.Write && caller.Folder is { } folder
            && OwnFolder.Contains(folder, effect.Target);

    static string Ground(PermissionRule permission) => $"permission {permission.Id}";

    static string Read(Origin taint) => taint switch
    {
        Origin.Web => "this conversation has read something from the web",
        Origin.Service => "this conversation has read what a service outside wrote",
        _ => "this conversation has read a file",
    };

    static string Sentence(Effect effect) => $"To {effect.Sentence}";
}

/// <summary>What the rules say of one effect.</summary>
/// <param name="Decision">Allow, ask or deny.</param>
/// <param name="Reason">Why, or on what ground.</param>
/// <param name="Target">What a lasting answer covers; null for the whole kind.</param>
sealed record EffectVerdict(EffectDecision Decision, string Reason, string? Target)
{
    public static EffectVerdict Allow(string ground) => new(EffectDecision.Allow, ground, null);

    public static EffectVerdict Ask(string reason, string? target) => new(EffectDecision.Ask, reason, target);

    public static EffectVerdict Deny(string sentence) => new(EffectDecision.Deny, sentence, null);
}
