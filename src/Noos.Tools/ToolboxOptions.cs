using Noos.Core.Devices;
using Noos.Core.Facts;
using Noos.Core.Settings;
using Noos.Tools.Browse;
using Noos.Tools.Code;
using Noos.Tools.Files;
using Noos.Tools.Mcp;
using Noos.Tools.Search;
using Noos.Tools.Units;

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

    /// <summary>How web pages are shown.</summary>
    public BrowseOptions Browse { get; init; } = new();

    /// <summary>How code is run.</summary>
    public CodeOptions Code { get; init; } = new();

    /// <summary>What reading a file may cost, and how much of it is shown at once.</summary>
    public FileToolOptions Files { get; init; } = new();

    /// <summary>What looks at pictures; null for no eye.</summary>
    public IEye? Eye { get; init; }

    /// <summary>Newer exchange rates than those that came with the program.</summary>
    public ConvertOptions Convert { get; init; } = new();

    /// <summary>Where facts are kept across conversations; null for no memory.</summary>
    public IFactStore? Facts { get; init; }

    /// <summary>How the MCP servers of the user are reached; null for none. Made only where there are servers.</summary>
    public Func<McpOptions>? Mcp { get; init; }

    public static ToolboxOptions From(NoosSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new ToolboxOptions
        {
            UserData = settings.UserData,
            Search = () => SearchOptions.From(settings),
            Mcp = () => new McpOptions { Home = settings.UserData.Folder },
            Convert = new ConvertOptions { RatesFile = Path.Combine(settings.UserData.Folder, "eurofxref-hist.zip") },
        };
    }
}
