using Noos.Cli.Mcp;
using Noos.Cli.Peripherals;
using Noos.Core.Network;
using Noos.Core.Settings;
using Noos.Kernel.Facts;
using Noos.Tools;

namespace Noos.Cli.Chat;

/// <summary>The tools' options of this user, with what the kernel keeps for them. Nothing is opened.</summary>
static class ToolboxSettings
{
    /// <param name="settings">Whose tools they are.</param>
    /// <param name="egress">What requests to MCP servers may do; null for what is usual.</param>
    public static ToolboxOptions From(NoosSettings settings, EgressOptions? egress = null) => ToolboxOptions.From(settings) with
    {
        Facts = new FactStore(settings.UserData.Folder),
        Eye = EyeOption.Open(settings, given: null),
        Mcp = () => McpSettings.From(settings, egress),
    };
}
