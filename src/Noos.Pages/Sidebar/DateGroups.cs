using System.Globalization;

namespace Noos.Pages.Sidebar;

/// <summary>Puts conversations under headings: pinned, folders, then by how long ago they changed.</summary>
static class DateGroups
{
    const int Week = 7;
    const int Month = 30;

    /// <param name="listed">In their order.</param>
    /// <param name="now">In the time of whoever reads.</param>
    public static IReadOnlyList<(string Heading, IReadOnlyList<ListedConversation> Conversations)> Create(
        IEnumerable<ListedConversation> listed, DateTimeOffset now)
    {
        var groups = listed.GroupBy(one => HeadingOf(one, now)).Select(group => (group.Key, (IReadOnlyList<ListedConversation>)[.. group]))
            .ToList();
        return
        [
            .. groups.Where(group => group.Key.Rank < 2).OrderBy(group => group.Key.Rank)
                .ThenBy(group => group.Key.Heading, StringComparer.OrdinalIgnoreCase)
                .Concat(groups.Where(group => group.Key.Rank == 2))
                .Select(group => (group.Key.Heading, group.Item2)),
        ];
    }

    static (int Rank, string Heading) HeadingOf(ListedConversation listed, DateTimeOffset now)
    {
        var changed = listed.Changed.ToOffset(now.Offset);
        var days = (now.Date - changed.Date).Days;
        return listed.Mark.IsPinned ? (0, "Pinned")
            : listed.Mark.Folder is { Length: > 0 } folder ? (1, folder)
            : days <= 0 ? (2, "Today")
            : days == 1 ? (2, "Yesterday")
            : days < Week ? (2, "Last 7 days")
            : days < Month ? (2, "Last 30 days")
            : (2, changed.ToString("MMMM yyyy", CultureInfo.InvariantCulture));
    }
}
