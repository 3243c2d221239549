using Noos.Core.Settings;

namespace Noos.Tools;

/// <summary>What tools need to know of the machine and its user.</summary>
public sealed record ToolboxOptions
{
    /// <summary>Where the user's own data lies: indexes, facts, configuration.</summary>
    public UserData UserData { get; init; } = UserData.Default;

    public static ToolboxOptions From(NoosSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new ToolboxOptions { UserData = settings.UserData };
    }
}
