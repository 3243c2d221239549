using System.Globalization;

namespace Noos.Tools.Code.Sandboxing;

/// <summary>What a program and all that it has started use: read from proc(5), so the program cannot hide any of it.</summary>
/// <param name="Processes">How many there are.</param>
/// <param name="Memory">Bytes in use, shared ones counted in each process.</param>
/// <param name="ProcessorTime">Used so far by those that are still there, and by those of their children that were waited for.</param>
readonly record struct ProcessUsage(int Processes, long Memory, TimeSpan ProcessorTime)
{
    const int PageLength = 4096;

    // USER_HZ is 100 on x86-64, whatever the kernel ticks at.
    const int TicksPerSecond = 100;

    /// <summary>Adds up the tree below a process, and its process group.</summary>
    public static ProcessUsage Read(int leader)
    {
        var all = new List<(int Id, int Parent, int Group, long Pages, long Ticks)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && TryRead(id) is { } process)
            {
                all.Add(process);
            }
        }

        // A parent's id may be larger than its child's, so the tree is grown until nothing is added.
        var members = new HashSet<int> { leader };
        int before;
        do
        {
            before = members.Count;
            foreach (var process in all)
            {
                if (process.Group == leader || members.Contains(process.Parent))
                {
                    members.Add(process.Id);
                }
            }
        }
        while (members.Count > before);

        var own = all.Where(process => members.Contains(process.Id)).ToArray();
        return new ProcessUsage(
            own.Length,
            own.Sum(process => process.Pages) * PageLength,
            TimeSpan.FromSeconds((double)own.Sum(process => process.Ticks) / TicksPerSecond));
    }

    static (int Id, int Parent, int Group, long Pages, long Ticks)? TryRead(int id)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            // The name in parentheses may itself have blanks and parentheses; what follows its last one has a fixed order.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (id, Number(1), Number(2), Long(21), Long(11) + Long(12) + Long(13) + Long(14));

            int Number(int index) => int.Parse(fields[index], CultureInfo.InvariantCulture);

            long Long(int index) => long.Parse(fields[index], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has just ended.
            return null;
        }
    }
}
