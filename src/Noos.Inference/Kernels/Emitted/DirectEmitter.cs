using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>
/// Writes the product of a packed panel and one token. Decoding waits for memory: what counts is that the panel is read as one stream,
/// fetched ahead of its use. A format puts together its own code from the parts that are here; all have the sums and roundings of
/// <see cref="DirectProduct{TFormat, TLanes}"/>.
/// </summary>
sealed class DirectEmitter
{
    const int VectorBytes = 64;
    const int GroupBytes = Panel.Rows * 4;

    const Register Arguments = Register.Rdi;
    const Register PanelPlace = Register.Rdi;
    const Register Quants = Register.Rsi;
    const Register Factors = Register.Rdx;
    const Register Blocks = Register.Rcx;
    const Register Output = Register.Rax;

    // Vector registers come in pairs: rows 0 .. 15, rows 16 .. 31.
    const int Sums = 0;
    const int Whole = 2;
    const int SecondWhole = 4;
    const int Scales = 6;
    const int Minima = 8;
    const int Codes = 10;
    const int MoreCodes = 12;
    const int UpperBits = 14;
    const int ScaleFactors = 16;
    const int MinimumFactors = 18;
    const int Scaled = 20;
    const int LowActivation = 22;
    const int HighActivation = 23;
    const int Fifteen = 24;
    const int UpperMask = 25;
    const int Flip = 26;
    const int FirstHalf = 27;
    const int SecondHalf = 28;

    readonly Assembler _code = new();

    DirectEmitter()
    {
    }

    /// <summary>The code for a format; its only argument is the address of <see cref="DirectArguments"/>.</summary>
    public static byte[] Emit<TFormat>()
        where TFormat : struct, IEmittedFormat
    {
        // System V: all these registers are free, and the stack is not used.
        var emitter = new DirectEmitter();
        var code = emitter._code;
        emitter.Constants();
        code.Load(Quants, new Address(Arguments, DirectArguments.QuantsOffset));
        code.Load(Factors, new Address(Arguments, DirectArguments.FactorsOffset));
        code.Load(Blocks, new Address(Arguments, DirectArguments.BlocksOffset));
        code.Load(Output, new Address(Arguments, DirectArguments.OutputOffset));
        code.Load(PanelPlace, new Address(Arguments, DirectArguments.PanelOffset));
        code.Load(Sums, new Address(Output));
        code.Load(Sums + 1, new Address(Output, VectorBytes));
        code.Align(64);
        var top = code.Here;
        var stored = TFormat.BlockLength / Panel.BlockLength;
        for (var block = 0; block < stored; block++)
        {
            for (var line = 0; line < TFormat.PanelBytes / stored; line += VectorBytes)
            {
                code.PrefetchNear(new Address(PanelPlace, Prefetch.Distance + (block * (TFormat.PanelBytes / stored)) + line));
            }

            TFormat.EmitBlock(emitter, block);
        }

        code.Add(PanelPlace, TFormat.PanelBytes);
        code.Add(Quants, TFormat.BlockLength);
        code.Add(Factors, stored * BlockFactors.ByteCount);
        code.Loop(Blocks, top);
        code.Store(new Address(Output), Sums);
        code.Store(new Address(Output, VectorBytes), Sums + 1);
        code.Return();
        return code.ToArray();
    }

    /// <summary>Signed bytes, [8 groups][32 rows][4 columns], at a place in the panel; they are moved by 128 to become unsigned.</summary>
    public void MultiplyBytes(int place, int block)
    {
        _code.Broadcast(Whole, new Address(Factors, (block * BlockFactors.ByteCount) + BlockFactors.ZeroOffset));
        _code.Copy(Whole + 1, Whole);
        for (var group = 0; group < 8; group++)
        {
            _code.Broadcast(LowActivation, new Address(Quants, (block * Panel.BlockLength) + (4 * group)));
            for (var half = 0; half < 2; half++)
            {
                _code.Xor(Codes + half, Flip, new Address(PanelPlace, place + (group * GroupBytes) + (half * VectorBytes)));
                _code.DotBytes(Whole + half, Codes + half, LowActivation);
            }
        }

        WholeToFloats(Whole);
    }

    /// <summary>Four-bit codes as <see cref="Nibbles"/> has them.</summary>
    /// <param name="zeroPoint">8, or 0 where there is none.</param>
    public void MultiplyNibbles(int place, int block, int zeroPoint)
    {
        if (zeroPoint == 0)
        {
            _code.Xor(Whole, Whole, Whole);
        }
        else
        {
            _code.Broadcast(Whole, new Address(Factors, (block * BlockFactors.ByteCount) + BlockFactors.ZeroOffset));
            _code.ShiftRightSigned(Whole, Whole, int.Log2(ByteCodes.Zero / zeroPoint));
        }

        _code.Copy(Whole + 1, Whole);
        for (var group = 0; group < 4; group++)
        {
            LoadActivations(block, group);
            for (var half = 0; half < 2; half++)
            {
                _code.Load(Codes + half, new Address(PanelPlace, place + (group * GroupBytes) + (half * VectorBytes)));
                _code.And(MoreCodes + half, Codes + half, Fifteen);
                _code.DotBytes(Whole + half, MoreCodes + half, LowActivation);
                _code.ShiftWordsRight(Codes + half, Codes + half, 4);
                _code.And(Codes + half, Codes + half, Fifteen);
                _code.DotBytes(Whole + half, Codes + half, HighActivation);
            }
        }

        WholeToFloats(Whole);
    }

    /// <summary>Four-bit codes with two more bits apart, around 32, and a signed byte of scale for each half of the columns, as Q6_K has them.</summary>
    /// <param name="place">The four-bit codes.</param>
    /// <param name="upperBits">The upper bits.</param>
    /// <param name="halfScales">Scales of the first halves, 32 bytes, then of the second.</param>
    public void MultiplySixBits(int place, int upperBits, int halfScales, int block)
    {
        _code.Broadcast(LowActivation, new Address(Factors, (block * BlockFactors.ByteCount) + BlockFactors.HalvesOffset));
        _code.MultiplyAddWords(Whole, LowActivation, FirstHalf);
        _code.Copy(Whole + 1, Whole);
        _code.MultiplyAddWords(SecondWhole, LowActivation, SecondHalf);
        _code.Copy(SecondWhole + 1, SecondWhole);
        for (var half = 0; half < 2; half++)
        {
            _code.Load(UpperBits, new Address(PanelPlace, upperBits + (half * VectorBytes)));
            _code.Load(UpperBits + 1, new Address(PanelPlace, upperBits + GroupBytes + (half * VectorBytes)));
            for (var group = 0; group < 4; group++)
            {
                LoadActivations(block, group);
                _code.Load(Codes, new Address(PanelPlace, place + (group * GroupBytes) + (half * VectorBytes)));
                _code.And(MoreCodes, Codes, Fifteen);
                AddUpperBits(MoreCodes, UpperBits, group);
                _code.DotBytes(Whole + half, MoreCodes, LowActivation);
                _code.ShiftWordsRight(Codes, Codes, 4);
                _code.And(Codes, Codes, Fifteen);
                AddUpperBits(Codes, UpperBits + 1, group);
                _code.DotBytes(SecondWhole + half, Codes, HighActivation);
            }
        }

        WholeToFloats(Whole);
        WholeToFloats(SecondWhole);
        for (var half = 0; half < 2; half++)
        {
            // Whole numbers below 2^24: nothing is rounded.
            Widen(Scales + half, halfScales + (half * 16), isSigned: true);
            _code.Multiply(Whole + half, Whole + half, Scales + half);
            Widen(Scales + half, halfScales + Panel.Rows + (half * 16), isSigned: true);
            _code.MultiplyAdd(Whole + half, SecondWhole + half, Scales + half);
        }
    }

    /// <summary>Half-precision scales of the block.</summary>
    public void LoadScales(int place) => LoadHalves(Scales, place);

    /// <summary>Half-precision minima of the block.</summary>
    public void LoadMinima(int place) => LoadHalves(Minima, place);

    /// <summary>Half-precision factors of several blocks' scales.</summary>
    public void LoadScaleFactors(int place) => LoadHalves(ScaleFactors, place);

    /// <summary>Half-precision factors of several blocks' minima.</summary>
    public void LoadMinimumFactors(int place) => LoadHalves(MinimumFactors, place);

    /// <summary>Scales of unsigned bytes times their factors.</summary>
    public void LoadByteScales(int place) => LoadBytes(Scales, ScaleFactors, place);

    /// <summary>Minima of unsigned bytes times their factors.</summary>
    public void LoadByteMinima(int place) => LoadBytes(Minima, MinimumFactors, place);

    /// <summary>The scales are the factors.</summary>
    public void UseScaleFactors()
    {
        _code.Copy(Scales, ScaleFactors);
        _code.Copy(Scales + 1, ScaleFactors + 1);
    }

    /// <summary>Adds the scaled products to the sums.</summary>
    public void AddProducts(int block)
    {
        for (var half = 0; half < 2; half++)
        {
            _code.MultiplyAll(Scaled + half, Scales + half, new Address(Factors, (block * BlockFactors.ByteCount) + BlockFactors.ScaleOffset));
            _code.MultiplyAdd(Sums + half, Whole + half, Scaled + half);
        }
    }

    /// <summary>Adds what the minima give, which some formats hold as what is to be subtracted.</summary>
    public void AddMinima(int block, bool areSubtracted)
    {
        for (var half = 0; half < 2; half++)
        {
            var scaledSum = new Address(Factors, (block * BlockFactors.ByteCount) + BlockFactors.ScaledSumOffset);
            if (areSubtracted)
            {
                _code.MultiplySubtractAll(Sums + half, Minima + half, scaledSum);
            }
            else
            {
                _code.MultiplyAddAll(Sums + half, Minima + half, scaledSum);
            }
        }
    }

    void Constants()
    {
        const int TwiceLess = -2 & 0xFFFF;
        foreach (var (vector, number) in ((int, int)[])
            [(Fifteen, 0x0F0F0F0F), (UpperMask, 0x30303030), (Flip, unchecked((int)0x80808080)), (FirstHalf, TwiceLess), (SecondHalf, TwiceLess << 16)])
        {
            _code.Load(Register.Rax, number);
            _code.Broadcast(vector, Register.Rax);
        }
    }

    void LoadActivations(int block, int group)
    {
        _code.Broadcast(LowActivation, new Address(Quants, (block * Panel.BlockLength) + (4 * group)));
        _code.Broadcast(HighActivation, new Address(Quants, (block * Panel.BlockLength) + 16 + (4 * group)));
    }

    void AddUpperBits(int codes, int upperBits, int group)
    {
        // Words may be shifted instead of bytes: the mask leaves only bits of the same byte.
        switch (group)
        {
            case 0 or 1:
                _code.ShiftWordsLeft(Scaled, upperBits, 4 - (2 * group));
                _code.And(Scaled, Scaled, UpperMask);
                break;
            case 2:
                _code.And(Scaled, upperBits, UpperMask);
                break;
            default:
                _code.ShiftWordsRight(Scaled, upperBits, 2);
                _code.And(Scaled, Scaled, UpperMask);
                break;
        }

        _code.Or(codes, codes, Scaled);
    }

    void WholeToFloats(int whole)
    {
        _code.ToFloats(whole, whole);
        _code.ToFloats(whole + 1, whole + 1);
    }

    void LoadHalves(int to, int place)
    {
        _code.HalvesToFloats(to, new Address(PanelPlace, place));
        _code.HalvesToFloats(to + 1, new Address(PanelPlace, place + 32));
    }

    void LoadBytes(int to, int factors, int place)
    {
        for (var half = 0; half < 2; half++)
        {
            Widen(to + half, place + (half * 16), isSigned: false);
            _code.Multiply(to + half, to + half, factors + half);
        }
    }

    void Widen(int to, int place, bool isSigned)
    {
        if (isSigned)
        {
            _code.WidenSigned(to, new Address(PanelPlace, place));
        }
        else
        {
            _code.WidenUnsigned(to, new Address(PanelPlace, place));
        }

        _code.ToFloats(to, to);
    }
}
