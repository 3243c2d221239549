using System.Runtime.InteropServices;
using Noos.Core;

namespace Noos.Tools.Code.Sandboxing;

/// <summary>
/// The strongest sandbox that works on this machine. Whether one works is found out by running a program in it, with the rules that all
/// programs get: what the system says of itself is not enough where containers and security modules refuse this and that.
/// </summary>
/// <param name="Sandbox">Null where no program may be run: then only interpreted languages are left.</param>
/// <param name="Refusals">Why the stronger levels do not work, one sentence each.</param>
public sealed record SandboxChoice(ISandbox? Sandbox, IReadOnlyList<string> Refusals)
{
    static readonly string[] s_places = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"];

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public SandboxLevel Level => Sandbox?.Level ?? SandboxLevel.Interpreter;

    /// <summary>What confines the programs, in one sentence for a person.</summary>
    public string Description => Sandbox?.Description
        ?? "No program can be confined here, so none is run: JavaScript is interpreted inside Noos, with limits.";

    /// <summary>Tries the levels in their order; takes some 20 ms.</summary>
    public static async Task<SandboxChoice> FindAsync(SandboxOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var refusals = new List<string>();
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64)
        {
            return new SandboxChoice(null, ["Programs are confined on 64-bit x86 Linux only."]);
        }

        foreach (var create in (Func<SandboxOptions, Task<ISandbox>>[])[CreateBubblewrapAsync, CreateLandlockAsync])
        {
            try
            {
                var sandbox = await create(options);
                if (sandbox.Level < options.StrongestLevel)
                {
                    continue;
                }

                await ProbeAsync(sandbox, options, cancellationToken);
                return new SandboxChoice(sandbox, refusals);
            }
            catch (NoosException e)
            {
                refusals.Add(e.Message);
            }
        }

        return new SandboxChoice(null, refusals);
    }

    static async Task<ISandbox> CreateBubblewrapAsync(SandboxOptions options)
    {
        var path = options.Bubblewrap ?? Array.Find(s_places, File.Exists);
        if (options.StrongestLevel > SandboxLevel.Bubblewrap || path is null || !File.Exists(path))
        {
            throw new NoosException(ErrorKind.Unavailable, "bubblewrap is not installed.");
        }

        using var process = new System.Diagnostics.Process();
        process.StartInfo = new(path, "--help") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        process.StartInfo.Environment.Clear();
        LaunchThread.Start(process);
        var help = await process.StandardOutput.ReadToEndAsync();
        return new BubblewrapSandbox(path, help, options.StageFolder, SystemCalls.LandlockAbi);
    }

    static Task<ISandbox> CreateLandlockAsync(SandboxOptions options)
    {
        var abi = SystemCalls.LandlockAbi;
        return abi >= Landlock.MinAbi && options.StrongestLevel <= SandboxLevel.Landlock
            ? Task.FromResult<ISandbox>(new LandlockSandbox(options.StageFolder, abi))
            : throw new NoosException(ErrorKind.Unavailable, "The kernel has no Landlock of version 3 or later (Linux 6.2).");
    }

    static async Task ProbeAsync(ISandbox sandbox, SandboxOptions options, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(options.StageFolder, $"noos-probe-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            await using var session = sandbox.Start(new SandboxProgram("/usr/bin/true", [], folder));
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(s_patience);
            using var reader = new StreamReader(session.Error);
            var said = await reader.ReadToEndAsync(patience.Token);
            var end = await session.Ended.WaitAsync(patience.Token);
            if (end != "it ended with exit code 0")
            {
                var detail = said.Trim() is { Length: > 0 } words ? words.Split('\n')[0] : end;
                throw new NoosException(ErrorKind.Unavailable, $"{Name(sandbox)} does not work here: {detail}.");
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NoosException(ErrorKind.Unavailable, $"{Name(sandbox)} does not work here: it takes too long.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(ErrorKind.Unavailable, $"{Name(sandbox)} does not work here: {e.Message}", e);
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    static string Name(ISandbox sandbox) => sandbox.Level == SandboxLevel.Bubblewrap ? "bubblewrap" : "Landlock";
}
