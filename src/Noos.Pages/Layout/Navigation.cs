using System.Reflection;
using Microsoft.AspNetCore.Components;

namespace Noos.Pages.Layout;

/// <summary>
/// The pages beside the chat, in the order in which the sidebar lists them. A new page is one component with its <c>@page</c> address, and
/// one line here; an entry without its component is not shown.
/// </summary>
public static class Navigation
{
    static readonly NavigationEntry[] s_entries =
    [
        new("monitor", "Monitor", "M3 12h4l3-8 4 16 3-8h4"),
        new("models", "Models", "M12 2l9 5v10l-9 5-9-5V7zM3 7l9 5 9-5M12 12v10"),
        new("memory", "Memory", "M6 3h12v18l-6-4-6 4z"),
        new("teach", "Teach", "M12 4l10 5-10 5L2 9zM6 11.500v5c3 3 9 3 12 0v-5M22 9v6"),
        new("permissions", "Permissions", "M12 3l8 3v6c0 5-3.5 8-8 9-4.500-1-8-4-8-9V6zM9 12l2 2 4-4"),
        new("settings", "Settings", "M4 7h9M17 7h3M4 17h3M11 17h9M15 4v6M9 14v6"),
    ];

    static readonly HashSet<string> s_addresses = [.. typeof(Navigation).Assembly.GetTypes()
        .SelectMany(type => type.GetCustomAttributes<RouteAttribute>()).Select(route => route.Template.TrimStart('/'))];

    /// <summary>Those that are there.</summary>
    public static IReadOnlyList<NavigationEntry> Entries { get; } = [.. s_entries.Where(entry => s_addresses.Contains(entry.Address))];
}

/// <param name="Address">Relative to the base of the pages.</param>
/// <param name="Label">For people.</param>
/// <param name="Icon">The path of its picture, on a square of 24.</param>
public sealed record NavigationEntry(string Address, string Label, string Icon);
