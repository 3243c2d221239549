using Noos.Inference.Kernels.Panels;
using Noos.MachineCode;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>
/// Emits the micro-kernel of a GEMM: an unpacked panel of <see cref="CodeType.BiasedUInt8"/> times some tokens, 32 rows in two zmm
/// registers. Per block and token 16 vpdpbusd go into two int32 sums, which are converted, scaled and added to two float sums; all of them
/// stay in registers, so the two multiplying ports are the only limit (16 of their 22 instructions per block and token are dot products).
/// Float sums go from the first block to the last with the roundings of <see cref="VnniGemm{TFormat, TDot}"/>, hence its bits.
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

    // zmm registers: 2 * tokens float sums, then as many int32 sums (twice as many with half-block scales), then temporaries.
    // Activation and Scaled share a register: one is used in the products, the other after them.
    int Low => _work;

    int High => _work + 1;

    int Activation => _work + 2;

    int Scaled => _work + 2;

    int Factor => _work + 3;

    int FirstHalf => _work + 4;

    int SecondHalf => _work + 5;

    /// <summary>
    /// Max tokens of a tile. With half-block scales the 32 zmm registers decide: 6 * 4 and 6 temporaries. Else 6, which is what two address
    /// registers reach; 4 * 6 and 4 temporaries are in use then.
    /// </summary>
    public static int MaxTokens(bool hasHalfScales) => hasHalfScales ? 4 : 6;

    /// <summary>The code for a number of tokens; its only argument is the address of <see cref="GemmTileArguments"/>.</summary>
    public static byte[] Emit(int tokens, bool hasMinima, bool hasHalfScales)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, MaxTokens(hasHalfScales));
        return new GemmTileEmitter(tokens, hasMinima, hasHalfScales).Emit();
    }

    byte[] Emit()
    {
        // System V calling convention: rbx is callee-saved and therefore pushed; all zmm and the other registers used here are
        // caller-saved. rdi is pushed too, since Codes takes its place in the loop and the outputs need the arguments again.
        _code.Push(Register.Rbx);
        _code.Push(Arguments);
        ForEachOutput(_code.Load);
        LoadArguments();
        _code.Align(64);
        var top = _code.Here;
        // To L2 only: the L1 cache belongs to codes and activations of this chunk.
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
        // The outputs are addressed anew: their registers were needed in the loop.
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
            // Two registers of 16 rows per token.
            access(Sum(0, token), new(Register.Rax));
            access(Sum(1, token), new(Register.Rax, VectorBytes));
            _code.Add(Register.Rax, Register.Rcx);
        }
    }

    void LoadArguments()
    {
        _code.Load(Quants, new Address(Arguments, GemmTileArguments.QuantsOffset));
        _code.Load(QuantStride, new Address(Arguments, GemmTileArguments.QuantStrideOffset));
        // 3 * stride in two steps: the index scale can be 2 but not 3.
        _code.LoadAddress(LaterQuants, new Address(Quants, 0, QuantStride, 2));
        _code.Add(LaterQuants, QuantStride);
        _code.Load(BlockScales, new Address(Arguments, GemmTileArguments.BlockScalesOffset));
        _code.Load(BlockScaleStride, new Address(Arguments, GemmTileArguments.BlockScaleStrideOffset));
        _code.LoadAddress(LaterBlockScales, new Address(BlockScales, 0, BlockScaleStride, 2));
        _code.Add(LaterBlockScales, BlockScaleStride);
        if (_hasHalfScales)
        {
            // Half sums are stored times 16 in the two int16 lanes of a dword: vpmaddwd with (-8, 0) or (0, -8) makes
            // -128 * sum of one of them.
            const int Times = -(BiasedByteCodes.Bias / 16);
            _code.Load(Register.Rsi, Times & 0xFFFF);
            _code.Broadcast(FirstHalf, Register.Rsi);
            _code.Load(Register.Rsi, Times << 16);
            _code.Broadcast(SecondHalf, Register.Rsi);
        }

        // Codes takes the register of the arguments and is therefore loaded last.
        _code.Load(Scales, new Address(Arguments, GemmTileArguments.ScalesOffset));
        _code.Load(Blocks, new Address(Arguments, GemmTileArguments.BlocksOffset));
        _code.Load(PrefetchPointer, new Address(Arguments, GemmTileArguments.PrefetchPointerOffset));
        _code.Load(Codes, new Address(Arguments, GemmTileArguments.CodesOffset));
    }

    /// <summary>Start value -128 * sum(activations), which cancels the bias of the codes.</summary>
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
        // Fully unrolled: all offsets are constants of the code.
        for (var group = begin; group < end; group++)
        {
            _code.Load(Low, new Address(Codes, group * GroupBytes));
            _code.Load(High, new Address(Codes, (group * GroupBytes) + VectorBytes));
            for (var token = 0; token < _tokens; token++)
            {
                // Each broadcast serves two products, each weight register all tokens.
                _code.Broadcast(Activation, RowAddress(token, Quants, LaterQuants, QuantStride) + (4 * group));
                _code.DotBytes(Dots(0, token, second), Low, Activation);
                _code.DotBytes(Dots(1, token, second), High, Activation);
            }
        }
    }

    /// <summary>
    /// Dot products of the two halves of a block, each times its scale: integers below 2^24, which a float holds exactly.
    /// </summary>
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
            // Low and High are free after the products, so they take the half-block scales.
            LoadRows(second ? 3 : 2);
            ForEachSum((half, token) =>
            {
                _code.ToFloats(Dots(half, token, second), Dots(half, token, second));
                // first * scale, then second * scale fused on top; exact, since all are integers below 2^24.
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

    /// <summary>sums += dots * (scales * activation scale), then += minima * scaled sum.</summary>
    void AccumulateFloats()
    {
        LoadRows(0);
        for (var token = 0; token < _tokens; token++)
        {
            _code.Broadcast(Factor, BlockScaleAddress(token, ActivationBlockScale.ScaleOffset));
            for (var half = 0; half < 2; half++)
            {
                // scale * scale first, as all tiers do.
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

    /// <summary>Loads one per-row array of the block: 0 scales, 1 minima, 2 and 3 scales of first and second halves.</summary>
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
        // Tokens 3 .. 5 are the only users of the second pair of registers.
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

    /// <summary>
    /// Row of a token. An address reaches base, base + stride and base + 2 * stride; so tokens 0 .. 2 go from one register and 3 .. 5 from
    /// another, which is three strides further.
    /// </summary>
    static Address RowAddress(int token, Register first, Register later, Register stride) =>
        token % 3 == 0 ? new(token < 3 ? first : later) : new(token < 3 ? first : later, 0, stride, token % 3);
}
