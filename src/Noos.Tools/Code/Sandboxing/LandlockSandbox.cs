namespace Noos.Tools.Code.Sandboxing;

/// <summary>
/// Level 2, for systems where nobody may make user namespaces, or bwrap is missing: Landlock confines files, seccomp refuses all sockets
/// and whatever Landlock does not cover. Started by root the program gets a user of its own, and namespaces for files and network where
/// root may make them.
/// </summary>
/// <param name="stageRoot">Where sessions keep their launchers.</param>
/// <param name="landlockAbi">The version of Landlock in the kernel, at least <see cref="Landlock.MinAbi"/>.</param>
sealed class LandlockSandbox(string stageRoot, int landlockAbi) : ISandbox
{
    public SandboxLevel Level => SandboxLevel.Landlock;

    public string Description => "Python runs under Landlock, seccomp and limits, without a network; it sees the system's programs and the "
        + "folder of its conversation alone.";

    public ISandboxSession Start(SandboxProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        var user = SandboxUser.For(program.Folder);
        var stage = new SandboxStage(stageRoot, user);
        try
        {
            var folder = user is not null && Launching.MayMount ? stage.MountPoint : program.Folder;
            var script = Create(program, user, stage, folder);
            return ConfinedProcess.Start(
                stage.Write("launch", script.ToElf()), program, folder, stage, endsWithLeader: false, script.FindFailure);
        }
        catch
        {
            stage.Dispose();
            throw;
        }
    }

    SyscallScript Create(SandboxProgram program, int? user, SandboxStage stage, string folder)
    {
        var script = new SyscallScript();
        var landlock = new Landlock(landlockAbi, program.HasNetwork, program.MayLink);
        script.Call("closing descriptors", Syscall.CloseRange, 3, uint.MaxValue, 0);
        // A session, so that one signal ends all of it; the filter lets nobody leave.
        script.Call("making a session", Syscall.SetSession);
        Launching.Mount(script, program, user, stage);
        // Opened, and entered, before the rights are given up: the folder may lie below one that only root may enter.
        landlock.AddRules(
            script,
            [.. SystemFolders.Programs, .. SystemFolders.SettingsFor(program), .. program.ReadOnlyFolders],
            [folder, stage.Temporary, .. program.WritableFolders],
            SystemFolders.Devices);
        script.Call("entering the folder", Syscall.Chdir, script.Text(program.WorkingFolder ?? folder));
        script.Call("setting the file mask", Syscall.Umask, Launching.FileMask);
        ProcessLimits.AddTo(script, program.Limits, user is null ? Launching.CountProcesses() : 0);
        Launching.BecomeUser(script, program, user, stage, mounts: false);
        script.Call("tying its life to Noos", Syscall.Prctl, Syscall.SetParentDeathSignal, Syscall.Kill, 0, 0, 0);
        script.Call("giving up privileges", Syscall.Prctl, Syscall.SetNoNewPrivileges, 1, 0, 0, 0);
        landlock.Enforce(script);
        Launching.Filter(script, SeccompFilter.Create(program, hasNamespaces: false, user is not null, landlock.ConfinesSignals));
        script.Execute(program.FileName, program.Arguments, SystemFolders.Environment(program, folder, stage.Temporary));
        return script;
    }
}
