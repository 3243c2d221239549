using System.CommandLine;
using Noos.Cli.Permissions;
using Noos.Core.Network;
using Noos.Tools.Search;

namespace Noos.Cli.Search;

/// <summary>Where the commands of search may go that send requests.</summary>
sealed class NetworkOptions
{
    readonly PrivateHostOption _privateHosts = new("A host that may be reached although it is not on the public internet");

    public IReadOnlyList<Option> All => [_privateHosts];

    public EgressGuard Egress(ParseResult parsed, SearchOptions options) => new(new EgressOptions
    {
        PrivateHosts = [.. parsed.GetValue(_privateHosts) ?? [], .. options.PrivateHosts],
    });
}
