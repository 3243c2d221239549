using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>The routines of emitted kernels, each written when it is first asked for. Threads may share it.</summary>
/// <param name="load">Makes code callable (whether it is a short one is said, too), or gives null where that is refused.</param>
sealed class EmittedRoutines(Func<byte[], bool, NativeRoutine?> load)
{
    static readonly Lazy<EmittedRoutines?> s_native = new(() => IsSupported ? new EmittedRoutines(ExecutableMemory.Load) : null);

    readonly Lock _lock = new();
    readonly Dictionary<(bool HasMinima, bool HasHalfScales), NativeRoutine[]?> _tiles = [];
    readonly Dictionary<Type, NativeRoutine?> _gemvs = [];

    /// <summary>Code for this processor, or null where it is another one than the code is for.</summary>
    public static EmittedRoutines? Native => s_native.Value;

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
        : (ExtendedControlRegister.Read() & ExtendedControlRegister.Avx512) == ExtendedControlRegister.Avx512;

    /// <summary>Tiles by their number of tokens less one, or null where the system refuses executable pages.</summary>
    public NativeRoutine[]? GetGemmTiles(bool hasMinima, bool hasHalfScales)
    {
        lock (_lock)
        {
            if (!_tiles.TryGetValue((hasMinima, hasHalfScales), out var tiles))
            {
                var loaded = Enumerable.Range(1, GemmTileEmitter.MaxTokens(hasHalfScales))
                    .Select(tokens => load(GemmTileEmitter.Emit(tokens, hasMinima, hasHalfScales), true)).OfType<NativeRoutine>().ToArray();
                tiles = loaded.Length == GemmTileEmitter.MaxTokens(hasHalfScales) ? loaded : null;
                _tiles.Add((hasMinima, hasHalfScales), tiles);
            }

            return tiles;
        }
    }

    /// <summary>A packed panel times one token.</summary>
    public NativeRoutine? GetGemv<TFormat>()
        where TFormat : struct, IEmittedGemvFormat
    {
        lock (_lock)
        {
            if (!_gemvs.TryGetValue(typeof(TFormat), out var routine))
            {
                routine = load(GemvEmitter.Emit<TFormat>(), false);
                _gemvs.Add(typeof(TFormat), routine);
            }

            return routine;
        }
    }
}
