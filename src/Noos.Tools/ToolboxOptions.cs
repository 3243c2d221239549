using Noos.Core.Settings;
using Noos.Tools.Browse;

namespace Noos.Tools;

/// <summary>What tools need to know of the machine and its user.</summary>
public sealed record ToolboxOptions
{
    /// <summary>Where the user's own data lies: indexes, facts, configuration.</summary>
    public UserData UserData { get; init; } = UserData.Default;

    /// <summary>How web pages are shown.</summary>
    public BrowseOptions Browse { get; init; } = new();

    public static ToolboxOptions From(NoosSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new ToolboxOptions { UserData = settings.UserData };
    }
}
