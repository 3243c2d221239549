using Noos.Core.Settings;
using Noos.Tools.Code;
using Noos.Tools.Files;

namespace Noos.Tools;

/// <summary>What tools need to know of the machine and its user.</summary>
public sealed record ToolboxOptions
{
    /// <summary>Where the user's own data lies: indexes, facts, configuration.</summary>
    public UserData UserData { get; init; } = UserData.Default;

    /// <summary>How code is run.</summary>
    public CodeOptions Code { get; init; } = new();

    /// <summary>What reading a file may cost, and how much of it is shown at once.</summary>
    public FileToolOptions Files { get; init; } = new();

    public static ToolboxOptions From(NoosSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new ToolboxOptions { UserData = settings.UserData };
    }
}
