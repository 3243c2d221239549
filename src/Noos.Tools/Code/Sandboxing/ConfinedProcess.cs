using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Noos.Core;
using Noos.Core.Text;

namespace Noos.Tools.Code.Sandboxing;

/// <summary>
/// A program behind a launcher. A loop on the thread pool looks every 100 ms (every second while it is idle) at what the program and its
/// children use, and ends all of them when a limit is passed that the kernel does not keep itself.
/// </summary>
sealed class ConfinedProcess : ISandboxSession
{
    static readonly TimeSpan s_busyInterval = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan s_idleInterval = TimeSpan.FromSeconds(1);

    readonly Process _process;
    readonly SandboxProgram _program;
    readonly SandboxStage _stage;
    readonly bool _endsWithLeader;
    readonly Func<int, string?> _findFailure;
    readonly CancellationTokenSource _end = new();
    readonly SemaphoreSlim _wake = new(0);
    readonly int _id;
    bool _isBusy;
    string? _reason;

    ConfinedProcess(
        Process process, SandboxProgram program, string folder, SandboxStage stage, bool endsWithLeader, Func<int, string?> findFailure)
    {
        _process = process;
        _program = program;
        _stage = stage;
        _endsWithLeader = endsWithLeader;
        _findFailure = findFailure;
        _id = process.Id;
        Folder = folder;
        Ended = WaitAsync();
        _ = WatchAsync();
    }

    /// <param name="launcher">The executable that confines itself and becomes the program.</param>
    /// <param name="program">The program.</param>
    /// <param name="folder">Its folder, as it sees it.</param>
    /// <param name="stage">Removed at the end.</param>
    /// <param name="endsWithLeader">All end with the first process, which has a process namespace; else its process group is ended.</param>
    /// <param name="findFailure">What a launcher's exit code means.</param>
    public static ConfinedProcess Start(
        string launcher, SandboxProgram program, string folder, SandboxStage stage, bool endsWithLeader, Func<int, string?> findFailure)
    {
        if (SandboxUser.For(program.Folder) is { } user)
        {
            SandboxUser.Own(program.Folder, user);
        }

        var start = new ProcessStartInfo(launcher)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        var process = new Process { StartInfo = start };
        try
        {
            LaunchThread.Start(process);
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            throw new NoosException(
                ErrorKind.Unavailable,
                $"The sandbox cannot start a program in {stage.Folder}: {e.Message} Set TMPDIR to a folder from which programs may run.",
                e);
        }

        return new ConfinedProcess(process, program, folder, stage, endsWithLeader, findFailure);
    }

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    public Stream Error => _process.StandardError.BaseStream;

    public string Folder { get; }

    public Task<string> Ended { get; }

    public bool IsBusy
    {
        get => Volatile.Read(ref _isBusy);
        set
        {
            Volatile.Write(ref _isBusy, value);
            if (value)
            {
                _wake.Release();
            }
        }
    }

    public void Kill(string reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        if (!Ended.IsCompleted)
        {
            EndAll();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill("it was closed");
        await Ended;
        _process.Dispose();
        _end.Dispose();
        _wake.Dispose();
    }

    async Task<string> WaitAsync()
    {
        await _process.WaitForExitAsync();
        var code = _process.ExitCode;
        EndGroup();
        await _end.CancelAsync();
        _stage.Dispose();
        return Volatile.Read(ref _reason) ?? Describe(code);
    }

    void EndAll()
    {
        EndGroup();
        SystemCalls.Kill(_id);
    }

    // Nobody can have left the group, as the filter refuses that; its number stays taken while one of them is there.
    void EndGroup()
    {
        if (!_endsWithLeader)
        {
            SystemCalls.Kill(-_id);
        }
    }

    string Describe(int code) => _findFailure(code) is { } step
        ? $"the sandbox failed at {step}"
        : code switch
        {
            // 128 and the number of the signal.
            137 => "it was killed, probably because the machine has no memory left",
            139 => "it crashed (segmentation fault)",
            152 => "it used too much processor time",
            159 => "it made a system call that is not allowed",
            153 => "it wrote a file that is too long",
            _ => string.Create(CultureInfo.InvariantCulture, $"it ended with exit code {code}"),
        };

    async Task WatchAsync()
    {
        await Task.Yield();
        var limits = _program.Limits;
        // What was there before is not its doing.
        var begin = FolderUsage.Read(_program.Folder, int.MaxValue);
        var maxEntries = begin.Entries + limits.FolderEntries + 1;
        TimeSpan? idleSince = null;
        try
        {
            while (true)
            {
                await _wake.WaitAsync(IsBusy ? s_busyInterval : s_idleInterval, _end.Token);
                var usage = ProcessUsage.Read(_id);
                var folder = FolderUsage.Read(_program.Folder, maxEntries);
                var temporary = FolderUsage.Read(_stage.Temporary, limits.FolderEntries + 1);
                idleSince = IsBusy ? null : idleSince ?? usage.ProcessorTime;
                if (usage.Memory > limits.Memory)
                {
                    Kill($"it used more than {ByteSize.Format(limits.Memory)} of memory");
                }
                else if (folder.Length - begin.Length > limits.FolderGrowth)
                {
                    Kill($"it wrote more than {ByteSize.Format(limits.FolderGrowth)} of files");
                }
                else if (folder.Entries - begin.Entries > limits.FolderEntries || temporary.Entries > limits.FolderEntries)
                {
                    Kill(string.Create(CultureInfo.InvariantCulture, $"it made more than {limits.FolderEntries} files"));
                }
                else if (temporary.Length > limits.TemporaryLength)
                {
                    Kill($"it wrote more than {ByteSize.Format(limits.TemporaryLength)} of temporary files");
                }
                else if (usage.ProcessorTime - idleSince > limits.IdleProcessorTime)
                {
                    Kill("it kept the processor busy after it had answered");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The program has ended.
        }
    }
}
