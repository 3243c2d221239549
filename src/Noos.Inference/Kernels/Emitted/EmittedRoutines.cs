using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Noos.MachineCode;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>Cache of the emitted routines, each assembled when it is first needed. Thread-safe.</summary>
/// <param name="load">
/// Makes code callable, or returns null where the system refuses; the flag says that it runs for under a microsecond.
/// </param>
sealed class EmittedRoutines(Func<byte[], bool, NativeRoutine?> load)
{
    static readonly Lazy<EmittedRoutines?> s_native = new(() => IsSupported ? new EmittedRoutines(ExecutableMemory.Load) : null);

    readonly Lock _lock = new();
    readonly Dictionary<(bool HasMinima, bool HasHalfScales), NativeRoutine[]?> _tiles = [];
    readonly Dictionary<Type, NativeRoutine?> _gemvs = [];

    /// <summary>Routines of this machine; null where it lacks AVX-512 VNNI or is not Linux on x86-64.</summary>
    public static EmittedRoutines? Native => s_native.Value;

    static bool IsSupported => X86Base.X64.IsSupported && OperatingSystem.IsLinux() && ProcessorHasInstructions && SystemKeepsRegisters;

    // CPUID leaf 7: EBX bit 16 AVX512F, bit 30 AVX512BW, ECX bit 11 AVX512_VNNI, which the runtime has no IsSupported for.
    static bool ProcessorHasInstructions
    {
        get
        {
            // Leaf 7 must exist before it is asked.
            if (X86Base.CpuId(0, 0).Eax < 7)
            {
                return false;
            }

            var (_, ebx, ecx, _) = X86Base.CpuId(7, 0);
            return (ebx & (1 << 16)) != 0 && (ebx & (1 << 30)) != 0 && (ecx & (1 << 11)) != 0;
        }
    }

    // With a JIT its answer counts, since users can switch that off; ahead-of-time code must ask XCR0.
    static bool SystemKeepsRegisters => RuntimeFeature.IsDynamicCodeSupported
        ? Avx512F.IsSupported && Avx512BW.IsSupported
        : (ExtendedControlRegister.Read() & ExtendedControlRegister.Avx512) == ExtendedControlRegister.Avx512;

    /// <summary>GEMM micro-kernels, index = tokens - 1; null where the system refuses executable pages.</summary>
    public NativeRoutine[]? GetGemmTiles(bool hasMinima, bool hasHalfScales)
    {
        lock (_lock)
        {
            if (!_tiles.TryGetValue((hasMinima, hasHalfScales), out var tiles))
            {
                // All or none: a partial set would make the choice of tile widths depend on chance.
                var loaded = Enumerable.Range(1, GemmTileEmitter.MaxTokens(hasHalfScales))
                    .Select(tokens => load(GemmTileEmitter.Emit(tokens, hasMinima, hasHalfScales), true)).OfType<NativeRoutine>().ToArray();
                tiles = loaded.Length == GemmTileEmitter.MaxTokens(hasHalfScales) ? loaded : null;
                _tiles.Add((hasMinima, hasHalfScales), tiles);
            }

            return tiles;
        }
    }

    /// <summary>GEMV of a packed panel and one token; null where the system refuses executable pages.</summary>
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
