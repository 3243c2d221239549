namespace Noos.Tools.Code.Sandboxing;

/// <summary>The limits of a process that the kernel itself keeps: setrlimit(2).</summary>
static class ProcessLimits
{
    const int ProcessorTime = 0;
    const int FileLength = 1;
    const int CoreLength = 4;
    const int Processes = 6;
    const int OpenFiles = 7;
    const int LockedMemory = 8;
    const int AddressSpace = 9;
    const int Queues = 12;

    /// <summary>Adds the calls that set all limits for good.</summary>
    /// <param name="script">Gets the calls.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="otherProcesses">
    /// How many processes the same user has outside: the kernel counts by user, so a program that shares one needs room for them.
    /// </param>
    public static void AddTo(SyscallScript script, SandboxLimits limits, int otherProcesses)
    {
        Set("processor time", ProcessorTime, (long)Math.Ceiling(limits.ProcessorTime.TotalSeconds));
        Set("file length", FileLength, limits.FileLength);
        Set("address space", AddressSpace, limits.AddressSpace ?? limits.Memory);
        Set("processes", Processes, limits.Processes + otherProcesses);
        Set("open files", OpenFiles, limits.OpenFiles);
        Set("core dumps", CoreLength, 0);
        Set("locked memory", LockedMemory, 0);
        Set("message queues", Queues, 0);

        // Never above what Noos itself may use: raising needs rights that a user has not. So a limit that cannot be set is one that is
        // stricter already.
        void Set(string name, long resource, long value) =>
            script.Try($"limiting {name}", Syscall.ProcessLimit, 0, resource, script.Numbers(value, value), 0);
    }
}
