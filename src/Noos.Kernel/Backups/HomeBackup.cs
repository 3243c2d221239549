using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Kernel.Journaling;

namespace Noos.Kernel.Backups;

/// <summary>
/// A home as one file, a compressed tar archive: the journal and other databases as they are at one moment (SQLite's online backup, also
/// while a server writes them), the files of conversations, and the settings. What can be had again is left out: models, caches, runs of
/// the factory.
/// </summary>
/// <param name="home">The folder.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class HomeBackup(string home, TimeProvider? timeProvider = null)
{
    // Comes first, so that a file of something else is known at once.
    const string ManifestName = "noos-backup.json";

    const string KeptPrefix = "before-restore-";
    const string UnpackPrefix = ".restore-";

    // Folders that can be had again, and what tells of a start of the server.
    static readonly HashSet<string> s_leftOut = new(StringComparer.Ordinal)
    {
        "models", "cache", "caches", "swap", "runs", "weeks", "server.json", "noos.lock", ManifestName,
    };

    static readonly string[] s_sqliteSides = ["-wal", "-shm", "-journal"];

    static ReadOnlySpan<byte> SqliteBeginning => "SQLite format 3\0"u8;

    readonly string _home = Path.GetFullPath(home);
    readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;

    /// <summary>Writes a backup; a file that is there is replaced when the new one is whole. Only its user can read it.</summary>
    /// <param name="path">The file.</param>
    /// <returns>What is in it.</returns>
    /// <exception cref="NoosException">
    /// There is no home (NotFound), it is damaged (Damaged), or the file cannot be written (Refused, OutOfMemory).
    /// </exception>
    public BackupManifest Write(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(Path.Combine(_home, Journal.FileName)))
        {
            throw new NoosException(ErrorKind.NotFound, $"There is nothing to back up in '{_home}' yet; NOOS_HOME names another folder.");
        }

        path = Path.GetFullPath(path);
        string[] files = [.. FilesOf(_home).Where(file => file != path).Order(StringComparer.Ordinal)];
        var manifest = new BackupManifest(BackupManifest.CurrentVersion, _timeProvider.GetUtcNow(), JournalSchema.Version, files.Length);
        AtomicFile.Write(
            path,
            stream =>
            {
                using var compressed = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
                using var archive = new TarWriter(compressed, TarEntryFormat.Pax);
                using var head = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, BackupJson.Default.BackupManifest));
                archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, ManifestName) { DataStream = head });
                foreach (var file in files)
                {
                    Add(archive, file);
                }
            },
            UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return manifest;
    }

    /// <summary>
    /// Puts what a backup has in the place of the home's own, which is kept beside it in a folder <c>before-restore-...</c>. Models and
    /// caches stay as they are.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <returns>What was restored, and where what was there before is now; null where there was nothing.</returns>
    /// <exception cref="NoosException">
    /// A server or a command holds the home (Busy), the file is no backup or damaged (Damaged), of a newer version (Refused), or not there
    /// (NotFound). The home is then as it was.
    /// </exception>
    public (BackupManifest Manifest, string? Kept) Restore(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
        {
            throw new NoosException(ErrorKind.NotFound, $"There is no file '{path}'; give the one that 'noos backup' has written.");
        }

        using var held = Journal.Hold(_home);
        var unpacked = Path.Combine(_home, UnpackPrefix + Guid.NewGuid().ToString("N"));
        try
        {
            var manifest = Unpack(path, unpacked);
            using (var reader = JournalReader.Open(Path.Combine(unpacked, Journal.FileName), ofAnyVersion: true))
            {
                if (reader.Check() is [var fault, ..])
                {
                    throw new NoosException(ErrorKind.Damaged, $"The backup '{path}' is damaged: {fault}");
                }
            }

            return (manifest, Exchange(unpacked));
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new NoosException(ErrorKind.Damaged, $"The file '{path}' is no backup of Noos, or damaged; give another.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(_home, e);
        }
        finally
        {
            if (Directory.Exists(unpacked))
            {
                Directory.Delete(unpacked, recursive: true);
            }
        }
    }

    void Add(TarWriter archive, string file)
    {
        var name = Path.GetRelativePath(_home, file).Replace('\\', '/');
        if (IsDatabase(file))
        {
            var copy = Path.Combine(Path.GetTempPath(), $"noos-backup-{Guid.NewGuid():N}.db");
            try
            {
                Copy(file, copy);
                archive.WriteEntry(copy, name);
            }
            finally
            {
                File.Delete(copy);
            }

            return;
        }

        try
        {
            using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var entry = new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content };
            if (!OperatingSystem.IsWindows())
            {
                entry.Mode = File.GetUnixFileMode(file) & ~(UnixFileMode.SetUser | UnixFileMode.SetGroup);
            }

            archive.WriteEntry(entry);
        }
        catch (FileNotFoundException)
        {
            // A conversation was forgotten meanwhile.
        }
    }

    /// <summary>A moment of a database that another program may write: SQLite's online backup (https://sqlite.org/backup.html).</summary>
    static void Copy(string file, string copy)
    {
        try
        {
            // Made here, so that nobody else can read it meanwhile.
            AtomicFile.WriteDurably(copy, _ => { }, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            using var from = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            using var to = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = copy, Pooling = false }.ToString());
            from.Open();
            to.Open();
            from.BackupDatabase(to);
        }
        catch (SqliteException e)
        {
            throw JournalErrors.From(e, file);
        }
    }

    static bool IsDatabase(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> beginning = stackalloc byte[16];
        return stream.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false) == beginning.Length
            && beginning.SequenceEqual(SqliteBeginning);
    }

    static IEnumerable<string> FilesOf(string folder) => new DirectoryInfo(folder).EnumerateFileSystemInfos()
        .Where(entry => IsWanted(entry.Name) && entry.LinkTarget is null)
        .SelectMany(entry => entry is DirectoryInfo
            ? Directory.EnumerateFiles(entry.FullName, "*", new EnumerationOptions
            {
                RecurseSubdirectories = true,
                AttributesToSkip = FileAttributes.ReparsePoint,
            })
            : [entry.FullName]);

    static bool IsWanted(string name) => !s_leftOut.Contains(name) && !name.StartsWith(KeptPrefix, StringComparison.Ordinal)
        && !name.StartsWith(UnpackPrefix, StringComparison.Ordinal) && !name.EndsWith(".bak", StringComparison.Ordinal)
        && !name.EndsWith(".tmp", StringComparison.Ordinal) && !IsSide(name);

    static bool IsSide(string name) => Array.Exists(s_sqliteSides, side => name.EndsWith(side, StringComparison.Ordinal));

    static BackupManifest Unpack(string path, string folder)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
        using var content = new GZipStream(file, CompressionMode.Decompress);
        using var archive = new TarReader(content);
        var manifest = ReadManifest(archive, path);
        Directory.CreateDirectory(folder);
        var count = 0;
        while (archive.GetNextEntry() is { } entry)
        {
            // Nothing that leads out of the folder, whoever made the archive; and nothing but files.
            var target = Path.GetFullPath(Path.Combine(folder, entry.Name));
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                || !target.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                || !IsWanted(entry.Name.Split('/')[0]))
            {
                throw new InvalidDataException();
            }

            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            entry.ExtractToFile(target, overwrite: false);
            count++;
        }

        return count == manifest.Files ? manifest : throw new InvalidDataException();
    }

    static BackupManifest ReadManifest(TarReader archive, string path)
    {
        BackupManifest? manifest = null;
        try
        {
            manifest = archive.GetNextEntry() is { Name: ManifestName, DataStream: { } head }
                ? JsonSerializer.Deserialize(head, BackupJson.Default.BackupManifest)
                : null;
        }
        catch (JsonException)
        {
            // Said below.
        }

        return manifest is null ? throw new InvalidDataException()
            : manifest.Version > BackupManifest.CurrentVersion || manifest.Journal > JournalSchema.Version
                ? throw new NoosException(ErrorKind.Refused, $"The backup '{path}' was written by a newer Noos; update this one.")
                : manifest;
    }

    /// <summary>Moves what is there aside, and what was unpacked into its place.</summary>
    string? Exchange(string unpacked)
    {
        var stamp = _timeProvider.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var kept = Path.Combine(_home, KeptPrefix + stamp);
        for (var i = 2; Directory.Exists(kept); i++)
        {
            kept = Path.Combine(_home, string.Create(CultureInfo.InvariantCulture, $"{KeptPrefix}{stamp}-{i}"));
        }

        // The logs of a database belong to the one that goes.
        string[] old = [.. new DirectoryInfo(_home).EnumerateFileSystemInfos().Select(entry => entry.Name)
            .Where(name => IsWanted(name) || IsSide(name))];
        if (old.Length > 0)
        {
            Directory.CreateDirectory(kept);
            Array.ForEach(old, name => Move(_home, kept, name));
        }

        // What the look at the journal has left beside it is no part of the backup.
        string[] restored = [.. new DirectoryInfo(unpacked).EnumerateFileSystemInfos().Select(entry => entry.Name).Where(IsWanted)];
        Array.ForEach(restored, name => Move(unpacked, _home, name));

        AtomicFile.FlushDirectory(_home);
        return old.Length > 0 ? kept : null;
    }

    static void Move(string from, string to, string name)
    {
        var (source, target) = (Path.Combine(from, name), Path.Combine(to, name));
        if (Directory.Exists(source))
        {
            Directory.Move(source, target);
        }
        else
        {
            File.Move(source, target);
        }
    }
}
