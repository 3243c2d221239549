using System.Security.Cryptography;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Core.Text;
using Noos.Cpus.Library;

namespace Noos.Cpus.Hub;

/// <summary>Gets models from Hugging Face, a mirror of it, or any address, into the user's models folder.</summary>
public sealed class ModelHub
{
    // Room that the system and its logs need beside the model.
    const long Reserve = 64 << 20;

    static readonly TimeSpan s_checkTime = TimeSpan.FromSeconds(8);

    readonly HubOptions _options;
    readonly TimeProvider _time;

    /// <param name="options">Where to pull from, and how patiently.</param>
    /// <param name="time">Measures the waits; that of the system by default.</param>
    public ModelHub(HubOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _time) = (options, time ?? TimeProvider.System);
    }

    /// <summary>Pulls a model; one that is there already is only checked.</summary>
    /// <param name="folder">The folder for all models.</param>
    /// <returns>The path of the model: of a split one its first file.</returns>
    /// <exception cref="NoosException">
    /// It failed; the message says what to do. <see cref="ErrorKind.Unavailable"/> and <see cref="ErrorKind.Busy"/> when the hub or the way
    /// to it failed (what has arrived stays for the next attempt), <see cref="ErrorKind.NotFound"/>, <see cref="ErrorKind.Refused"/>,
    /// <see cref="ErrorKind.Damaged"/> when what arrived is not the model, <see cref="ErrorKind.OutOfMemory"/> when the disk is too small.
    /// </exception>
    public async Task<string> PullAsync(
        ModelReference reference, string folder, Action<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        try
        {
            return await RunAsync(reference, folder, progress, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(folder, e);
        }
    }

    /// <summary>Asks the hub only whether it is there: neither for a model nor with a token.</summary>
    /// <returns>Why nothing can be pulled now, in a sentence that says what to do; null where it can.</returns>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken = default)
    {
        var host = _options.Endpoint.Authority;
        using var patience = new CancellationTokenSource(s_checkTime, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            using var connection = new HubConnection(_options with { Token = null }, _time);
            using var response = await connection.GetAsync(_options.Endpoint, 0, null, stop.Token);
            return null;
        }
        catch (TransientException e) when (e.IsUnreachable)
        {
            return $"The hub {host} cannot be reached from here; check the internet connection, then try again.";
        }
        catch (TransientException e)
        {
            return $"The hub cannot be used now, because {e.Message}; try again later.";
        }
        catch (NoosException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"The hub {host} does not answer; check the internet connection, then try again.";
        }
    }

    async Task<string> RunAsync(
        ModelReference reference, string folder, Action<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        using var connection = new HubConnection(_options, _time, reference.Address);
        var files = reference.Address is { } address
            ? FilesAt(address)
            : await ChooseAsync(connection, reference, progress, cancellationToken);
        folder = Path.GetFullPath(Path.Combine(folder, reference.Repository ?? reference.Address!.DnsSafeHost.Replace(':', '_')));
        var missing = new List<HubFile>();
        var (done, total) = (0L, files.All(file => file.Size is not null) ? files.Sum(file => file.Size!.Value) : 0);
        foreach (var file in files)
        {
            if (await IsWholeAsync(file, PathOf(file), count =>
                progress?.Invoke(new DownloadProgress(file.Path, done + count, total, "checking what is here")), cancellationToken))
            {
                done += new FileInfo(PathOf(file)).Length;
            }
            else
            {
                missing.Add(file);
            }
        }

        EnsureSpace(folder, missing, PathOf);
        foreach (var file in missing)
        {
            var here = 0L;
            using var download = new FileDownload(connection, _options, _time, file, reference.Repository, PathOf(file), (count, note) =>
            {
                here = count;
                progress?.Invoke(new DownloadProgress(file.Path, done + count, total, note));
            });
            await download.RunAsync(cancellationToken);
            done += here;
        }

        return PathOf(files[0]);

        string PathOf(HubFile file) => Path.Combine(folder, file.Path);
    }

    async Task<IReadOnlyList<HubFile>> ChooseAsync(
        HubConnection connection, ModelReference reference, Action<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var repository = reference.Repository!;
        var retries = new Retries(_options, _time, note => progress?.Invoke(new DownloadProgress(repository, 0, 0, note)));
        var files = await retries.RunAsync(
            () => new HubRepository(connection, _options).ListAsync(repository, reference.Revision, cancellationToken),
            "try again",
            cancellationToken);
        return SpeechModelFile.Choose(files, repository, reference.Wanted) is { } ear ? [ear]
            : VoiceModelFile.Choose(files, repository, reference.Wanted)
            ?? ModelVariant.Choose(ModelVariant.Group(files), repository, reference.Wanted).Files;
    }

    static IReadOnlyList<HubFile> FilesAt(Uri address)
    {
        var parent = new Uri(address, ".");
        if (VoiceModelFile.IsName(Uri.UnescapeDataString(address.AbsolutePath)))
        {
            var voice = Uri.UnescapeDataString(address.Segments[^1]);
            var settings = voice + VoiceModelFile.SettingsExtension;
            return
            [
                new HubFile(voice, address, null, null),
                new HubFile(settings, new Uri(parent, Uri.EscapeDataString(settings) + address.Query), null, null),
            ];
        }

        if (SplitName.Parse(Uri.UnescapeDataString(address.Segments[^1])) is not { } name)
        {
            return [new HubFile(Uri.UnescapeDataString(address.Segments[^1]), address, null, null)];
        }

        return name.Count == 1
            ? [new HubFile(name.FileName, address, null, null)]
            : [.. name.All.Select(part => new HubFile(part, new Uri(parent, Uri.EscapeDataString(part) + address.Query), null, null))];
    }

    /// <summary>Whether the file is there as the hub has it.</summary>
    static async Task<bool> IsWholeAsync(HubFile file, string path, Action<long> progress, CancellationToken cancellationToken)
    {
        var info = new FileInfo(path);
        if (!info.Exists || (file.Size is { } size && size != info.Length))
        {
            return false;
        }

        if (file.Sha256 is null)
        {
            return true;
        }

        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        for (var count = 0L; await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read; count += read)
        {
            hash.AppendData(buffer, 0, read);
            progress(count + read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset()) == file.Sha256;
    }

    static void EnsureSpace(string folder, List<HubFile> missing, Func<HubFile, string> pathOf)
    {
        var needed = missing.Sum(file => Math.Max(0, (file.Size ?? 0) - Length(pathOf(file) + PartialFile.Ending)));
        if (needed == 0)
        {
            return;
        }

        var existing = new DirectoryInfo(folder);
        while (!existing.Exists && existing.Parent is { } parent)
        {
            existing = parent;
        }

        var free = new DriveInfo(existing.FullName).AvailableFreeSpace;
        if (needed + Reserve > free)
        {
            throw new NoosException(
                ErrorKind.OutOfMemory,
                $"The model needs {ByteSize.Format(needed)} more and the disk of '{existing.FullName}' has {ByteSize.Format(free)} "
                + "free; free some space, set NOOS_HOME to a folder on a larger disk, or choose a smaller quantization.");
        }
    }

    static long Length(string path) => new FileInfo(path) is { Exists: true } info ? info.Length : 0;
}
