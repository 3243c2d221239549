using System.CommandLine;
using System.CommandLine.Parsing;
using Noos.Core.Network;
using Noos.Core.Settings;
using Noos.Core.Tools;
using Noos.Kernel.Gate;
using Noos.Tools.Search;

namespace Noos.Cli.Permissions;

/// <summary>What tools may do without a question: the options of every command that runs a model with its tools.</summary>
sealed class GateFlags
{
    readonly Option<string[]> _allow = Capabilities(
        "--allow",
        "Let tools use a capability without asking, such as camera or mcp:github; can be given several times. What they have read still "
        + "cannot make them send or keep anything unasked.");

    readonly Option<string[]> _ask = Capabilities("--ask", "Always ask before tools use a capability, such as net or memory.");

    readonly Option<string[]> _deny = Capabilities("--deny", "Let no tool use a capability, such as net or code, and ask nobody.");

    readonly PrivateHostOption _privateHosts = new("A host that tools may reach although it is not on the public internet");

    public IReadOnlyList<Option> All => [_allow, _ask, _deny, _privateHosts];

    public GatePolicy Policy(ParseResult parsed)
    {
        var chosen = new Dictionary<string, EffectDecision>(StringComparer.Ordinal);
        // What is denied stays denied, whatever else is said of it.
        (Option<string[]> Option, EffectDecision Decision)[] flags =
            [(_allow, EffectDecision.Allow), (_ask, EffectDecision.Ask), (_deny, EffectDecision.Deny)];
        foreach (var (option, decision) in flags)
        {
            foreach (var capability in parsed.GetValue(option) ?? [])
            {
                chosen[capability] = decision;
            }
        }

        return new GatePolicy { Capabilities = chosen };
    }

    /// <summary>The way out for tools; a search engine that the user has set up may be in the house.</summary>
    public EgressGuard Egress(ParseResult parsed, NoosSettings settings)
    {
        var options = EgressOptions(parsed);
        return new EgressGuard(settings.SearxngAddress is null
            ? options
            : options with { PrivateHosts = [.. options.PrivateHosts, .. SearchOptions.From(settings).PrivateHosts] });
    }

    public EgressOptions EgressOptions(ParseResult parsed) => new() { PrivateHosts = parsed.GetValue(_privateHosts) ?? [] };

    static Option<string[]> Capabilities(string name, string description)
    {
        var option = new Option<string[]>(name) { Description = description, HelpName = "CAPABILITY" };
        option.Validators.Add(RequireKnown);
        return option;
    }

    /// <summary>Refuses a name that no capability has: a rule for it would change nothing.</summary>
    public static void RequireKnown(OptionResult result)
    {
        foreach (var token in result.Tokens.Where(token => !Capability.IsKnown(token.Value)))
        {
            result.AddError(Capability.Unknown(token.Value));
        }
    }
}
