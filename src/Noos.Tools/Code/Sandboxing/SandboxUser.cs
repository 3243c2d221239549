using System.Globalization;

namespace Noos.Tools.Code.Sandboxing;

/// <summary>
/// As whom a program runs. Where Noos is started by root, which containers do, a program gets a user id of its own that exists nowhere
/// else: it owns no file but those of its folder, and can signal or trace no other process. Otherwise it stays the user of Noos.
/// </summary>
static class SandboxUser
{
    // Above all ranges that systemd hands to containers (524288 to 1879048191), below 2^31; nothing else uses these.
    const int First = 1_879_048_192;
    const int Count = int.MaxValue - First;

    // Inside a container that maps 65,536 ids: systemd's range for services without an account.
    const int FirstDynamic = 61_184;
    const int DynamicCount = 4_336;

    static readonly Lazy<(int First, int Count)?> s_range = new(FindRange);

    /// <summary>The user for a folder, always the same; null where programs stay who Noos is.</summary>
    public static int? For(string folder)
    {
        if (s_range.Value is not { } range)
        {
            return null;
        }

        // FNV-1a: string hash codes differ from run to run, and the files of a folder keep their owner.
        var hash = 2_166_136_261u;
        foreach (var character in folder)
        {
            hash = (hash ^ character) * 16_777_619u;
        }

        return range.First + (int)(hash % (uint)range.Count);
    }

    /// <summary>
    /// Hands a folder and what is in it to a user. Links are left alone, and so are files with a second name, which may be somebody
    /// else's file.
    /// </summary>
    public static void Own(string folder, int user)
    {
        var pending = new Stack<string>([folder]);
        while (pending.TryPop(out var path))
        {
            if (SystemCalls.FindStatus(path) is not { } status
                || !(status.IsFolder || (status.IsRegular && status.Links == 1)))
            {
                continue;
            }

            if (status.Owner != user)
            {
                SystemCalls.TryChangeOwner(path, user);
            }

            if (status.IsFolder)
            {
                foreach (var child in Directory.EnumerateFileSystemEntries(path))
                {
                    pending.Push(child);
                }
            }
        }
    }

    static (int First, int Count)? FindRange()
    {
        if (SystemCalls.EffectiveUser != 0)
        {
            return null;
        }

        return IsMapped(First + Count - 1L) ? (First, Count) : (FirstDynamic, DynamicCount);
    }

    // user_namespaces(7): each line has the first id inside, the first outside, and how many follow each other.
    static bool IsMapped(long user) => File.ReadLines("/proc/self/uid_map")
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(fields => (First: Number(fields[0]), Count: Number(fields[2])))
        .Any(range => user >= range.First && user < range.First + range.Count);

    static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}
