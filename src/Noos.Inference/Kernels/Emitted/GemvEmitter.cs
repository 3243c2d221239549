using Noos.Inference.Kernels.Panels;
using Noos.MachineCode;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>
/// Emits the GEMV of a packed panel and one token (decode). It is bound by memory: what counts is that the panel is read as one stream,
/// prefetched ahead of its use. A format composes its code from the parts here; all have the sums and roundings of
/// <see cref="DecodeGemv{TFormat, TDot}"/>, hence its bits.
/// </summary>
sealed class GemvEmitter
{
    const int VectorBytes = 64;
    const int GroupBytes = Panel.Rows * 4;

    const Register Arguments = Register.Rdi;
    const Register PanelPointer = Register.Rdi;
    const Register Quants = Register.Rsi;
    const Register BlockScales = Register.Rdx;
    const Register Blocks = Register.Rcx;
    const Register Output = Register.Rax;

    // zmm registers. Up to Scaled they come in pairs: rows 0 .. 15 and, one further, rows 16 .. 31. Constants live above 23 all the time.
    const int Sums = 0;
    const int Dots = 2;
    const int SecondDots = 4;
    const int Scales = 6;
    const int Minima = 8;
    const int Codes = 10;
    const int MoreCodes = 12;
    const int UpperBits = 14;
    const int SuperScales = 16;
    const int SuperMinima = 18;
    const int Scaled = 20;
    const int LowActivation = 22;
    const int HighActivation = 23;
    const int Fifteen = 24;
    const int UpperMask = 25;
    const int Flip = 26;
    const int FirstHalf = 27;
    const int SecondHalf = 28;
    const int FifthMask = 29;
    const int LowMask = 30;
    const int ThirdMask = 31;

    readonly Assembler _code = new();

    GemvEmitter()
    {
    }

    /// <summary>The code of a format; its only argument is the address of <see cref="GemvArguments"/>.</summary>
    public static byte[] Emit<TFormat>()
        where TFormat : struct, IEmittedGemvFormat
    {
        // System V calling convention: all these registers are caller-saved, so nothing is pushed. PanelPointer shares rdi with Arguments
        // and is therefore loaded last.
        var emitter = new GemvEmitter();
        var code = emitter._code;
        emitter.LoadConstants();
        code.Load(Quants, new Address(Arguments, GemvArguments.QuantsOffset));
        code.Load(BlockScales, new Address(Arguments, GemvArguments.BlockScalesOffset));
        code.Load(Blocks, new Address(Arguments, GemvArguments.BlocksOffset));
        code.Load(Output, new Address(Arguments, GemvArguments.OutputOffset));
        code.Load(PanelPointer, new Address(Arguments, GemvArguments.PanelOffset));
        code.Load(Sums, new Address(Output));
        code.Load(Sums + 1, new Address(Output, VectorBytes));
        code.Align(64);
        // The loop runs once per stored block; its body has all blocks of a super-block.
        var top = code.Here;
        var blocksPerSuperBlock = TFormat.BlockLength / Panel.BlockLength;
        for (var block = 0; block < blocksPerSuperBlock; block++)
        {
            // One prefetch per cache line of the panel, spread over the blocks.
            for (var line = 0; line < TFormat.PanelBytes / blocksPerSuperBlock; line += VectorBytes)
            {
                code.PrefetchNear(
                    new Address(PanelPointer, StreamPrefetcher.Distance + (block * (TFormat.PanelBytes / blocksPerSuperBlock)) + line));
            }

            TFormat.EmitBlock(emitter, block);
        }

        code.Add(PanelPointer, TFormat.PanelBytes);
        code.Add(Quants, TFormat.BlockLength);
        code.Add(BlockScales, blocksPerSuperBlock * ActivationBlockScale.ByteCount);
        code.Loop(Blocks, top);
        code.Store(new Address(Output), Sums);
        code.Store(new Address(Output, VectorBytes), Sums + 1);
        code.Return();
        return code.ToArray();
    }

    /// <summary>Signed bytes, [8 groups][32 rows][4 columns], at a place in the panel; they are biased by 128 to become unsigned.</summary>
    public void MultiplyBytes(int offset, int block)
    {
        _code.Broadcast(Dots, new Address(BlockScales, (block * ActivationBlockScale.ByteCount) + ActivationBlockScale.BiasOffset));
        _code.Copy(Dots + 1, Dots);
        for (var group = 0; group < 8; group++)
        {
            _code.Broadcast(LowActivation, new Address(Quants, (block * Panel.BlockLength) + (4 * group)));
            for (var half = 0; half < 2; half++)
            {
                // Load and bias in one instruction: flipping the top bit adds 128.
                _code.Xor(Codes + half, Flip, new Address(PanelPointer, offset + (group * GroupBytes) + (half * VectorBytes)));
                _code.DotBytes(Dots + half, Codes + half, LowActivation);
            }
        }

        DotsToFloats(Dots);
    }

    /// <summary>Four-bit codes as <see cref="NibblePlane"/> has them.</summary>
    /// <param name="zeroPoint">8, or 0 where there is none.</param>
    public void MultiplyNibbles(int offset, int block, int zeroPoint)
    {
        StartSums(block, zeroPoint);
        for (var group = 0; group < 4; group++)
        {
            LoadActivations(block, group);
            for (var half = 0; half < 2; half++)
            {
                _code.Load(Codes + half, new Address(PanelPointer, offset + (group * GroupBytes) + (half * VectorBytes)));
                _code.And(MoreCodes + half, Codes + half, Fifteen);
                _code.DotBytes(Dots + half, MoreCodes + half, LowActivation);
                _code.ShiftWordsRight(Codes + half, Codes + half, 4);
                _code.And(Codes + half, Codes + half, Fifteen);
                _code.DotBytes(Dots + half, Codes + half, HighActivation);
            }
        }

        DotsToFloats(Dots);
    }

    /// <summary>Four-bit codes and fifth bits as <see cref="FifthBitPlane"/> has them.</summary>
    /// <param name="offset">The four-bit codes.</param>
    /// <param name="fifthBits">The fifth bits.</param>
    /// <param name="zeroPoint">16, or 0 where there is none.</param>
    public void MultiplyFiveBits(int offset, int fifthBits, int block, int zeroPoint)
    {
        StartSums(block, zeroPoint);
        for (var half = 0; half < 2; half++)
        {
            _code.Load(UpperBits + half, new Address(PanelPointer, fifthBits + (half * VectorBytes)));
        }

        for (var group = 0; group < 4; group++)
        {
            LoadActivations(block, group);
            for (var half = 0; half < 2; half++)
            {
                _code.Load(Codes + half, new Address(PanelPointer, offset + (group * GroupBytes) + (half * VectorBytes)));
                _code.And(MoreCodes + half, Codes + half, Fifteen);
                // Bit g of the plane to bit 4, the value 16.
                AddUpperBits(MoreCodes + half, UpperBits + half, 4 - group, FifthMask);
                _code.DotBytes(Dots + half, MoreCodes + half, LowActivation);
                _code.ShiftWordsRight(Codes + half, Codes + half, 4);
                _code.And(Codes + half, Codes + half, Fifteen);
                // High nibbles are groups 4 .. 7: bit g + 4 to bit 4.
                AddUpperBits(Codes + half, UpperBits + half, -group, FifthMask);
                _code.DotBytes(Dots + half, Codes + half, HighActivation);
            }
        }

        DotsToFloats(Dots);
    }

    /// <summary>
    /// Four-bit codes with two more bits apart, around 32, and a signed byte of scale for each half of the columns, as Q6_K has them.
    /// </summary>
    /// <param name="offset">The four-bit codes.</param>
    /// <param name="upperBits">The upper bits.</param>
    /// <param name="halfScales">Scales of the first halves, 32 bytes, then of the second.</param>
    public void MultiplySixBits(int offset, int upperBits, int halfScales, int block)
    {
        StartHalves(block, 32);
        for (var half = 0; half < 2; half++)
        {
            _code.Load(UpperBits, new Address(PanelPointer, upperBits + (half * VectorBytes)));
            _code.Load(UpperBits + 1, new Address(PanelPointer, upperBits + GroupBytes + (half * VectorBytes)));
            for (var group = 0; group < 4; group++)
            {
                LoadActivations(block, group);
                _code.Load(Codes, new Address(PanelPointer, offset + (group * GroupBytes) + (half * VectorBytes)));
                _code.And(MoreCodes, Codes, Fifteen);
                // Bits 2g, 2g + 1 of the plane to bits 4 and 5; columns 16 and up have a plane of their own.
                AddUpperBits(MoreCodes, UpperBits, 4 - (2 * group), UpperMask);
                _code.DotBytes(Dots + half, MoreCodes, LowActivation);
                _code.ShiftWordsRight(Codes, Codes, 4);
                _code.And(Codes, Codes, Fifteen);
                AddUpperBits(Codes, UpperBits + 1, 4 - (2 * group), UpperMask);
                _code.DotBytes(SecondDots + half, Codes, HighActivation);
            }
        }

        ScaleHalves(halfScales);
    }

    /// <summary>
    /// Two-bit codes with a third bit apart, around 4, and a signed byte of scale for each half of the columns, as Q3_K has them.
    /// </summary>
    /// <param name="offset">The two-bit codes, as <see cref="TwoBitPlane"/> has them.</param>
    /// <param name="thirdBits">The third bits, as <see cref="FifthBitPlane"/> has the fifth.</param>
    /// <param name="halfScales">Scales of the first halves, 32 bytes, then of the second.</param>
    public void MultiplyThreeBits(int offset, int thirdBits, int halfScales, int block)
    {
        StartHalves(block, 4);
        for (var half = 0; half < 2; half++)
        {
            _code.Load(Codes, new Address(PanelPointer, offset + (half * VectorBytes)));
            _code.Load(Codes + 1, new Address(PanelPointer, offset + TwoBitPlane.HalfBytes + (half * VectorBytes)));
            _code.Load(UpperBits, new Address(PanelPointer, thirdBits + (half * VectorBytes)));
            for (var group = 0; group < 4; group++)
            {
                LoadActivations(block, group);
                // Bits 2g, 2g + 1 of the plane down to 0 and 1; of the third-bit plane, bit g (first half) or g + 4 (second half) to bit 2.
                TakeBits(MoreCodes, Codes, -2 * group, LowMask);
                AddUpperBits(MoreCodes, UpperBits, 2 - group, ThirdMask);
                _code.DotBytes(Dots + half, MoreCodes, LowActivation);
                TakeBits(MoreCodes, Codes + 1, -2 * group, LowMask);
                AddUpperBits(MoreCodes, UpperBits, -2 - group, ThirdMask);
                _code.DotBytes(SecondDots + half, MoreCodes, HighActivation);
            }
        }

        ScaleHalves(halfScales);
    }

    /// <summary>Loads the F16 scales of a block.</summary>
    public void LoadScales(int offset) => LoadHalves(Scales, offset);

    /// <summary>Loads the F16 minima of a block.</summary>
    public void LoadMinima(int offset) => LoadHalves(Minima, offset);

    /// <summary>Loads the F16 super-scales, which stay in their registers for all blocks of a super-block.</summary>
    public void LoadSuperScales(int offset) => LoadHalves(SuperScales, offset);

    /// <summary>Loads the F16 factors of a super-block's minima.</summary>
    public void LoadSuperMinima(int offset) => LoadHalves(SuperMinima, offset);

    /// <summary>Loads u8 scales of a block and multiplies them with the super-scales.</summary>
    public void LoadByteScales(int offset) => LoadBytes(Scales, SuperScales, offset);

    /// <summary>Loads u8 minima of a block and multiplies them with their factors.</summary>
    public void LoadByteMinima(int offset) => LoadBytes(Minima, SuperMinima, offset);

    /// <summary>Takes the super-scales as scales, for formats whose block scales are in the products already.</summary>
    public void UseSuperScales()
    {
        // Copied, since AddProducts reads Scales and the super-scales are needed for the next block.
        _code.Copy(Scales, SuperScales);
        _code.Copy(Scales + 1, SuperScales + 1);
    }

    /// <summary>sums += dots * (scales * activation scale), rounded as in <see cref="DecodeGemv{TFormat, TDot}"/>.</summary>
    public void AddProducts(int block)
    {
        for (var half = 0; half < 2; half++)
        {
            // scale * scale first, as all tiers do; the activation's scale is an embedded broadcast.
            _code.MultiplyAll(
                Scaled + half,
                Scales + half,
                new Address(BlockScales, (block * ActivationBlockScale.ByteCount) + ActivationBlockScale.ScaleOffset));
            _code.MultiplyAdd(Sums + half, Dots + half, Scaled + half);
        }
    }

    /// <summary>sums += or -= minima * (sum of activations * activation scale).</summary>
    public void AddMinima(int block, bool areSubtracted)
    {
        for (var half = 0; half < 2; half++)
        {
            var scaledSum = new Address(BlockScales, (block * ActivationBlockScale.ByteCount) + ActivationBlockScale.ScaledSumOffset);
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

    /// <summary>Start value of dot products that takes away the zero point: -zero point * sum(activations).</summary>
    void StartSums(int block, int zeroPoint)
    {
        if (zeroPoint == 0)
        {
            _code.Xor(Dots, Dots, Dots);
        }
        else
        {
            _code.Broadcast(Dots, new Address(BlockScales, (block * ActivationBlockScale.ByteCount) + ActivationBlockScale.BiasOffset));
            // Bias is -128 * sum; a power of two as zero point needs an exact shift of it only.
            _code.ShiftRightSigned(Dots, Dots, int.Log2(BiasedByteCodes.Bias / zeroPoint));
        }

        _code.Copy(Dots + 1, Dots);
    }

    /// <summary>The same for each half of the columns.</summary>
    void StartHalves(int block, int zeroPoint)
    {
        // vpmaddwd of the dword (16 * first sum, 16 * second sum) with (-2, 0) or (0, -2): -32 times a sum, the start for zero point 32.
        _code.Broadcast(
            LowActivation, new Address(BlockScales, (block * ActivationBlockScale.ByteCount) + ActivationBlockScale.HalfSumsOffset));
        foreach (var (dots, half) in ((int, int)[])[(Dots, FirstHalf), (SecondDots, SecondHalf)])
        {
            _code.MultiplyAddWords(dots, LowActivation, half);
            if (zeroPoint < 32)
            {
                // -32 * sum shifted down to -zero point * sum, exactly.
                _code.ShiftRightSigned(dots, dots, int.Log2(32 / zeroPoint));
            }

            _code.Copy(dots + 1, dots);
        }
    }

    /// <summary>Multiplies the half-block sums with their scales and adds them: integers below 2^24, so nothing is rounded.</summary>
    void ScaleHalves(int halfScales)
    {
        DotsToFloats(Dots);
        DotsToFloats(SecondDots);
        for (var half = 0; half < 2; half++)
        {
            // 16 rows per register; second-half scales lie 32 bytes further.
            Widen(Scales + half, halfScales + (half * 16), isSigned: true);
            _code.Multiply(Dots + half, Dots + half, Scales + half);
            Widen(Scales + half, halfScales + Panel.Rows + (half * 16), isSigned: true);
            _code.MultiplyAdd(Dots + half, SecondDots + half, Scales + half);
        }
    }

    void LoadConstants()
    {
        // -2 as int16, for the low or the high lane of a dword.
        const int TwiceLess = -2 & 0xFFFF;
        foreach (var (vector, number) in ((int, int)[])
            [(Fifteen, 0x0F0F0F0F), (UpperMask, 0x30303030), (FifthMask, 0x10101010), (LowMask, 0x03030303), (ThirdMask, 0x04040404),
                (Flip, unchecked((int)0x80808080)), (FirstHalf, TwiceLess), (SecondHalf, TwiceLess << 16)])
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

    /// <summary>Ors bits of another plane into codes, shifted and masked as in <see cref="TakeBits"/>. Uses Scaled as temporary.</summary>
    void AddUpperBits(int codes, int upperBits, int left, int mask)
    {
        TakeBits(Scaled, upperBits, left, mask);
        _code.Or(codes, codes, Scaled);
    }

    /// <param name="left">How far the bits are to be shifted to the left, or less than 0: to the right.</param>
    void TakeBits(int to, int bits, int left, int mask)
    {
        // There is no byte shift, so int16 lanes are shifted; the mask removes what came from the neighbouring byte.
        if (left > 0)
        {
            _code.ShiftWordsLeft(to, bits, left);
        }
        else if (left < 0)
        {
            _code.ShiftWordsRight(to, bits, -left);
        }

        // Without a shift the mask reads the plane itself, which saves a copy.
        _code.And(to, left == 0 ? bits : to, mask);
    }

    void DotsToFloats(int dots)
    {
        _code.ToFloats(dots, dots);
        _code.ToFloats(dots + 1, dots + 1);
    }

    void LoadHalves(int to, int offset)
    {
        _code.HalvesToFloats(to, new Address(PanelPointer, offset));
        _code.HalvesToFloats(to + 1, new Address(PanelPointer, offset + 32));
    }

    void LoadBytes(int to, int superScales, int offset)
    {
        for (var half = 0; half < 2; half++)
        {
            Widen(to + half, offset + (half * 16), isSigned: false);
            _code.Multiply(to + half, to + half, superScales + half);
        }
    }

    void Widen(int to, int offset, bool isSigned)
    {
        if (isSigned)
        {
            _code.WidenSigned(to, new Address(PanelPointer, offset));
        }
        else
        {
            _code.WidenUnsigned(to, new Address(PanelPointer, offset));
        }

        _code.ToFloats(to, to);
    }
}
