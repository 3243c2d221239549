using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>The routines of emitted kernels, each written when it is first asked for. Threads may share it.</summary>
/// <param name="load">Makes code callable (whether it is a short one is said, too), or gives null where that is refused.</param>
sealed class KernelCode(Func<byte[], bool, Routine?> load)
{
    static readonly Lazy<KernelCode?> s_native = new(() => IsSupported ? new KernelCode(ExecutableMemory.Load) : null);

    readonly Lock _lock = new();
    readonly Dictionary<(bool HasMinima, bool HasHalfScales), Routine[]?> _tiles = [];
    readonly Dictionary<Type, Routine?> _direct = [];

    /// <summary>Code for this processor, or null where it is another one than the code is for.</summary>
    public static KernelCode? Native => s_native.Value;

    static bool IsSupported => X86Base.X64.IsSupported && OperatingSystem.IsLinux() && ProcessorHasInstructions && SystemKeepsRegisters;

    // AVX512F, AVX512BW and AVX512_VNNI: the runtime does not know the last one.
    static bool ProcessorHasInstructions
    {
        get
        {
            if (X86Base.CpuId(0, 0).Eax < 7)
            {
                return false;
            }

            var (_, ebx, ecx, _) = X86Base.CpuId(7, 0);
            return (ebx & (1 << 16)) != 0 && (ebx & (1 << 30)) != 0 && (ecx & (1 << 11)) != 0;
        }
    }

    // With a compiler at run time, its answer is the one that users can switch off.
    static bool SystemKeepsRegisters => RuntimeFeature.IsDynamicCodeSupported
        ? Avx512F.IsSupported && Avx512BW.IsSupported
        : (ExtendedState.Read() & ExtendedState.Avx512) == ExtendedState.Avx512;

    /// <summary>Tiles by their number of tokens less one, or null where the system refuses executable pages.</summary>
    public Routine[]? Tiles(bool hasMinima, bool hasHalfScales)
    {
        lock (_lock)
        {
            if (!_tiles.TryGetValue((hasMinima, hasHalfScales), out var tiles))
            {
                var loaded = Enumerable.Range(1, TileEmitter.MostTokens(hasHalfScales))
                    .Select(tokens => load(TileEmitter.Emit(tokens, hasMinima, hasHalfScales), true)).OfType<Routine>().ToArray();
                tiles = loaded.Length == TileEmitter.MostTokens(hasHalfScales) ? loaded : null;
                _tiles.Add((hasMinima, hasHalfScales), tiles);
            }

            return tiles;
        }
    }

    /// <summary>A packed panel times one token.</summary>
    public Routine? Direct<TFormat>()
        where TFormat : struct, IEmittedFormat
    {
        lock (_lock)
        {
            if (!_direct.TryGetValue(typeof(TFormat), out var routine))
            {
                routine = load(DirectEmitter.Emit<TFormat>(), false);
                _direct.Add(typeof(TFormat), routine);
            }

            return routine;
        }
    }
}
