using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Language.Safetensors;

namespace Noos.Training.Checkpoints;

/// <summary>
/// The checkpoints of a run folder: <c>step-000001234/</c> with safetensors files, <c>state.json</c> and a <c>DONE</c> marker. Each is
/// written to a temporary folder, flushed, renamed, and only then marked, so that a kill or a power cut at any moment costs at most the
/// checkpoint being written. Holds the lock of the folder; not thread-safe.
/// </summary>
public sealed class CheckpointStore : IDisposable
{
    const string Prefix = "step-";
    const string StateName = "state.json";
    const string TemporarySuffix = ".tmp";
    const string AsideSuffix = ".old";

    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    readonly CheckpointOptions _options;
    readonly RunLock _lock;
    readonly HashSet<string> _damaged = new(StringComparer.Ordinal);
    bool _continues;

    CheckpointStore(string folder, CheckpointOptions options, RunLock runLock)
    {
        Folder = folder;
        _options = options;
        _lock = runLock;
    }

    /// <summary>The run folder.</summary>
    public string Folder { get; }

    /// <summary>
    /// Whether a checkpoint was ever completed here, intact by now or not; a first one that was cut short does not count.
    /// </summary>
    public bool HasCheckpoints => StepFolders(Folder).Exists(f => CompletionMarker.TryRead(f.Path) is not null);

    /// <summary>Takes the run folder, made if absent, for this process and cleans what killed writes left there.</summary>
    /// <exception cref="NoosException">Another process trains in this folder, or it cannot be written.</exception>
    public static CheckpointStore Open(string runFolder, CheckpointOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(runFolder);
        options ??= new CheckpointOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.KeepLast, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.KeepEvery, nameof(options));
        runFolder = Path.GetFullPath(runFolder);
        var store = new CheckpointStore(runFolder, options, RunLock.Acquire(runFolder));
        try
        {
            store.CleanLeftovers();
            return store;
        }
        catch (Exception e)
        {
            store.Dispose();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new NoosException(
                    ErrorKind.Unavailable,
                    $"The run folder '{runFolder}' cannot be cleaned of unfinished files; the system says: {e.Message.TrimEnd('.')}.",
                        e);
            }

            throw;
        }
    }

    /// <summary>Newest intact checkpoint of a run without taking its lock: for export and chat while the training goes on.</summary>
    public static Checkpoint? ReadLatest(string runFolder, Action<string>? warn = null) =>
        FindLatest(runFolder, long.MaxValue, (_, message) => warn?.Invoke(message));

    /// <summary>The states of all complete checkpoints of a run, by step, without taking its lock. Checksums are not verified.</summary>
    public static IReadOnlyList<TrainingState> List(string runFolder) =>
    [
        .. StepFolders(runFolder).Where(folder => CompletionMarker.TryRead(folder.Path) is not null).OrderBy(folder => folder.Step)
            .Select(folder => TryReadState(folder.Path)).OfType<TrainingState>(),
    ];

    static TrainingState? TryReadState(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainingState>(File.ReadAllBytes(Path.Combine(folder, StateName)), s_json);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // Removed in the meantime, or damaged: it is no checkpoint.
            return null;
        }
    }

    /// <summary>
    /// Newest complete checkpoint with matching checksums, or null; incomplete and damaged ones are skipped with a warning.
    /// </summary>
    /// <param name="maxStep">Later steps are not considered: a roll-back to before trouble began.</param>
    public Checkpoint? LoadLatest(long maxStep = long.MaxValue)
    {
        _continues = true;
        return FindLatest(Folder, maxStep, (folder, message) =>
        {
            _damaged.Add(folder);
            _options.Warn(message);
        });
    }

    /// <summary>
    /// Writes a checkpoint and removes those no longer needed. One of the same step is replaced; later steps, left behind by a
    /// roll-back, are removed, since the run has taken another path.
    /// </summary>
    /// <exception cref="NoosException">
    /// The disk is full or fails; all earlier checkpoints are untouched. Or the folder holds checkpoints that were never loaded.
    /// </exception>
    public Checkpoint Save(TrainingState state, IEnumerable<CheckpointBlob> blobs)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(blobs);
        ArgumentOutOfRangeException.ThrowIfNegative(state.Step, nameof(state));
        if (!_continues && HasCheckpoints)
        {
            throw new NoosException(
                ErrorKind.Refused,
                $"The run folder '{Folder}' already holds checkpoints of another training; resume that one or choose another folder.");
        }

        _continues = true;
        var name = Prefix + state.Step.ToString("D9", CultureInfo.InvariantCulture);
        var target = Path.Combine(Folder, name);
        var temporary = Path.Combine(Folder, $".{name}{TemporarySuffix}");
        string? aside = null;
        var placed = false;
        try
        {
            // The order of durability, by fsync(2) and rename(2) of Linux: each file is flushed, then the names in the temporary folder,
            // then the rename of that folder, and only then the DONE marker is written and flushed. A power cut between any two of these
            // leaves a folder without DONE, which no reader takes for a checkpoint; DONE can never be there before the data it vouches for.
            var ordinal = StepFolders(Folder).Max(f => CompletionMarker.TryRead(f.Path)?.Ordinal) ?? 0;
            var marker = new CompletionMarker(ordinal + 1, WriteFiles(temporary, state, blobs));

            // A folder cannot be renamed over another that holds files: the old checkpoint of the same step steps aside, still complete.
            if (Directory.Exists(target))
            {
                aside = Path.Combine(Folder, $".{name}.{Guid.NewGuid():N}{AsideSuffix}");
                Directory.Move(target, aside);
            }

            Directory.Move(temporary, target);
            placed = true;
            AtomicFile.FlushDirectory(Folder);
            marker.Write(target);
        }
        catch (Exception e)
        {
            Undo(temporary, placed ? target : null, aside, target);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw AtomicFile.Failure(target, e);
            }

            throw;
        }

        _damaged.Remove(target);
        RemoveUnneeded(state.Step);
        return new Checkpoint(target, state);
    }

    public void Dispose() => _lock.Dispose();

    static Checkpoint? FindLatest(string runFolder, long maxStep, Action<string, string> skip)
    {
        foreach (var (step, folder) in StepFolders(runFolder).Where(f => f.Step <= maxStep).OrderByDescending(f => f.Step))
        {
            var (checkpoint, damage) = Verify(folder, step);
            if (checkpoint is not null)
            {
                return checkpoint;
            }

            skip(folder, $"Skipped the checkpoint '{Path.GetFileName(folder)}': {damage}.");
        }

        return null;
    }

    static (Checkpoint? Checkpoint, string? Damage) Verify(string folder, long step)
    {
        if (CompletionMarker.TryRead(folder) is not { } marker)
        {
            return (null, "it was not written to its end");
        }

        if (marker.FindDamage(folder) is { } damage)
        {
            return (null, damage);
        }

        try
        {
            var state = JsonSerializer.Deserialize<TrainingState>(File.ReadAllBytes(Path.Combine(folder, StateName)), s_json);
            return state?.Step == step ? (new Checkpoint(folder, state), null) : (null, $"its {StateName} belongs to another step");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return (null, $"its {StateName} cannot be read");
        }
    }

    static Dictionary<string, FileSeal> WriteFiles(string folder, TrainingState state, IEnumerable<CheckpointBlob> blobs)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        var seals = new Dictionary<string, FileSeal>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var all = blobs.ToList();
        foreach (var blob in all)
        {
            if (blob.Name.Length == 0 || !blob.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || !names.Add(blob.Name))
            {
                throw new ArgumentException($"'{blob.Name}' is no name for a file of a checkpoint, or is used twice.", nameof(blobs));
            }
        }

        try
        {
            // Shards at the same time: a store that many machines share is faster so, and a disk no slower.
            Parallel.ForEach(all, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, all.Count - 1) }, blob =>
                WriteSealed(blob.Name + ".safetensors", stream => SafetensorsWriter.Write(stream, blob.Tensors, blob.Metadata)));
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }

        WriteSealed(StateName, stream => JsonSerializer.Serialize(stream, state, s_json));
        AtomicFile.FlushDirectory(folder);
        return seals;

        void WriteSealed(string name, Action<Stream> write) => AtomicFile.WriteDurably(Path.Combine(folder, name), stream =>
        {
            using var sealing = new SealingStream(stream);
            write(sealing);
            lock (seals)
            {
                seals.Add(name, sealing.Seal);
            }
        });
    }

    static List<(long Step, string Path)> StepFolders(string runFolder)
    {
        var found = new List<(long, string)>();
        if (Directory.Exists(runFolder))
        {
            foreach (var path in Directory.EnumerateDirectories(runFolder, Prefix + "*"))
            {
                if (long.TryParse(
                    Path.GetFileName(path.AsSpan())[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var step))
                {
                    found.Add((step, path));
                }
            }
        }

        return found;
    }

    /// <summary>After a failed save: removes what it wrote and puts a replaced checkpoint back.</summary>
    static void Undo(string temporary, string? placed, string? aside, string target)
    {
        try
        {
            foreach (var folder in new[] { temporary, placed })
            {
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }

            if (aside is not null)
            {
                Directory.Move(aside, target);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to report; the next opening cleans up.
        }
    }

    void CleanLeftovers()
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(Folder, "." + "*" + TemporarySuffix).ToList())
        {
            Remove(path);
        }

        // A kill while a checkpoint was replaced: keep the new one if it is complete, else the old one.
        foreach (var aside in Directory.EnumerateDirectories(Folder, "." + Prefix + "*" + AsideSuffix).ToList())
        {
            var target = Path.Combine(Folder, Path.GetFileName(aside).Split('.')[1]);
            if (CompletionMarker.TryRead(target) is not null)
            {
                Remove(aside);
            }
            else if (CompletionMarker.TryRead(aside) is not null)
            {
                if (Directory.Exists(target))
                {
                    Remove(target);
                }

                Directory.Move(aside, target);
            }
        }
    }

    void RemoveUnneeded(long newest)
    {
        var complete = new List<(long Step, string Path, long Ordinal)>();
        foreach (var (step, path) in StepFolders(Folder))
        {
            var marker = CompletionMarker.TryRead(path);
            if (step > newest)
            {
                RemoveAndWarn(path, "the run was rolled back to before it");
            }
            else if (marker is null || _damaged.Contains(path))
            {
                RemoveAndWarn(path, "it is incomplete or damaged and a newer one is intact");
            }
            else
            {
                complete.Add((step, path, marker.Ordinal));
            }
        }

        foreach (var (_, path, ordinal) in complete.OrderByDescending(c => c.Step).Skip(_options.KeepLast))
        {
            if (_options.KeepEvery == 0 || ordinal % _options.KeepEvery != 0)
            {
                TryRemove(path);
            }
        }

        foreach (var aside in Directory.EnumerateDirectories(Folder, "." + Prefix + "*" + AsideSuffix).ToList())
        {
            TryRemove(aside);
        }
    }

    void RemoveAndWarn(string path, string reason)
    {
        _options.Warn($"Removed the checkpoint '{Path.GetFileName(path)}': {reason}.");
        TryRemove(path);
    }

    /// <summary>The new checkpoint is safe, so that an old one which cannot be removed is no reason to stop.</summary>
    void TryRemove(string path)
    {
        try
        {
            Remove(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _options.Warn($"The old checkpoint '{path}' could not be removed; the system says: {e.Message.TrimEnd('.')}.");
        }
    }

    /// <summary>A folder is first renamed, so that a kill cannot leave half a checkpoint under its name.</summary>
    void Remove(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
            return;
        }

        if (!path.EndsWith(TemporarySuffix, StringComparison.Ordinal))
        {
            var temporary = Path.Combine(Folder, $".{Path.GetFileName(path).TrimStart('.')}.{Guid.NewGuid():N}{TemporarySuffix}");
            Directory.Move(path, temporary);
            path = temporary;
        }

        Directory.Delete(path, recursive: true);
        _damaged.Remove(path);
    }
}
