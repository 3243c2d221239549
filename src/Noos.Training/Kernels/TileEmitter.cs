using Noos.MachineCode;

namespace Noos.Training.Kernels;

/// <summary>
/// Emits a tile product in AVX-512: up to 14 rows times 32 columns in 28 of the 32 zmm registers. Each step loads two vectors of the panel
/// and broadcasts one cell per row, which makes 16 loads for 28 multiplications: the multiplying ports are the only limit.
/// </summary>
static class TileEmitter
{
    /// <summary>2 · 14 sums, two vectors of the panel, two broadcasts: all 32 registers.</summary>
    public const int MaxRows = 14;

    /// <summary>Two vectors of 16 floats.</summary>
    public const int Columns = 32;

    const int VectorBytes = 64;
    const int CellBytes = 4;

    // A chunk of the left operand has up to 1,024 bytes. From its middle the short displacements of EVEX (one byte, in units of the four
    // that a broadcast reads) reach all of it.
    const int LeftBias = 512;

    const int PanelLow = 28;
    const int PanelHigh = 29;
    const int Broadcasts = 30;

    const Register Arguments = Register.Rdi;
    const Register Left = Register.Rsi;
    const Register Panel = Register.Rdx;
    const Register Chunks = Register.Rcx;
    const Register Output = Register.R8;
    const Register OutputStride = Register.R9;
    const Register PrefetchPointer = Register.R10;

    /// <summary>The code; its only argument is the address of <see cref="TileArguments"/>.</summary>
    public static byte[] Emit(Precision precision, TileLayout layout, int rows, bool accumulate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, MaxRows);
        var code = new Assembler();
        code.Load(Left, new Address(Arguments, TileArguments.LeftOffset));
        code.Load(Panel, new Address(Arguments, TileArguments.PanelOffset));
        code.Load(Chunks, new Address(Arguments, TileArguments.ChunksOffset));
        code.Load(Output, new Address(Arguments, TileArguments.OutputOffset));
        code.Load(OutputStride, new Address(Arguments, TileArguments.OutputStrideOffset));
        code.Add(Left, LeftBias);
        code.LoadAddress(PrefetchPointer, new Address(Output));
        for (var row = 0; row < rows; row++)
        {
            // The output is wanted at the end only, and often comes from main memory.
            code.PrefetchNear(new Address(PrefetchPointer));
            code.PrefetchNear(new Address(PrefetchPointer, VectorBytes));
            code.Add(PrefetchPointer, OutputStride);
            code.Xor(2 * row, 2 * row, 2 * row);
            code.Xor((2 * row) + 1, (2 * row) + 1, (2 * row) + 1);
        }

        code.Load(PrefetchPointer, new Address(Arguments, TileArguments.PrefetchOffset));
        code.Align(64);
        var top = code.Here;
        for (var cell = 0; cell < TileKernel.ChunkLength; cell++)
        {
            if (cell % 4 == 3)
            {
                // One line at a time among the products; to L2 only, since L1 belongs to this panel.
                code.PrefetchFar(new Address(PrefetchPointer, cell / 4 * VectorBytes));
            }

            code.Load(PanelLow, new Address(Panel, cell * 2 * VectorBytes));
            code.Load(PanelHigh, new Address(Panel, (cell * 2 * VectorBytes) + VectorBytes));
            for (var row = 0; row < rows; row++)
            {
                var place = layout == TileLayout.ByRow ? (row * TileKernel.ChunkLength) + cell : (cell * TileKernel.ChunkLength) + row;
                // Two registers in turn: the next broadcast need not wait for the products of the last one.
                var broadcast = Broadcasts + (row % 2);
                code.Broadcast(broadcast, new Address(Left, (place * CellBytes) - LeftBias));
                Multiply(2 * row, broadcast, PanelLow);
                Multiply((2 * row) + 1, broadcast, PanelHigh);
            }
        }

        var slots = layout == TileLayout.ByRow ? rows : TileKernel.ChunkLength;
        code.Add(Left, slots * TileKernel.ChunkLength * CellBytes);
        code.Add(Panel, TileKernel.ChunkLength * 2 * VectorBytes);
        code.Add(PrefetchPointer, TileKernel.PrefetchBytes);
        code.Loop(Chunks, top);
        for (var row = 0; row < rows; row++)
        {
            for (var half = 0; half < 2; half++)
            {
                var place = new Address(Output, half * VectorBytes);
                if (accumulate)
                {
                    code.AddFloats((2 * row) + half, (2 * row) + half, place);
                }

                code.Store(place, (2 * row) + half);
            }

            code.Add(Output, OutputStride);
        }

        code.Return();
        return code.ToArray();

        void Multiply(int sum, int left, int right)
        {
            if (precision == Precision.Bf16)
            {
                code.DotBFloat16(sum, left, right);
            }
            else
            {
                code.MultiplyAdd(sum, left, right);
            }
        }
    }
}
