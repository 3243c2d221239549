using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>
/// Writes the product of an expanded panel, <see cref="CodeType.BiasedUInt8"/>, and some tokens: 32 rows in two registers. For each block 16
/// dot products a token go into two integer sums, which become floats, are scaled and added to two float sums; all of them stay in
/// registers, so that the two units of the processor that multiply are the only limit (16 of 22 of their instructions are dot products).
/// The float sums go from the first block to the last with the roundings of <see cref="VnniGemm{TFormat, TDot}"/>.
/// </summary>
sealed class GemmTileEmitter
{
    const int VectorBytes = 64;
    const int GroupBytes = Panel.Rows * 4;
    const int BlockBytes = Panel.Rows * Panel.BlockLength;
    const int RowBytes = Panel.Rows * sizeof(float);
    const int ScaleArrayBytes = PanelScratch.ScaleCount * sizeof(float);

    const Register Arguments = Register.Rdi;
    const Register Codes = Register.Rdi;
    const Register Scales = Register.Rsi;
    const Register Blocks = Register.Rbx;
    const Register Quants = Register.Rax;
    const Register LaterQuants = Register.Rdx;
    const Register QuantStride = Register.Rcx;
    const Register BlockScales = Register.R8;
    const Register LaterBlockScales = Register.R9;
    const Register BlockScaleStride = Register.R10;
    const Register PrefetchPointer = Register.R11;

    readonly Assembler _code = new();
    readonly int _tokens;
    readonly bool _hasMinima;
    readonly bool _hasHalfScales;
    readonly int _work;

    GemmTileEmitter(int tokens, bool hasMinima, bool hasHalfScales)
    {
        _tokens = tokens;
        _hasMinima = hasMinima;
        _hasHalfScales = hasHalfScales;
        _work = (hasHalfScales ? 6 : 4) * tokens;
    }

    // The vector registers: float sums, integer sums (those of second halves apart), then some to work with.
    int Low => _work;

    int High => _work + 1;

    int Activation => _work + 2;

    int Scaled => _work + 2;

    int Factor => _work + 3;

    int FirstHalf => _work + 4;

    int SecondHalf => _work + 5;

    /// <summary>Most tokens of a tile: what fits 32 registers.</summary>
    public static int MaxTokens(bool hasHalfScales) => hasHalfScales ? 4 : 6;

    /// <summary>The code for one number of tokens; its only argument is the address of <see cref="GemmTileArguments"/>.</summary>
    public static byte[] Emit(int tokens, bool hasMinima, bool hasHalfScales)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, MaxTokens(hasHalfScales));
        return new GemmTileEmitter(tokens, hasMinima, hasHalfScales).Emit();
    }

    byte[] Emit()
    {
        // System V: rbx belongs to the caller, all vector registers are free, and so are the other registers used here.
        _code.Push(Register.Rbx);
        _code.Push(Arguments);
        ForEachOutput(_code.Load);
        LoadArguments();
        _code.Align(64);
        var top = _code.Here;
        _code.PrefetchFar(new Address(PrefetchPointer));
        if (_hasHalfScales)
        {
            MultiplyHalves();
        }
        else
        {
            StartSums();
            MultiplyGroups(0, 8, second: false);
            ForEachSum((half, token) => _code.ToFloats(Dots(half, token), Dots(half, token)));
        }

        AccumulateFloats();
        Advance();
        _code.Loop(Blocks, top);
        _code.Pop(Arguments);
        ForEachOutput((sum, place) => _code.Store(place, sum));
        _code.Pop(Register.Rbx);
        _code.Return();
        return _code.ToArray();
    }

    int Sum(int half, int token) => (half * _tokens) + token;

    int Dots(int half, int token, bool second = false) => ((second ? 4 : 2) * _tokens) + (half * _tokens) + token;

    void ForEachOutput(Action<int, Address> access)
    {
        _code.Load(Register.Rax, new Address(Arguments, GemmTileArguments.OutputOffset));
        _code.Load(Register.Rcx, new Address(Arguments, GemmTileArguments.OutputStrideOffset));
        for (var token = 0; token < _tokens; token++)
        {
            access(Sum(0, token), new(Register.Rax));
            access(Sum(1, token), new(Register.Rax, VectorBytes));
            _code.Add(Register.Rax, Register.Rcx);
        }
    }

    void LoadArguments()
    {
        _code.Load(Quants, new Address(Arguments, GemmTileArguments.QuantsOffset));
        _code.Load(QuantStride, new Address(Arguments, GemmTileArguments.QuantStrideOffset));
        _code.LoadAddress(LaterQuants, new Address(Quants, 0, QuantStride, 2));
        _code.Add(LaterQuants, QuantStride);
        _code.Load(BlockScales, new Address(Arguments, GemmTileArguments.BlockScalesOffset));
        _code.Load(BlockScaleStride, new Address(Arguments, GemmTileArguments.BlockScaleStrideOffset));
        _code.LoadAddress(LaterBlockScales, new Address(BlockScales, 0, BlockScaleStride, 2));
        _code.Add(LaterBlockScales, BlockScaleStride);
        if (_hasHalfScales)
        {
            // Sums of halves are held times 16, as words: here once more times -8, and the other word not at all.
            const int Times = -(BiasedByteCodes.Bias / 16);
            _code.Load(Register.Rsi, Times & 0xFFFF);
            _code.Broadcast(FirstHalf, Register.Rsi);
            _code.Load(Register.Rsi, Times << 16);
            _code.Broadcast(SecondHalf, Register.Rsi);
        }

        _code.Load(Scales, new Address(Arguments, GemmTileArguments.ScalesOffset));
        _code.Load(Blocks, new Address(Arguments, GemmTileArguments.BlocksOffset));
        _code.Load(PrefetchPointer, new Address(Arguments, GemmTileArguments.PrefetchPointerOffset));
        _code.Load(Codes, new Address(Arguments, GemmTileArguments.CodesOffset));
    }

    void StartSums()
    {
        for (var token = 0; token < _tokens; token++)
        {
            _code.Broadcast(Dots(0, token), BlockScaleAddress(token, ActivationBlockScale.BiasOffset));
            _code.Broadcast(Dots(1, token), BlockScaleAddress(token, ActivationBlockScale.BiasOffset));
        }
    }

    void MultiplyGroups(int begin, int end, bool second)
    {
        for (var group = begin; group < end; group++)
        {
            _code.Load(Low, new Address(Codes, group * GroupBytes));
            _code.Load(High, new Address(Codes, (group * GroupBytes) + VectorBytes));
            for (var token = 0; token < _tokens; token++)
            {
                _code.Broadcast(Activation, RowAddress(token, Quants, LaterQuants, QuantStride) + (4 * group));
                _code.DotBytes(Dots(0, token, second), Low, Activation);
                _code.DotBytes(Dots(1, token, second), High, Activation);
            }
        }
    }

    /// <summary>Two sums with a scale each, which are whole numbers that a float holds exactly.</summary>
    void MultiplyHalves()
    {
        foreach (var second in new[] { false, true })
        {
            for (var token = 0; token < _tokens; token++)
            {
                _code.Broadcast(Activation, BlockScaleAddress(token, ActivationBlockScale.HalfSumsOffset));
                _code.MultiplyAddWords(Dots(0, token, second), Activation, second ? SecondHalf : FirstHalf);
                _code.Copy(Dots(1, token, second), Dots(0, token, second));
            }

            MultiplyGroups(second ? 4 : 0, second ? 8 : 4, second);
            LoadRows(second ? 3 : 2);
            ForEachSum((half, token) =>
            {
                _code.ToFloats(Dots(half, token, second), Dots(half, token, second));
                if (second)
                {
                    _code.MultiplyAdd(Dots(half, token), Dots(half, token, second: true), half == 0 ? Low : High);
                }
                else
                {
                    _code.Multiply(Dots(half, token), Dots(half, token), half == 0 ? Low : High);
                }
            });
        }
    }

    void AccumulateFloats()
    {
        LoadRows(0);
        for (var token = 0; token < _tokens; token++)
        {
            _code.Broadcast(Factor, BlockScaleAddress(token, ActivationBlockScale.ScaleOffset));
            for (var half = 0; half < 2; half++)
            {
                _code.Multiply(Scaled, half == 0 ? Low : High, Factor);
                _code.MultiplyAdd(Sum(half, token), Dots(half, token), Scaled);
            }
        }

        if (_hasMinima)
        {
            LoadRows(1);
            for (var token = 0; token < _tokens; token++)
            {
                _code.Broadcast(Factor, BlockScaleAddress(token, ActivationBlockScale.ScaledSumOffset));
                _code.MultiplyAdd(Sum(0, token), Low, Factor);
                _code.MultiplyAdd(Sum(1, token), High, Factor);
            }
        }
    }

    /// <summary>What each row has once a block: scales, minima, scales of first and of second halves.</summary>
    void LoadRows(int array)
    {
        _code.Load(Low, new Address(Scales, array * ScaleArrayBytes));
        _code.Load(High, new Address(Scales, (array * ScaleArrayBytes) + VectorBytes));
    }

    void Advance()
    {
        _code.Add(Codes, BlockBytes);
        _code.Add(Scales, RowBytes);
        _code.Add(Quants, Panel.BlockLength);
        _code.Add(BlockScales, ActivationBlockScale.ByteCount);
        if (_tokens > 3)
        {
            _code.Add(LaterQuants, Panel.BlockLength);
            _code.Add(LaterBlockScales, ActivationBlockScale.ByteCount);
        }

        _code.Add(PrefetchPointer, VectorBytes);
    }

    void ForEachSum(Action<int, int> action)
    {
        for (var token = 0; token < _tokens; token++)
        {
            action(0, token);
            action(1, token);
        }
    }

    Address BlockScaleAddress(int token, int offset) => RowAddress(token, BlockScales, LaterBlockScales, BlockScaleStride) + offset;

    /// <summary>The first three rows are reached from one register, the other three from another.</summary>
    static Address RowAddress(int token, Register first, Register later, Register stride) =>
        token % 3 == 0 ? new(token < 3 ? first : later) : new(token < 3 ? first : later, 0, stride, token % 3);
}
