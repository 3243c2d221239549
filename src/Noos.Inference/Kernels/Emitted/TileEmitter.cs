using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>
/// Writes the product of an expanded panel, <see cref="CodeForm.Bytes"/>, and some tokens: 32 rows in two registers. For each block 16
/// dot products a token go into two integer sums, which become floats, are scaled and added to two float sums; all of them stay in
/// registers, so that the two units of the processor that multiply are the only limit (16 of 22 of their instructions are dot products).
/// The float sums go from the first block to the last with the roundings of <see cref="VnniGemm{TFormat, TLanes}"/>.
/// </summary>
sealed class TileEmitter
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
    const Register Factors = Register.R8;
    const Register LaterFactors = Register.R9;
    const Register FactorStride = Register.R10;
    const Register Ahead = Register.R11;

    readonly Assembler _code = new();
    readonly int _tokens;
    readonly bool _hasMinima;
    readonly bool _hasHalfScales;
    readonly int _work;

    TileEmitter(int tokens, bool hasMinima, bool hasHalfScales)
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
    public static int MostTokens(bool hasHalfScales) => hasHalfScales ? 4 : 6;

    /// <summary>The code for one number of tokens; its only argument is the address of <see cref="TileArguments"/>.</summary>
    public static byte[] Emit(int tokens, bool hasMinima, bool hasHalfScales)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, MostTokens(hasHalfScales));
        return new TileEmitter(tokens, hasMinima, hasHalfScales).Emit();
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
        _code.PrefetchFar(new Address(Ahead));
        if (_hasHalfScales)
        {
            MultiplyHalves();
        }
        else
        {
            StartSums();
            MultiplyGroups(0, 8, second: false);
            ForEachSum((half, token) => _code.ToFloats(Whole(half, token), Whole(half, token)));
        }

        Finish();
        Advance();
        _code.Loop(Blocks, top);
        _code.Pop(Arguments);
        ForEachOutput((sum, place) => _code.Store(place, sum));
        _code.Pop(Register.Rbx);
        _code.Return();
        return _code.ToArray();
    }

    int Sum(int half, int token) => (half * _tokens) + token;

    int Whole(int half, int token, bool second = false) => ((second ? 4 : 2) * _tokens) + (half * _tokens) + token;

    void ForEachOutput(Action<int, Address> access)
    {
        _code.Load(Register.Rax, new Address(Arguments, TileArguments.OutputOffset));
        _code.Load(Register.Rcx, new Address(Arguments, TileArguments.OutputStrideOffset));
        for (var token = 0; token < _tokens; token++)
        {
            access(Sum(0, token), new(Register.Rax));
            access(Sum(1, token), new(Register.Rax, VectorBytes));
            _code.Add(Register.Rax, Register.Rcx);
        }
    }

    void LoadArguments()
    {
        _code.Load(Quants, new Address(Arguments, TileArguments.QuantsOffset));
        _code.Load(QuantStride, new Address(Arguments, TileArguments.QuantStrideOffset));
        _code.LoadAddress(LaterQuants, new Address(Quants, 0, QuantStride, 2));
        _code.Add(LaterQuants, QuantStride);
        _code.Load(Factors, new Address(Arguments, TileArguments.FactorsOffset));
        _code.Load(FactorStride, new Address(Arguments, TileArguments.FactorStrideOffset));
        _code.LoadAddress(LaterFactors, new Address(Factors, 0, FactorStride, 2));
        _code.Add(LaterFactors, FactorStride);
        if (_hasHalfScales)
        {
            // Sums of halves are held times 16, as words: here once more times -8, and the other word not at all.
            const int Times = -(ByteCodes.Zero / 16);
            _code.Load(Register.Rsi, Times & 0xFFFF);
            _code.Broadcast(FirstHalf, Register.Rsi);
            _code.Load(Register.Rsi, Times << 16);
            _code.Broadcast(SecondHalf, Register.Rsi);
        }

        _code.Load(Scales, new Address(Arguments, TileArguments.ScalesOffset));
        _code.Load(Blocks, new Address(Arguments, TileArguments.BlocksOffset));
        _code.Load(Ahead, new Address(Arguments, TileArguments.AheadOffset));
        _code.Load(Codes, new Address(Arguments, TileArguments.CodesOffset));
    }

    void StartSums()
    {
        for (var token = 0; token < _tokens; token++)
        {
            _code.Broadcast(Whole(0, token), FactorOf(token, ActivationBlockScale.ZeroOffset));
            _code.Broadcast(Whole(1, token), FactorOf(token, ActivationBlockScale.ZeroOffset));
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
                _code.Broadcast(Activation, Of(token, Quants, LaterQuants, QuantStride) + (4 * group));
                _code.DotBytes(Whole(0, token, second), Low, Activation);
                _code.DotBytes(Whole(1, token, second), High, Activation);
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
                _code.Broadcast(Activation, FactorOf(token, ActivationBlockScale.HalvesOffset));
                _code.MultiplyAddWords(Whole(0, token, second), Activation, second ? SecondHalf : FirstHalf);
                _code.Copy(Whole(1, token, second), Whole(0, token, second));
            }

            MultiplyGroups(second ? 4 : 0, second ? 8 : 4, second);
            LoadRows(second ? 3 : 2);
            ForEachSum((half, token) =>
            {
                _code.ToFloats(Whole(half, token, second), Whole(half, token, second));
                if (second)
                {
                    _code.MultiplyAdd(Whole(half, token), Whole(half, token, second: true), half == 0 ? Low : High);
                }
                else
                {
                    _code.Multiply(Whole(half, token), Whole(half, token), half == 0 ? Low : High);
                }
            });
        }
    }

    void Finish()
    {
        LoadRows(0);
        for (var token = 0; token < _tokens; token++)
        {
            _code.Broadcast(Factor, FactorOf(token, ActivationBlockScale.ScaleOffset));
            for (var half = 0; half < 2; half++)
            {
                _code.Multiply(Scaled, half == 0 ? Low : High, Factor);
                _code.MultiplyAdd(Sum(half, token), Whole(half, token), Scaled);
            }
        }

        if (_hasMinima)
        {
            LoadRows(1);
            for (var token = 0; token < _tokens; token++)
            {
                _code.Broadcast(Factor, FactorOf(token, ActivationBlockScale.ScaledSumOffset));
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
        _code.Add(Factors, ActivationBlockScale.ByteCount);
        if (_tokens > 3)
        {
            _code.Add(LaterQuants, Panel.BlockLength);
            _code.Add(LaterFactors, ActivationBlockScale.ByteCount);
        }

        _code.Add(Ahead, VectorBytes);
    }

    void ForEachSum(Action<int, int> action)
    {
        for (var token = 0; token < _tokens; token++)
        {
            action(0, token);
            action(1, token);
        }
    }

    Address FactorOf(int token, int offset) => Of(token, Factors, LaterFactors, FactorStride) + offset;

    /// <summary>The first three rows are reached from one register, the other three from another.</summary>
    static Address Of(int token, Register first, Register later, Register stride) =>
        token % 3 == 0 ? new(token < 3 ? first : later) : new(token < 3 ? first : later, 0, stride, token % 3);
}
