using Noos.MachineCode;

namespace Noos.Training.Kernels;

/// <summary>
/// Emits a tile product of bfloat16 in AMX: 32 rows times 32 columns in four of the eight tiles. A step loads two tiles of each operand for
/// four products, which take twice as long as the loads.
/// </summary>
static class MatrixTileEmitter
{
    /// <summary>Two tiles of 16 rows.</summary>
    public const int Rows = 32;

    /// <summary>Two tiles of 16 floats.</summary>
    public const int Columns = 32;

    /// <summary>Bytes of a row of a tile, the most that there may be.</summary>
    const int RowBytes = 64;

    /// <summary>Rows of a tile, the most that there may be.</summary>
    const int TileRows = 16;

    const int LeftTiles = 4;
    const int PanelTiles = 6;

    const Register Arguments = Register.Rdi;
    const Register Left = Register.Rsi;
    const Register Panel = Register.Rdx;
    const Register Chunks = Register.Rcx;
    const Register Output = Register.R8;
    const Register OutputStride = Register.R9;
    const Register LeftStride = Register.R10;
    const Register PanelStride = Register.R11;

    /// <summary>Output of the lower two tiles, and in between the rows that are wanted next.</summary>
    const Register LowerOutput = Register.Rax;

    /// <summary>In the place of the arguments, when these have been read.</summary>
    const Register PrefetchPointer = Register.Rdi;

    /// <summary>Rows of the next output, below this one, that a chunk asks for.</summary>
    const int PrefetchRows = 4;

    /// <summary>What ldtilecfg reads (SDM volume 1, 18.3): palette 1, and all eight tiles with 16 rows of 64 bytes.</summary>
    public static byte[] Shapes()
    {
        const int WidthsStart = 16;
        const int RowsStart = 48;
        var shapes = new byte[64];
        shapes[0] = 1;
        for (var tile = 0; tile < 8; tile++)
        {
            shapes[WidthsStart + (2 * tile)] = RowBytes;
            shapes[RowsStart + tile] = TileRows;
        }

        return shapes;
    }

    /// <summary>Code whose argument is the address of the shapes.</summary>
    public static byte[] EmitConfigure()
    {
        var code = new Assembler();
        code.ConfigureTiles(new Address(Arguments));
        code.Return();
        return code.ToArray();
    }

    /// <summary>Code that gives the tiles back; its argument is not read.</summary>
    public static byte[] EmitRelease()
    {
        var code = new Assembler();
        code.ReleaseTiles();
        code.Return();
        return code.ToArray();
    }

    /// <summary>The product; its only argument is the address of <see cref="TileArguments"/>.</summary>
    public static byte[] Emit(bool accumulate)
    {
        var code = new Assembler();
        code.Load(Left, new Address(Arguments, TileArguments.LeftOffset));
        code.Load(Panel, new Address(Arguments, TileArguments.PanelOffset));
        code.Load(Chunks, new Address(Arguments, TileArguments.ChunksOffset));
        code.Load(Output, new Address(Arguments, TileArguments.OutputOffset));
        code.Load(OutputStride, new Address(Arguments, TileArguments.OutputStrideOffset));
        code.Load(LeftStride, RowBytes);
        code.Load(PanelStride, 2 * RowBytes);
        code.Load(PrefetchPointer, new Address(Arguments, TileArguments.PrefetchOffset));
        code.LoadAddress(LowerOutput, new Address(Output));
        GoDown();
        for (var tile = 0; tile < 4; tile++)
        {
            if (accumulate)
            {
                code.LoadTile(tile, Place(tile));
            }
            else
            {
                code.ZeroTile(tile);
            }
        }

        GoDown();
        code.Align(64);
        var top = code.Here;
        code.LoadTile(PanelTiles, new Address(Panel, 0, PanelStride));
        code.LoadTile(LeftTiles, new Address(Left, 0, LeftStride));
        code.LoadTile(PanelTiles + 1, new Address(Panel, RowBytes, PanelStride));
        code.DotTilesBFloat16(0, LeftTiles, PanelTiles);
        code.LoadTile(LeftTiles + 1, new Address(Left, TileRows * RowBytes, LeftStride));
        code.DotTilesBFloat16(1, LeftTiles, PanelTiles + 1);
        for (var row = 0; row < PrefetchRows; row++)
        {
            code.PrefetchFar(new Address(LowerOutput));
            code.PrefetchFar(new Address(LowerOutput, RowBytes));
            code.Add(LowerOutput, OutputStride);
        }

        code.DotTilesBFloat16(2, LeftTiles + 1, PanelTiles);
        for (var line = 0; line < TileKernel.PrefetchBytes / RowBytes; line++)
        {
            code.PrefetchFar(new Address(PrefetchPointer, line * RowBytes));
        }

        code.Add(PrefetchPointer, TileKernel.PrefetchBytes);
        code.DotTilesBFloat16(3, LeftTiles + 1, PanelTiles + 1);
        code.Add(Left, Rows * RowBytes);
        code.Add(Panel, TileKernel.ChunkLength * 2 * RowBytes);
        code.Loop(Chunks, top);
        code.LoadAddress(LowerOutput, new Address(Output));
        GoDown();
        for (var tile = 0; tile < 4; tile++)
        {
            code.StoreTile(Place(tile), tile);
        }

        code.Return();
        return code.ToArray();

        void GoDown()
        {
            for (var row = 0; row < TileRows; row++)
            {
                code.Add(LowerOutput, OutputStride);
            }
        }

        static Address Place(int tile) => new(tile < 2 ? Output : LowerOutput, tile % 2 * RowBytes, OutputStride);
    }
}
