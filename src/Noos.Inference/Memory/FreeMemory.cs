using System.Globalization;

namespace Noos.Inference.Memory;

/// <summary>The memory that this process can still take without others being pushed out, within the limit of its container.</summary>
public static class FreeMemory
{
    const string SystemFile = "/proc/meminfo";

    /// <summary>Bytes; 0 where nothing is left.</summary>
    public static long Measure()
    {
        // The machine's memory or the limit of the container (cgroup, job object), whichever is less.
        var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var rest = Math.Max(0, limit - Environment.WorkingSet);
        return Math.Min(rest, Available() ?? rest);
    }

    /// <summary>Linux's estimate, which counts what it could drop from its caches; null elsewhere.</summary>
    static long? Available()
    {
        try
        {
            return File.Exists(SystemFile) ? ParseAvailable(File.ReadLines(SystemFile)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A sandbox may hide the file; the limit above is known all the same.
            return null;
        }
    }

    /// <summary>The number of the line "MemAvailable: 123 kB" in bytes; null without such a line (Linux before 3.14).</summary>
    internal static long? ParseAvailable(IEnumerable<string> lines)
    {
        const string Name = "MemAvailable:";
        var line = lines.FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        var number = line?[Name.Length..].Trim().Split(' ')[0];
        return long.TryParse(number, CultureInfo.InvariantCulture, out var kibibytes) ? kibibytes << 10 : null;
    }
}
