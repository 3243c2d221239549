using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Noos.Core;

namespace Noos.Training.Torch;

/// <summary>
/// The NuGet package that holds libtorch's native libraries. No project references it, since it is large and only training needs it:
/// <see cref="EnsureAsync"/> restores it when it is missing, once per machine, into the package folder that this build was restored to,
/// or NuGet's usual one of the user where this is a release.
/// Which package that is, the properties <c>Libtorch*</c> of Directory.Packages.props say. Thread-safe, across processes too.
/// </summary>
public sealed class LibtorchPackage
{
    static readonly TimeSpan s_progressInterval = TimeSpan.FromMilliseconds(200);

    readonly string _name;
    readonly string _version;
    readonly long _downloadBytes;
    readonly IReadOnlyList<string> _packageFolders;

    /// <param name="packageFolders">NuGet's package folders; the first one takes new packages, the others are read only.</param>
    public LibtorchPackage(string name, string version, long downloadBytes, IReadOnlyList<string> packageFolders)
    {
        ArgumentOutOfRangeException.ThrowIfZero(packageFolders.Count);
        _name = name;
        _version = version;
        _downloadBytes = downloadBytes;
        _packageFolders = packageFolders;
    }

    /// <summary>A NuGet source, a folder or an address, to take it from instead of the sources of the user.</summary>
    public string? Source { get; init; }

    /// <summary>The package that this build was made for.</summary>
    public static LibtorchPackage Default { get; } = FromBuild();

    /// <summary>Version of libtorch that TorchSharp was made for.</summary>
    public string Version => _version;

    /// <summary>
    /// Folder of a libtorch that the user brought (one made for CUDA, from pytorch.org), used instead of the package; null: the package.
    /// Set before training begins.
    /// </summary>
    public string? OwnLibraries { get; set; }

    /// <summary>Folder of the native libraries, or null while the package is not there, whole.</summary>
    /// <exception cref="NoosException"><see cref="OwnLibraries"/> holds no libtorch (NotFound).</exception>
    public string? FindLibraries() => OwnLibraries is { } own ? LibrariesIn(own) : FindPackage();

    static string LibrariesIn(string folder) =>
        new[] { folder, Path.Combine(folder, "lib") }.FirstOrDefault(place => File.Exists(Path.Combine(place, "libtorch.so")))
        ?? throw new NoosException(
            ErrorKind.NotFound,
            $"There is no libtorch.so in '{folder}' nor in its folder 'lib'; name the folder that a libtorch for Linux was unpacked to.");

    string? FindPackage() =>
        // NuGet writes this file last.
        _packageFolders.Select(FolderIn).FirstOrDefault(folder => File.Exists(Path.Combine(folder, ".nupkg.metadata"))) is { } found
            ? Path.Combine(found, "runtimes", "linux-x64", "native")
            : null;

    /// <summary>Downloads the package if it is missing, with the NuGet sources of the user.</summary>
    /// <exception cref="NoosException">It cannot be downloaded (<see cref="ErrorKind.Unavailable"/>).</exception>
    public async Task EnsureAsync(IProgress<LibtorchProgress>? progress, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (FindLibraries() is not null)
        {
            return;
        }

        // The place for MSBuild's intermediate files; a path that ends in a separator is what the properties of a project expect.
        var intermediate = Directory.CreateTempSubdirectory("noos-libtorch-").FullName + Path.DirectorySeparatorChar;
        try
        {
            var cache = progress is null ? null : await FindHttpCacheAsync(cancellationToken);
            using var restore = Start([
                "restore",
                Path.Combine(AppContext.BaseDirectory, "libtorch.proj"),
                "--packages", _packageFolders[0],
                $"-p:LibtorchPackage={_name}",
                $"-p:LibtorchVersion={_version}",
                $"-p:IntermediateFolder={intermediate}",
                "--verbosity", "quiet",
                .. Source is null ? [] : new[] { "--source", Source }]);
            var output = restore.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var error = restore.StandardError.ReadToEndAsync(CancellationToken.None);
            try
            {
                await WatchAsync(restore, cache, progress, timeProvider, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                restore.Kill(entireProcessTree: true);

                // Its intermediate files can only be removed when it no longer writes them.
                await restore.WaitForExitAsync(CancellationToken.None);
                throw;
            }

            if (restore.ExitCode != 0 || FindLibraries() is null)
            {
                throw Failure(FirstError(await output + await error));
            }
        }
        catch (Win32Exception exception)
        {
            throw new NoosException(
                ErrorKind.Unavailable,
                "libtorch, which computes the training, is fetched with the .NET 10 SDK, and no 'dotnet' can be started here; install it "
                + "from https://dot.net/download and run the same command again.",
                exception);
        }
        finally
        {
            Directory.Delete(intermediate, recursive: true);
        }
    }

    internal NoosException Missing() => new(
        ErrorKind.Unavailable,
        $"libtorch, which computes the training, is not on this machine yet ({_name} {_version}); any training command of noos "
        + "downloads it.");

    static LibtorchPackage FromBuild()
    {
        var settings = typeof(LibtorchPackage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .ToDictionary(item => item.Key, item => item.Value ?? "");
        var folders = settings["LibtorchFolders"].Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new LibtorchPackage(
            settings["LibtorchPackage"],
            settings["LibtorchVersion"],
            long.Parse(settings["LibtorchDownloadBytes"], CultureInfo.InvariantCulture),
            folders.Length > 0 ? folders : [Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify),
                ".nuget", "packages")]);
    }

    static Process Start(IEnumerable<string> arguments)
    {
        // Noos runs under "dotnet noos.dll" and takes the same one; as a program of its own it looks for one in the path.
        var host = Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";
        return Process.Start(new ProcessStartInfo(host, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            // Here global.json chooses the same SDK that built Noos, and the settings of NuGet beside the repository apply.
            WorkingDirectory = AppContext.BaseDirectory,
        })!;
    }

    // NuGet downloads into its HTTP cache and unpacks from there. Null if it does not say where that is: progress is no reason to fail.
    static async Task<string?> FindHttpCacheAsync(CancellationToken cancellationToken)
    {
        using var locals = Start(["nuget", "locals", "http-cache", "--list", "--force-english-output"]);
        var output = await locals.StandardOutput.ReadToEndAsync(cancellationToken);
        await locals.WaitForExitAsync(cancellationToken);
        const string Label = "http-cache:";
        return output.Split('\n').FirstOrDefault(line => line.Contains(Label, StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(Label, StringComparison.Ordinal) + Label.Length)..].Trim()
            : null;
    }

    // MSBuild writes "FILE : error CODE: TEXT"; dotnet itself, without an SDK for instance, plain text.
    static string FirstError(string output)
    {
        const string Label = " error ";
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var line = lines.FirstOrDefault(line => line.Contains(Label, StringComparison.Ordinal))
            ?? lines.FirstOrDefault()
            ?? "dotnet restore failed";
        var label = line.IndexOf(Label, StringComparison.Ordinal);
        return (label < 0 ? line : line[(label + Label.Length)..]).TrimEnd('.');
    }

    static long SizeOf(string? folder, string pattern)
    {
        try
        {
            return folder is not null && Directory.Exists(folder)
                ? new DirectoryInfo(folder).EnumerateFiles(pattern, SearchOption.AllDirectories).Sum(file => file.Length)
                : 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A file was renamed while it was looked at; the next look sees it under its new name.
            return 0;
        }
    }

    async Task WatchAsync(
        Process restore, string? cache, IProgress<LibtorchProgress>? progress, TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        var exited = restore.WaitForExitAsync(cancellationToken);
        while (await Task.WhenAny(exited, Task.Delay(s_progressInterval, timeProvider, cancellationToken)) != exited)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var unpacked = SizeOf(FolderIn(_packageFolders[0]), "*");
            progress?.Report(unpacked > 0
                ? new LibtorchProgress(unpacked, null)
                : new LibtorchProgress(SizeOf(cache, $"nupkg_{_name}.{_version}.dat*"), _downloadBytes));
        }

        await exited;
    }

    string FolderIn(string packageFolder) => Path.Combine(packageFolder, _name.ToLowerInvariant(), _version);

    NoosException Failure(string reason) => new(
        ErrorKind.Unavailable,
        $"libtorch, which computes the training, could not be downloaded ({reason}); go online, or name a NuGet source that has "
        + $"{_name} {_version}, and run the same command again.");
}
