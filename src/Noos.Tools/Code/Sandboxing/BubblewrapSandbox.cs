using Noos.Core;

namespace Noos.Tools.Code.Sandboxing;

/// <summary>
/// Level 1: bwrap makes the namespaces and the file tree, then a second launcher inside sets limits, Landlock and seccomp, which would
/// forbid bwrap its work. Started by root it first becomes somebody else: the user that <c>bwrap --uid</c> shows is a name only, and files
/// of root would stay readable.
/// </summary>
/// <param name="bubblewrap">The path of bwrap.</param>
/// <param name="help">What its <c>--help</c> says: older ones lack options.</param>
/// <param name="stageRoot">Where sessions keep their launchers.</param>
/// <param name="landlockAbi">The version of Landlock in the kernel; 0 for none.</param>
sealed class BubblewrapSandbox(string bubblewrap, string help, string stageRoot, int landlockAbi) : ISandbox
{
    // Where models expect the files of a conversation: their makers' own interpreters have them here.
    const string InsideFolder = "/mnt/data";
    const string InsideLauncher = "/.enter";

    public SandboxLevel Level => SandboxLevel.Bubblewrap;

    public string Description =>
        $"Python runs in bubblewrap: own namespaces, no network, read-only system, seccomp{(landlockAbi > 0 ? ", Landlock" : "")}, limits.";

    public ISandboxSession Start(SandboxProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        if (!help.Contains("--size", StringComparison.Ordinal))
        {
            throw new NoosException(
                ErrorKind.Unavailable, $"{bubblewrap} is too old to limit temporary files; install bubblewrap 0.8 or newer.");
        }

        var user = SandboxUser.For(program.Folder);
        var stage = new SandboxStage(stageRoot, user);
        try
        {
            var inside = CreateInside(program, user);
            var outside = CreateOutside(program, user, stage, stage.Write("enter", inside.ToElf()));
            return ConfinedProcess.Start(
                stage.Write("launch", outside.ToElf()), program, InsideFolder, stage, endsWithLeader: true,
                code => outside.FindFailure(code) ?? inside.FindFailure(code));
        }
        catch
        {
            stage.Dispose();
            throw;
        }
    }

    SyscallScript CreateOutside(SandboxProgram program, int? user, SandboxStage stage, string launcher)
    {
        var script = new SyscallScript();
        script.Call("closing descriptors", Syscall.CloseRange, 3, uint.MaxValue, 0);
        Launching.BecomeUser(script, program, user, stage, mounts: true);
        // Whoever ends Noos, by kill -9 too, ends what it runs. Cleared by a change of user, so after it.
        script.Call("tying its life to Noos", Syscall.Prctl, Syscall.SetParentDeathSignal, Syscall.Kill, 0, 0, 0);
        script.Call("leaving the current folder", Syscall.Chdir, script.Text("/"));
        script.Execute(bubblewrap, Arguments(program, user is null ? program.Folder : stage.MountPoint, launcher),
            SystemFolders.Environment(program, InsideFolder, "/tmp"));
        return script;
    }

    List<string> Arguments(SandboxProgram program, string folder, string launcher)
    {
        List<string> arguments =
        [
            "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "sandbox",
        ];
        if (help.Contains("--disable-userns", StringComparison.Ordinal))
        {
            arguments.Add("--disable-userns");
        }

        if (program.HasNetwork)
        {
            arguments.Add("--share-net");
        }

        foreach (var path in SystemFolders.Programs)
        {
            if (new FileInfo(path).LinkTarget is { } target)
            {
                arguments.AddRange(["--symlink", target, path]);
            }
            else
            {
                arguments.AddRange(["--ro-bind-try", path, path]);
            }
        }

        foreach (var path in SystemFolders.SettingsFor(program))
        {
            arguments.AddRange(["--ro-bind-try", path, path]);
        }

        // What bwrap makes itself, the root and /dev, are file systems in memory: writable, they would be memory without a limit.
        arguments.AddRange(
        [
            "--proc", "/proc", "--dev", "/dev", "--size", Number(16 << 20), "--tmpfs", "/dev/shm", "--remount-ro", "/dev",
            "--size", Number(program.Limits.TemporaryLength), "--tmpfs", "/tmp", "--bind", folder, InsideFolder,
            // After /tmp, in which they may lie.
            .. program.ReadOnlyFolders.SelectMany(path => (string[])["--ro-bind-try", path, path]),
            .. program.WritableFolders.SelectMany(path => (string[])["--bind", path, path]),
            "--ro-bind", launcher, InsideLauncher, "--remount-ro", "/", "--chdir", program.WorkingFolder ?? InsideFolder, "--",
            InsideLauncher,
        ]);
        return arguments;
    }

    SyscallScript CreateInside(SandboxProgram program, int? user)
    {
        var script = new SyscallScript();
        script.Call("closing descriptors", Syscall.CloseRange, 3, uint.MaxValue, 0);
        script.Call("setting the file mask", Syscall.Umask, Launching.FileMask);
        // Since Linux 5.14 processes are counted in each user namespace by itself; before that, outside as well.
        ProcessLimits.AddTo(script, program.Limits, OperatingSystem.IsLinux() && Environment.OSVersion.Version >= new Version(5, 14)
            ? 0
            : Launching.CountProcesses());
        script.Call("giving up privileges", Syscall.Prctl, Syscall.SetNoNewPrivileges, 1, 0, 0, 0);
        var landlock = new Landlock(landlockAbi, program.HasNetwork, program.MayLink);
        landlock.AddRules(
            script,
            [.. SystemFolders.Programs, .. SystemFolders.SettingsFor(program), .. program.ReadOnlyFolders, "/proc"],
            [InsideFolder, "/tmp", "/dev/shm", .. program.WritableFolders],
            SystemFolders.Devices);
        landlock.Enforce(script);
        Launching.Filter(script, SeccompFilter.Create(program, hasNamespaces: true, hasOwnUser: user is not null, confinesSignals: true));
        script.Execute(program.FileName, program.Arguments, SystemFolders.Environment(program, InsideFolder, "/tmp"));
        return script;
    }

    static string Number(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
