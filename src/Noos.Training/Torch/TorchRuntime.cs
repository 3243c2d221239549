using System.Runtime.InteropServices;
using Noos.Core;
using TorchSharp;

namespace Noos.Training.Torch;

/// <summary>Makes libtorch ready for training in this process: loads it on older systems too, and keeps the allocator from giving memory back.</summary>
public static partial class TorchRuntime
{
    const int TrimThreshold = -1;
    const int MmapThreshold = -3;
    const int ArenaMax = -8;

    static readonly Lock s_lock = new();
    static bool s_ready;

    /// <summary>Idempotent; call before the first use of a tensor.</summary>
    /// <exception cref="NoosException">libtorch cannot be loaded on this machine.</exception>
    public static void Initialize()
    {
        lock (s_lock)
        {
            if (s_ready)
            {
                return;
            }

            // glibc hands every large temporary back to the kernel and then pays a page fault for each page of the next one: up to half
            // of a training step. One arena, because blocks above 64 MB never fit the arenas of other threads.
            if (OperatingSystem.IsLinux())
            {
                _ = Mallopt(ArenaMax, 1);
                _ = Mallopt(MmapThreshold, int.MaxValue);
                _ = Mallopt(TrimThreshold, int.MaxValue);

                // Idle OpenMP threads otherwise spin, and steal the cores from our own workers and from everything else that runs here.
                _ = SetEnvironment("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
            }

            try
            {
                ElfVersionPatch.RelaxIn(AppContext.BaseDirectory);
                torch.InitializeDeviceType(DeviceType.CPU);
            }
            catch (Exception exception) when (exception is DllNotFoundException or TypeInitializationException or NotSupportedException or IOException or UnauthorizedAccessException)
            {
                throw new NoosException(
                    $"libtorch could not be loaded ({exception.GetBaseException().Message}); training needs a 64-bit x86 Linux with glibc 2.28 or newer: rebuild with ./noos, or train on such a machine.", exception);
            }

            s_ready = true;
        }
    }

    // The managed form changes a copy that native libraries do not see.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Mallopt(int parameter, int value);
}
