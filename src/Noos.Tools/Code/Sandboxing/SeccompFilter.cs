using System.Buffers.Binary;

namespace Noos.Tools.Code.Sandboxing;

/// <summary>
/// A seccomp program (classic BPF): which system calls the confined program may make. Refused is what reaches other processes, the network,
/// the system's settings, or memory that no limit counts; also large and young parts of the kernel that programs rarely need, since a hole
/// in the kernel would be a way out. What is refused fails with an error, so that a program can go on.
/// </summary>
static class SeccompFilter
{
    const int LoadWord = 0x20;
    const int JumpIfEqual = 0x15;
    const int JumpIfAtLeast = 0x35;
    const int JumpIfAnyBit = 0x45;
    const int Return = 0x06;

    const uint Allow = 0x7fff0000;
    const uint KillProcess = 0x80000000;
    const uint X86_64 = 0xc000003e;

    const int Socket = 41;
    const uint Internet = 2;
    const uint InternetSix = 10;

    const int NotPermitted = 1;
    const int NoSuchCall = 38;
    const int NotSupported = 95;

    // Set-user-id and set-group-id: the folder outlives the sandbox, and such a file in it would lend its owner's rights to others.
    const uint SetIdBits = 0xc00;

    // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
    const uint NamespaceFlags = 0x7e020000;

    /// <summary>The first number that this filter knows nothing of; those calls do not exist here.</summary>
    const uint FirstUnknown = 468;

    static readonly int[] s_refused =
    [
        // Other processes: ptrace, process_vm_readv, process_vm_writev, kcmp, pidfd_getfd, process_madvise, process_mrelease,
        // migrate_pages, move_pages, setpriority, ioprio_set, sched_setparam, sched_setscheduler, sched_setaffinity, sched_setattr.
        101, 310, 311, 312, 438, 440, 448, 256, 279, 141, 251, 142, 144, 203, 314,
        // Mounts and roots: mount, umount2, pivot_root, chroot, open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr,
        // statmount, listmount, open_tree_attr, name_to_handle_at, open_by_handle_at, fanotify_init.
        165, 166, 155, 161, 428, 429, 430, 431, 432, 433, 442, 457, 458, 467, 303, 304, 300,
        // Namespaces: unshare, setns.
        272, 308,
        // The system: reboot, swapon, swapoff, sethostname, setdomainname, settimeofday, clock_settime, adjtimex, clock_adjtime, acct,
        // quotactl, quotactl_fd, syslog, vhangup, iopl, ioperm, modify_ldt, uselib, sysfs, ustat, nfsservctl, lookup_dcookie.
        169, 167, 168, 170, 171, 164, 227, 159, 305, 163, 179, 443, 103, 153, 172, 173, 154, 134, 139, 136, 180, 212,
        // Modules and kernels: create_module, init_module, delete_module, get_kernel_syms, query_module, finit_module, kexec_load,
        // kexec_file_load.
        174, 175, 176, 177, 178, 313, 246, 320,
        // Keys: add_key, request_key, keyctl.
        248, 249, 250,
        // Where kernels had holes: bpf, perf_event_open, userfaultfd, io_uring_setup, io_uring_enter, io_uring_register, personality,
        // vmsplice, remap_file_pages.
        321, 298, 323, 425, 426, 427, 135, 278, 216,
        // Memory that belongs to no process, so that no limit of a process counts it: memfd_create, memfd_secret, shmget, shmat, shmctl,
        // semget, semop, semctl, semtimedop, msgget, msgsnd, msgrcv, msgctl, mq_open.
        319, 447, 29, 30, 31, 64, 65, 66, 220, 68, 69, 70, 71, 240,
        // Nobody is served: listen, accept, accept4.
        50, 43, 288,
        // Watching files that cannot be opened: inotify_init, inotify_init1, inotify_add_watch.
        253, 294, 254,
    ];

    // No network, not even sockets of this machine: socket, connect, bind. Pairs stay, see below.
    static readonly int[] s_sockets = [Socket, 42, 49];

    // Links could lead whoever reads the folder later out of it: link, linkat, symlink, symlinkat.
    static readonly int[] s_links = [86, 265, 88, 266];

    // kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal.
    static readonly int[] s_signals = [62, 200, 234, 129, 297, 424];

    // setpgid, setsid.
    static readonly int[] s_groups = [109, 112];

    // What copying a file sets is pretended to succeed. Modes and owners: chmod, fchmodat, fchmodat2, chown, lchown, fchownat.
    static readonly int[] s_modes = [90, 268, 452, 92, 94, 260];

    // Times: utime, utimes, futimesat, utimensat.
    static readonly int[] s_times = [132, 235, 261, 280];

    // setxattr, lsetxattr, removexattr, lremovexattr, setxattrat, removexattrat.
    static readonly int[] s_attributes = [188, 189, 197, 198, 463, 466];

    /// <summary>The program, in the layout of <c>struct sock_filter</c>.</summary>
    /// <param name="program">Whose calls are filtered: whether it has a network, and may make links.</param>
    /// <param name="hasNamespaces">
    /// Files and processes outside cannot be named at all. Without namespaces Landlock guards the files, which does not cover times and
    /// attributes, and the program is ended by its process group, which nobody may then leave.
    /// </param>
    /// <param name="hasOwnUser">Nothing outside belongs to the user, so he can change no mode and signal no process there.</param>
    /// <param name="confinesSignals">Landlock keeps signals inside.</param>
    public static byte[] Create(SandboxProgram program, bool hasNamespaces, bool hasOwnUser, bool confinesSignals)
    {
        var filter = new List<(ushort Code, byte IfTrue, byte IfFalse, uint Value)>
        {
            (LoadWord, 0, 0, 4),
            (JumpIfEqual, 1, 0, X86_64),
            (Return, 0, 0, KillProcess),
            (LoadWord, 0, 0, 0),
            // From here on: unknown calls, and those of the x32 ABI, whose numbers have bit 30 set.
            (JumpIfAtLeast, 0, 1, FirstUnknown),
            (Return, 0, 0, Error(NoSuchCall)),
        };
        // A newer clone, and a newer open, hide their flags behind a pointer; the C library then takes the older ones.
        Refuse([Syscall.Clone3, Syscall.OpenAt2], NoSuchCall);
        Refuse(s_refused, NotPermitted);
        if (!program.HasNetwork)
        {
            Refuse(s_sockets, NotPermitted);
        }

        if (!program.MayLink)
        {
            Refuse(s_links, NotPermitted);
        }

        if (!hasNamespaces)
        {
            Refuse(s_groups, NotPermitted);
            Refuse(s_attributes, NotSupported);
            Refuse(s_times, 0);
            if (!hasOwnUser)
            {
                Refuse(s_modes, 0);
                if (!confinesSignals)
                {
                    Refuse(s_signals, NotPermitted);
                }
            }
        }

        Check(Syscall.Clone, 0, JumpIfAnyBit, NamespaceFlags);
        // ioctl: TIOCSTI types into a terminal, TIOCLINUX pastes into a console.
        Check(16, 1, JumpIfEqual, 0x5412, 0x541c);
        // chmod, fchmod, fchmodat, fchmodat2; open, openat, creat, mknod, mknodat.
        foreach (var (number, mode) in ((int, int)[])[(90, 1), (91, 1), (268, 2), (452, 2), (2, 2), (257, 3), (85, 1), (133, 1), (259, 2)])
        {
            Check(number, mode, JumpIfAnyBit, SetIdBits);
        }

        // prlimit: of oneself alone, which is process 0.
        Check(Syscall.ProcessLimit, 0, JumpIfAnyBit, uint.MaxValue);

        if (program.HasNetwork)
        {
            // Of IP alone: a socket in the file system may be that of a service that obeys whoever reaches it.
            filter.Add((JumpIfEqual, 0, 5, Socket));
            filter.Add((LoadWord, 0, 0, 16));
            filter.Add((JumpIfEqual, 2, 0, Internet));
            filter.Add((JumpIfEqual, 1, 0, InternetSix));
            filter.Add((Return, 0, 0, Error(NotPermitted)));
            filter.Add((Return, 0, 0, Allow));
        }

        // socketpair: of AF_UNIX alone.
        filter.Add((JumpIfEqual, 0, 4, 53));
        filter.Add((LoadWord, 0, 0, 16));
        filter.Add((JumpIfEqual, 1, 0, 1));
        filter.Add((Return, 0, 0, Error(NotPermitted)));
        filter.Add((Return, 0, 0, Allow));
        filter.Add((Return, 0, 0, Allow));

        var bytes = new byte[filter.Count * 8];
        for (var i = 0; i < filter.Count; i++)
        {
            var instruction = bytes.AsSpan(i * 8);
            BinaryPrimitives.WriteUInt16LittleEndian(instruction, filter[i].Code);
            instruction[2] = filter[i].IfTrue;
            instruction[3] = filter[i].IfFalse;
            BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], filter[i].Value);
        }

        return bytes;

        void Refuse(int[] numbers, int error)
        {
            foreach (var number in numbers)
            {
                filter.Add((JumpIfEqual, 0, 1, (uint)number));
                filter.Add((Return, 0, 0, Error(error)));
            }
        }

        // Refuses a call by its argument. Arguments are 64 bits wide, but the kernel reads the low half of these alone.
        void Check(int number, int argument, ushort test, params ReadOnlySpan<uint> values)
        {
            filter.Add((JumpIfEqual, 0, (byte)(2 + (2 * values.Length)), (uint)number));
            filter.Add((LoadWord, 0, 0, (uint)(16 + (8 * argument))));
            foreach (var value in values)
            {
                filter.Add((test, 0, 1, value));
                filter.Add((Return, 0, 0, Error(NotPermitted)));
            }

            filter.Add((Return, 0, 0, Allow));
        }
    }

    static uint Error(int number) => 0x50000u | (uint)number;
}
