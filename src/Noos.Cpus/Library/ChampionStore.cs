using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Cpus.Library;

/// <summary>
/// The models that won their gate, the last of which answers where nobody names a model: a folder each, and a small file that names the
/// current one and is replaced in one step, so that every program sees the old or the new one. Remembers nothing; any number of programs
/// read it, and those that change it wait for each other.
/// </summary>
/// <param name="folder">Holds all of it.</param>
public sealed class ChampionStore(string folder)
{
    /// <summary>So many are kept, the current one included.</summary>
    public const int MaxKept = 10;

    const string FolderName = "champions";
    const string PointerName = "current";
    const string InfoName = "champion.json";
    const string NamePrefix = "champion-";
    const int MaxAttempts = 100;

    static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    /// <summary>Where the champions of a home lie.</summary>
    public static string FolderIn(string home) => Path.Combine(home, FolderName);

    /// <summary>The name of a champion among models.</summary>
    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{NamePrefix}{number:D4}");

    /// <summary>The champion that answers now; null where none does.</summary>
    /// <returns>Its name, and its file.</returns>
    public static (string Name, string Path)? FindCurrent(string folder)
    {
        try
        {
            var line = File.ReadAllText(Path.Combine(folder, PointerName)).Trim();
            return int.TryParse(line.Split('/')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && Path.Combine(folder, line) is var path && File.Exists(path)
                ? (NameOf(number), path)
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A champion by its name: "champion" is the current one, "champion-0003" or "champion-3" a certain one.</summary>
    public static (string Name, string Path)? Find(string folder, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Equals(NamePrefix[..^1], StringComparison.OrdinalIgnoreCase))
        {
            return FindCurrent(folder);
        }

        return name.StartsWith(NamePrefix, StringComparison.OrdinalIgnoreCase)
            && int.TryParse(name.AsSpan(NamePrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && ModelIn(FolderOf(folder, number)) is { } path
            ? (NameOf(number), path)
            : null;
    }

    /// <summary>All that are kept, the last first.</summary>
    /// <exception cref="NoosException">What is said of one cannot be read (Damaged).</exception>
    public IReadOnlyList<Champion> List()
    {
        var current = FindCurrent(folder)?.Name;
        return
        [
            .. Numbers().OrderDescending().Select(number => Read(number) with { IsCurrent = NameOf(number) == current }),
        ];
    }

    /// <summary>The one that answers now; null where it is the usual model of the models folder.</summary>
    public Champion? Current => List().FirstOrDefault(champion => champion.IsCurrent);

    /// <summary>
    /// Makes a model the champion. After a kill in the middle the same call leads to the same: a model that was taken in for the same
    /// occasion is not taken in twice.
    /// </summary>
    /// <param name="model">The file, which is copied.</param>
    /// <param name="occasion">What it was made in, such as "week 3"; names it.</param>
    /// <param name="now">The time.</param>
    /// <param name="note">Why it won.</param>
    /// <exception cref="NoosException">The file is missing, or cannot be copied.</exception>
    public Champion Promote(string model, string occasion, DateTimeOffset now, string note)
    {
        RegularFile.Require(model);
        Directory.CreateDirectory(folder);
        using var held = Hold();
        CleanLeftovers();
        var known = List().FirstOrDefault(champion => champion.Occasion == occasion && IsSame(champion.Path, model));
        var champion = known ?? TakeIn(model, occasion, now, note);
        if (!champion.IsCurrent)
        {
            Switch(champion, now, $"promoted: {note}");
        }

        Prune();
        return champion with { IsCurrent = true };
    }

    /// <summary>
    /// Goes back to an earlier champion, and marks the one that was left. Where there is none earlier, the usual model answers again.
    /// </summary>
    /// <param name="number">To which; null for the last before the current one that was not itself left.</param>
    /// <param name="now">The time.</param>
    /// <param name="reason">Why, for people.</param>
    /// <returns>Who answers now; null for the usual model.</returns>
    /// <exception cref="NoosException">There is no champion, or none of that number.</exception>
    public Champion? RollBack(int? number, DateTimeOffset now, string reason)
    {
        using var held = Directory.Exists(folder) ? Hold() : null;
        var all = List();
        var current = all.FirstOrDefault(champion => champion.IsCurrent);
        var target = number is { } wanted
            ? all.FirstOrDefault(champion => champion.Number == wanted) ?? throw new NoosException(
                ErrorKind.NotFound, $"There is no champion {wanted}; 'noos champions' lists those that are kept.")
            : all.FirstOrDefault(champion => champion.Number < (current?.Number ?? 0) && champion.RolledBack is null);
        if (current is null && target is null)
        {
            throw new NoosException(
                ErrorKind.NotFound, "No champion answers, so there is none to go back from; 'noos weekly' makes them.");
        }

        if (current is not null && current.Number != target?.Number)
        {
            Write(FolderOf(folder, current.Number), current with { RolledBack = now, Reason = reason });
        }

        Switch(target, now, reason);
        return target is null ? null : target with { IsCurrent = true };
    }

    // A server that goes back and a week that promotes may come at the same moment; each holds it for as long as a copy takes.
    FileStream Hold()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(
                    Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1,
                    FileOptions.DeleteOnClose);
            }
            catch (IOException) when (attempt < MaxAttempts)
            {
                Thread.Sleep(s_patience);
            }
            catch (IOException exception)
            {
                throw new NoosException(
                    ErrorKind.Busy, $"Another program changes the champions in '{folder}'; try again in a moment.", exception);
            }
        }
    }

    Champion TakeIn(string model, string occasion, DateTimeOffset now, string note)
    {
        var number = Numbers().DefaultIfEmpty(0).Max() + 1;
        var (temporary, target) = (Path.Combine(folder, $".{number:D4}.tmp"), FolderOf(folder, number));
        Directory.CreateDirectory(temporary);
        var name = Path.GetFileName(model);
        using (var source = File.OpenRead(model))
        {
            AtomicFile.WriteDurably(Path.Combine(temporary, name), source.CopyTo);
        }

        Write(temporary, new Champion(number, occasion, now) { Note = note });
        Directory.Move(temporary, target);
        AtomicFile.FlushDirectory(folder);
        return Read(number);
    }

    void Switch(Champion? to, DateTimeOffset now, string reason)
    {
        var pointer = Path.Combine(folder, PointerName);
        if (to is null)
        {
            File.Delete(pointer);
            AtomicFile.FlushDirectory(folder);
        }
        else
        {
            if (to.RolledBack is not null)
            {
                Write(FolderOf(folder, to.Number), to with { RolledBack = null, Reason = null });
            }

            var line = $"{to.Number:D4}/{Path.GetFileName(to.Path)}\n";
            AtomicFile.Write(pointer, stream => stream.Write(Encoding.UTF8.GetBytes(line)));
        }

        // A diary for people; nothing reads it.
        var name = to is null ? "usual model" : NameOf(to.Number);
        File.AppendAllText(
            Path.Combine(folder, "switches.txt"),
            string.Create(CultureInfo.InvariantCulture, $"{now.UtcDateTime:s}Z {name}: {reason}\n"));
    }

    void Prune()
    {
        foreach (var old in List().Where(champion => !champion.IsCurrent).Skip(MaxKept - 1))
        {
            Directory.Delete(FolderOf(folder, old.Number), recursive: true);
        }
    }

    void CleanLeftovers()
    {
        foreach (var leftover in Directory.GetDirectories(folder, ".*.tmp"))
        {
            Directory.Delete(leftover, recursive: true);
        }
    }

    IEnumerable<int> Numbers() => !Directory.Exists(folder) ? [] : Directory.GetDirectories(folder)
        .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
        .Where(number => number > 0 && ModelIn(FolderOf(folder, number)) is not null);

    Champion Read(int number)
    {
        var path = Path.Combine(FolderOf(folder, number), InfoName);
        try
        {
            var info = JsonSerializer.Deserialize(File.ReadAllBytes(path), ChampionJson.Default.Champion)
                ?? throw new JsonException("It is empty.");
            return info with { Path = ModelIn(FolderOf(folder, number))! };
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new NoosException(
                ErrorKind.Damaged, $"'{path}' cannot be read; remove its folder, unless it is the champion, and try again.", exception);
        }
    }

    static void Write(string champion, Champion info)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(info, ChampionJson.Default.Champion);
        AtomicFile.Write(Path.Combine(champion, InfoName), stream => stream.Write(json));
    }

    static string FolderOf(string folder, int number) => Path.Combine(folder, number.ToString("D4", CultureInfo.InvariantCulture));

    static string? ModelIn(string champion) => Directory.Exists(champion)
        ? Directory.GetFiles(champion, "*" + SplitName.Extension).Order(StringComparer.Ordinal).FirstOrDefault()
        : null;

    static bool IsSame(string one, string other)
    {
        using var first = File.OpenRead(one);
        using var second = File.OpenRead(other);
        if (first.Length != second.Length)
        {
            return false;
        }

        var (left, right) = (new byte[1 << 16], new byte[1 << 16]);
        while (first.ReadAtLeast(left, left.Length, throwOnEndOfStream: false) is var count && count > 0)
        {
            second.ReadExactly(right, 0, count);
            if (!left.AsSpan(0, count).SequenceEqual(right.AsSpan(0, count)))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>A model that won its gate.</summary>
/// <param name="Number">From 1 on; never used twice while it is kept.</param>
/// <param name="Occasion">What it was made in.</param>
/// <param name="Promoted">When.</param>
public sealed record Champion(int Number, string Occasion, DateTimeOffset Promoted)
{
    /// <summary>What it is called among models.</summary>
    [JsonIgnore]
    public string Name => ChampionStore.NameOf(Number);

    /// <summary>Its file.</summary>
    [JsonIgnore]
    public string Path { get; init; } = "";

    /// <summary>It answers where nobody names a model.</summary>
    [JsonIgnore]
    public bool IsCurrent { get; init; }

    /// <summary>Why it won.</summary>
    public string? Note { get; init; }

    /// <summary>When it was left for another; null where it was not, or answers again.</summary>
    public DateTimeOffset? RolledBack { get; init; }

    /// <summary>Why it was left.</summary>
    public string? Reason { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(Champion))]
sealed partial class ChampionJson : JsonSerializerContext;
