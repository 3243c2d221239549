using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Noos.Core;
using TorchSharp;

namespace Noos.Training.Torch;

/// <summary>
/// Makes libtorch ready for training in this process: loads it from the package folder, on older systems too, and keeps the allocator from
/// giving memory back. Thread-safe.
/// </summary>
public static partial class TorchRuntime
{
    const int TrimThreshold = -1;
    const int MmapThreshold = -3;
    const int ArenaMax = -8;

    static readonly Lock s_lock = new();
    static bool s_ready;

    /// <summary>Idempotent; call before the first use of a tensor.</summary>
    /// <exception cref="NoosException">
    /// libtorch is not on this machine, see <see cref="LibtorchPackage.EnsureAsync"/>, or cannot be loaded on it
    /// (<see cref="ErrorKind.Unavailable"/>).
    /// </exception>
    public static void Initialize()
    {
        lock (s_lock)
        {
            if (s_ready)
            {
                return;
            }

            var libraries = LibtorchPackage.Default.FindLibraries() ?? throw LibtorchPackage.Default.Missing();

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
                Load(libraries);
                torch.InitializeDeviceType(DeviceType.CPU);
            }
            catch (Exception exception)
                when (exception is DllNotFoundException or TypeInitializationException or NotSupportedException or IOException
                    or UnauthorizedAccessException)
            {
                throw new NoosException(
                    ErrorKind.Unavailable,
                    $"libtorch could not be loaded ({exception.GetBaseException().Message}); training needs a 64-bit x86 Linux with "
                    + "glibc 2.28 or newer.",
                    exception);
            }

            s_ready = true;
        }
    }

    /// <summary>Makes the first CUDA device ready. Idempotent.</summary>
    /// <exception cref="NoosException">
    /// There is none, or libtorch on this machine knows none (<see cref="ErrorKind.Unavailable"/>).
    /// </exception>
    public static void InitializeCuda()
    {
        Initialize();
        var reason = "libtorch sees none";
        try
        {
            if (torch.TryInitializeDeviceType(DeviceType.CUDA) && torch.cuda_is_available())
            {
                return;
            }
        }
        catch (Exception exception) when (exception is DllNotFoundException or NotSupportedException or TypeInitializationException
            or System.Runtime.InteropServices.ExternalException)
        {
            reason = exception.GetBaseException().Message;
        }

        throw new NoosException(
            ErrorKind.Unavailable,
            $"No CUDA device can be used ({reason}); the kernels 'cuda' need an NVIDIA GPU with its driver, and a libtorch "
            + $"{LibtorchPackage.Default.Version} made for CUDA, whose folder NOOS_LIBTORCH names. Without them choose the kernels "
            + "'auto'.");
    }

    // From here on the dynamic loader knows all libraries by their names (DT_SONAME), so every later request finds them without a
    // path: that of TorchSharp for its native half, of that for libtorch, and our own for the BLAS inside it. libtorch.so pulls
    // in what lies beside it.
    static void Load(string libraries)
    {
        _ = NativeLibrary.Load(Path.Combine(libraries, "libtorch.so"));
        var binding = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");
        if (!NativeLibrary.TryLoad(binding, out _))
        {
            LoadRelaxed(binding);
        }
    }

    // The copy lives in memory alone: neither the package folder nor the output folder is changed, and neither need be writable.
    static void LoadRelaxed(string path)
    {
        var elf = File.ReadAllBytes(path);
        _ = ElfVersionPatch.Relax(elf);
        using var memory = new SafeFileHandle(CreateMemoryFile("libLibTorchSharp.so", flags: 0), ownsHandle: true);
        RandomAccess.Write(memory, elf, 0);
        _ = NativeLibrary.Load($"/proc/self/fd/{memory.DangerousGetHandle()}");
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);

    // The managed form changes a copy that native libraries do not see.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Mallopt(int parameter, int value);
}
