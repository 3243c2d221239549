using Noos.Core.Settings;
using Noos.Tools.Search;

namespace Noos.Tools;

/// <summary>What tools need to know of the machine and its user.</summary>
public sealed record ToolboxOptions
{
    /// <summary>Where the user's own data lies: indexes, facts, configuration.</summary>
    public UserData UserData { get; init; } = UserData.Default;

    /// <summary>Where the tool "search" looks; asked with its first call.</summary>
    public Func<SearchOptions> Search { get; init; } = static () => new SearchOptions();

    /// <summary>False where no tool may use the network: those that have other sources, too, then keep to them.</summary>
    public bool HasNetwork { get; init; } = true;

    public static ToolboxOptions From(NoosSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new ToolboxOptions { UserData = settings.UserData, Search = () => SearchOptions.From(settings) };
    }
}
