using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Noos.MachineCode;

/// <summary>
/// Linux gives a process the eight kilobytes of AMX's tiles only when it asks (kernel documentation, "Using XSTATE features in user space
/// applications"); without, the first tile instruction ends it.
/// </summary>
public static partial class TileAccess
{
    static readonly Lazy<bool> s_granted = new(Request);

    /// <summary>Whether this process may use tiles of bfloat16 on all of its threads; asks at the first call.</summary>
    public static bool IsGranted => s_granted.Value;

    static bool Request()
    {
        if (!OperatingSystem.IsLinux() || !X86Base.X64.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
        {
            return false;
        }

        // CPUID leaf 7, EDX: AMX-BF16 (22) and AMX-TILE (24).
        const int TilesOfBFloat16 = (1 << 22) | (1 << 24);
        if ((X86Base.CpuId(7, 0).Edx & TilesOfBFloat16) != TilesOfBFloat16
            || (ExtendedControlRegister.Read() & ExtendedControlRegister.Tiles) != ExtendedControlRegister.Tiles)
        {
            return false;
        }

        // arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA)
        const nint ArchPrctl = 158;
        const nint RequestPermission = 0x1023;
        const nint TileData = 18;
        return SystemCall(ArchPrctl, RequestPermission, TileData) == 0;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint SystemCall(nint number, nint first, nint second);
}
