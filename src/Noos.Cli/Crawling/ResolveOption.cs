using System.CommandLine;
using System.Net;
using System.Text;
using Noos.Core.Network;

namespace Noos.Cli.Crawling;

/// <summary>
/// <c>--resolve HOST=ADDRESS</c>: names that lead where their owner does not say yet. With a network for an address each name gets one of
/// its own in it.
/// </summary>
sealed class ResolveOption : Option<string[]>
{
    public ResolveOption()
        : base("--resolve")
    {
        Description = "Where a name leads, as HOST=ADDRESS, *.DOMAIN=ADDRESS or *.DOMAIN=NETWORK/BITS; all others as the system says.";
        HelpName = "HOST=ADDRESS";
        Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (Parse(token.Value) is null)
                {
                    result.AddError($"\"{token.Value}\" does not say where a name leads; write it as www.example.org=192.0.2.1.");
                }
            }
        });
    }

    /// <summary>A resolver for what was given; null where nothing was.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>>? CreateResolver(ParseResult parsed)
    {
        var rules = (parsed.GetValue(this) ?? []).Select(Parse).OfType<(string Pattern, IPNetwork Network)>().ToArray();
        return rules.Length == 0
            ? null
            : async (name, cancellationToken) =>
            {
                foreach (var (pattern, network) in rules)
                {
                    if (pattern.StartsWith('*')
                        ? name.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
                        : name.Equals(pattern, StringComparison.OrdinalIgnoreCase))
                    {
                        return [Pick(network, name)];
                    }
                }

                return await EgressGuard.ResolveBySystemAsync(name, cancellationToken);
            };
    }

    static (string Pattern, IPNetwork Network)? Parse(string text)
    {
        if (text.Split('=', 2) is not [{ Length: > 0 } pattern, var where])
        {
            return null;
        }

        return IPNetwork.TryParse(where, out var network) ? (pattern, network)
            : IPAddress.TryParse(where, out var address) ? (pattern, new IPNetwork(address, 8 * address.GetAddressBytes().Length))
            : null;
    }

    static IPAddress Pick(IPNetwork network, string name)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        var free = (8 * bytes.Length) - network.PrefixLength;
        // FNV-1a, the same in every run.
        var hash = 14695981039346656037UL;
        foreach (var value in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ value) * 1099511628211UL;
        }

        for (var i = 0; i < Math.Min(free, 64); i++)
        {
            bytes[^(1 + (i / 8))] |= (byte)(((hash >> i) & 1) << (i % 8));
        }

        return new IPAddress(bytes);
    }
}
