using System.Buffers.Binary;
using System.Globalization;

namespace Noos.Tools.Code.Sandboxing;

/// <summary>Steps that the launchers of all levels share.</summary>
static class Launching
{
    const int ModeFilter = 1;
    const int CapabilitySysAdmin = 21;

    // CLONE_NEWNS, and with it CLONE_NEWIPC and CLONE_NEWNET.
    const int OwnMounts = 0x20000;
    const int OwnNetwork = 0x08000000 | 0x40000000;

    const int BindMount = 4096;
    const int PrivateRecursive = (1 << 18) | 16384;

    /// <summary>Files that the program makes are its user's alone: 077.</summary>
    public const int FileMask = 0b111_111;

    static readonly Lazy<bool> s_mayMount = new(HasSysAdmin);

    /// <summary>Noos has CAP_SYS_ADMIN; root of an ordinary container has not.</summary>
    public static bool MayMount => s_mayMount.Value;

    /// <summary>Gives up the rights of root, and before that shows the folder to the user that it becomes.</summary>
    public static void BecomeUser(SyscallScript script, SandboxProgram program, int? user, SandboxStage stage, bool mounts)
    {
        if (user is not { } id)
        {
            return;
        }

        if (mounts)
        {
            Mount(script, program, user, stage);
        }

        script.Call("leaving all groups", Syscall.SetGroups, 0, 0);
        script.Call("changing the group", Syscall.SetRealGroup, id, id, id);
        script.Call("changing the user", Syscall.SetRealUser, id, id, id);
    }

    /// <summary>Mounts the folder of the program in the stage, seen by the program alone.</summary>
    public static void Mount(SyscallScript script, SandboxProgram program, int? user, SandboxStage stage)
    {
        if (user is null || !MayMount)
        {
            return;
        }

        var none = script.Text("none");
        if (!program.HasNetwork)
        {
            script.Try("making a network of its own", Syscall.Unshare, OwnNetwork);
        }

        script.Call("making mounts of its own", Syscall.Unshare, OwnMounts);
        script.Call("keeping mounts to itself", Syscall.Mount, none, script.Text("/"), 0, PrivateRecursive, 0);
        script.Call("mounting the folder", Syscall.Mount,
            script.Text(program.Folder), script.Text(stage.MountPoint), 0, BindMount, 0);
    }

    /// <summary>Puts a seccomp filter in force.</summary>
    public static void Filter(SyscallScript script, byte[] filter)
    {
        // struct sock_fprog: the number of instructions, padded to 8 bytes, and their address.
        var program = new byte[16];
        BinaryPrimitives.WriteInt16LittleEndian(program, (short)(filter.Length / 8));
        BinaryPrimitives.WriteInt64LittleEndian(program.AsSpan(8), script.Bytes(filter));
        script.Call("filtering system calls", Syscall.Seccomp, ModeFilter, 0, script.Bytes(program));
    }

    /// <summary>Processes and threads of the user of Noos.</summary>
    public static int CountProcesses()
    {
        var user = SystemCalls.EffectiveUser;
        var count = 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (char.IsAsciiDigit(Path.GetFileName(folder)[0]) && SystemCalls.FindStatus(folder) is { } status && status.Owner == user)
            {
                try
                {
                    count += Directory.EnumerateDirectories(Path.Combine(folder, "task")).Count();
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // It has just ended.
                }
            }
        }

        return count;
    }

    static bool HasSysAdmin()
    {
        const string Field = "CapEff:";
        return File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal)) is { } line
            && ((ulong.Parse(line[Field.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> CapabilitySysAdmin) & 1)
                == 1;
    }
}
