using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Noos.Inference.Kernels.Emitted;
using Noos.MachineCode;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Kernels.Panels.Formats;
using Noos.Inference.Tests.Kernels.Panels;

namespace Noos.Inference.Tests.Kernels.Emitted;

/// <summary>What emitted code must not do; that it computes the right numbers is shown by <see cref="PanelKernelTests"/>.</summary>
public sealed unsafe class EmittedCodeTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Tiles_touch_only_what_they_are_given(bool hasMinima, bool hasHalfScales)
    {
        const int Blocks = 3, Stride = 5 * Panel.BlockLength;
        for (var tokens = 1; tokens <= GemmTileEmitter.MaxTokens(hasHalfScales); tokens++)
        {
            using var scratch = new PanelScratch();
            var expanded = scratch.Unpacked;
            new Span<byte>(expanded.Codes, PanelScratch.CodeBytes + (4 * PanelScratch.ScaleCount * sizeof(float))).Clear();
            var quants = new sbyte[tokens * Stride];
            var factors = new ActivationBlockScale[tokens * 5];
            var output = new float[tokens * 40];
            fixed (sbyte* quantPlace = quants)
            fixed (ActivationBlockScale* factorPlace = factors)
            fixed (float* outputPlace = output)
            {
                var arguments = new GemmTileArguments
                {
                    Codes = expanded.Codes,
                    Scales = expanded.Scales,
                    Blocks = Blocks,
                    Quants = quantPlace,
                    QuantStride = Stride,
                    BlockScales = factorPlace,
                    BlockScaleStride = 5 * sizeof(ActivationBlockScale),
                    Output = outputPlace,
                    OutputStride = 40 * sizeof(float),
                };
                var readable = new List<(ulong Start, int Length)>
                {
                    ((ulong)&arguments, sizeof(GemmTileArguments)),
                    ((ulong)expanded.Codes, Blocks * 1024),
                };
                var writable = new List<(ulong Start, int Length)>();
                float*[] arrays = [expanded.Scales, hasMinima
                    ? expanded.Minima
                    : null, hasHalfScales
                    ? expanded.FirstScales
                    : null, hasHalfScales
                    ? expanded.SecondScales
                    : null];
                foreach (var array in arrays)
                {
                    readable.Add(((ulong)array, array is null ? 0 : Blocks * Panel.Rows * sizeof(float)));
                }

                for (var token = 0; token < tokens; token++)
                {
                    readable.Add(((ulong)(quantPlace + (token * Stride)), Blocks * Panel.BlockLength));
                    readable.Add(((ulong)(factorPlace + (token * 5)), Blocks * sizeof(ActivationBlockScale)));
                    writable.Add(((ulong)(outputPlace + (token * 40)), Panel.Rows * sizeof(float)));
                }

                readable.AddRange(writable);
                new Interpreter(GemmTileEmitter.Emit(tokens, hasMinima, hasHalfScales), (address, length, write) =>
                    (write ? writable : readable)
                        .Exists(part => address >= part.Start && address + (ulong)length <= part.Start + (ulong)part.Length))
                            .Run(&arguments);
            }
        }
    }

    [Fact]
    public void Direct_products_touch_only_what_they_are_given()
    {
        AssertStaysInside<Q8_0Panel>();
        AssertStaysInside<Q4_0Panel>();
        AssertStaysInside<Q4_1Panel>();
        AssertStaysInside<Q5_0Panel>();
        AssertStaysInside<Q5_1Panel>();
        AssertStaysInside<Q3_KPanel>();
        AssertStaysInside<Q4_KPanel>();
        AssertStaysInside<Q5_KPanel>();
        AssertStaysInside<Q6_KPanel>();
    }

    [Fact]
    public void Loop_of_products_touches_nothing_and_counts_what_it_computes()
    {
        new Interpreter(ProductLoopEmitter.Emit(rounds: 3), (_, _, _) => false).Run(null);

        Assert.Equal(3 * 10 * 64, ProductLoopEmitter.Products(rounds: 3));
        Assert.Equal(EmittedRoutines.Native is not null, ProductLoop.Run() > 0);
    }

    [Fact]
    public void Blocks_of_factors_are_laid_out_as_the_code_has_it()
    {
        Assert.Equal(ActivationBlockScale.ByteCount, sizeof(ActivationBlockScale));
        Assert.Equal(
            (ActivationBlockScale.ScaleOffset, ActivationBlockScale.ScaledSumOffset, ActivationBlockScale.HalfSumsOffset,
                ActivationBlockScale.HalfSumsOffset + 2, ActivationBlockScale.BiasOffset),
            (Offset("Scale"), Offset("ScaledSum"), Offset("FirstHalfSum"), Offset("SecondHalfSum"), Offset("Bias")));
        static int Offset(string property) => (int)Marshal.OffsetOf<ActivationBlockScale>($"<{property}>k__BackingField");
    }

    [Fact]
    public void Pages_can_be_executed_where_the_system_allows_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && X86Base.X64.IsSupported, "The code is for x86-64 and Linux.");
        // mov qword ptr [rdi], 42; ret
        byte[] code = [0x48, 0xC7, 0x07, 42, 0, 0, 0, 0xC3];
        foreach (var isShort in new[] { true, false })
        {
            var routine = ExecutableMemory.Load(code, isShort);
            Assert.SkipWhen(routine is null, "This system refuses executable pages.");
            long number = 0;
            routine.Run(&number);
            Assert.Equal(42, number);
        }
    }

    [Fact]
    public void The_system_keeps_the_registers_that_the_runtime_uses()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && X86Base.X64.IsSupported, "The code is for x86-64 and Linux.");
        var state = ExtendedControlRegister.Read();
        Assert.SkipWhen(state == 0, "This system refuses executable pages.");
        Assert.True(!Avx.IsSupported || (state & 0b110) == 0b110);
        Assert.True(!Avx512F.IsSupported || (state & ExtendedControlRegister.Avx512) == ExtendedControlRegister.Avx512);
    }

    [Fact]
    public void Refused_pages_leave_the_kernel_unsupported()
    {
        var refused = new EmittedRoutines((_, _) => null);
        Assert.False(PanelKernels.ForRoutines(Language.Gguf.GgufTensorType.Q8_0, refused)!.IsSupported);
        Assert.False(PanelKernels.ForRoutines(Language.Gguf.GgufTensorType.Q8_0, code: null)!.IsSupported);
    }

    static void AssertStaysInside<TFormat>()
        where TFormat : struct, IEmittedGemvFormat
    {
        const int Stored = 2;
        var blocks = Stored * TFormat.BlockLength / Panel.BlockLength;
        var panel = new byte[Stored * TFormat.PanelBytes];
        var quants = new sbyte[blocks * Panel.BlockLength];
        var factors = new ActivationBlockScale[blocks];
        var output = new float[Panel.Rows];
        fixed (byte* panelPlace = panel)
        fixed (sbyte* quantPlace = quants)
        fixed (ActivationBlockScale* factorPlace = factors)
        fixed (float* outputPlace = output)
        {
            var arguments = new GemvArguments
            {
                Panel = panelPlace,
                Blocks = Stored,
                Quants = quantPlace,
                BlockScales = factorPlace,
                Output = outputPlace,
            };
            (ulong Start, int Length, bool Write)[] parts =
            [
                ((ulong)&arguments, sizeof(GemvArguments), false), ((ulong)panelPlace, panel.Length, false),
                ((ulong)quantPlace, quants.Length, false),
                ((ulong)factorPlace, factors.Length * sizeof(ActivationBlockScale), false),
                    ((ulong)outputPlace, Panel.Rows * sizeof(float), true),
            ];
            new Interpreter(GemvEmitter.Emit<TFormat>(), (address, length, write) =>
                Array.Exists(parts, part =>
                    (part.Write || !write) && address >= part.Start && address + (ulong)length <= part.Start + (ulong)part.Length))
                        .Run(&arguments);
        }
    }
}
