using System.Numerics;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels;

namespace Noos.Inference.Sampling;

/// <summary>
/// The few likeliest tokens, the likeliest first and of equal ones the smaller, and the filters that leave fewer of them. Valid while the
/// logits stay pinned.
/// </summary>
sealed unsafe class RankedTokens
{
    /// <summary>More are not put in order.</summary>
    public const int MaxCount = 1024;

    const int Lanes = 8;

    // Where so many are found, those that cannot be among the first any more are dropped.
    const int Slack = 4;

    // A float sum may be off by some units of the last place; a token must not come in because of that alone.
    const double Tolerance = 1 - 1e-6;

    // Halvings of the range in which enough blocks must have their largest logit.
    const int MaxHalvings = 12;

    // Where so wide a range has too few, the others are forbidden.
    const float MaxWidth = 1e30f;

    ulong[] _order = [];
    float[] _logits = [];
    float[] _weights = [];
    int[] _tokens = [];

    /// <summary>Number of tokens left.</summary>
    public int Count { get; private set; }

    /// <summary>The tokens left.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    public float Largest => _logits[0];

    /// <summary>Forgets all.</summary>
    public void Clear() => Count = 0;

    /// <summary>Begins with the likeliest tokens.</summary>
    /// <param name="blocks">All tokens.</param>
    /// <param name="low">Those with smaller logits do not take part.</param>
    /// <param name="count">At most so many, up to <see cref="MaxCount"/>.</param>
    public void Collect(LogitBlocks blocks, float low, int count)
    {
        if (_order.Length < count * Slack)
        {
            _order = new ulong[count * Slack];
            (_logits, _weights, _tokens) = (new float[count + Lanes], new float[count + Lanes], new int[count]);
        }

        var found = 0;
        // As many blocks as tokens are wanted have one from here on, so none below can be among them.
        var bound = Math.Max(low, LowerBound(blocks, count));
        for (var block = 0; block < blocks.Count; block++)
        {
            if (!(blocks.Maxima[block] >= bound))
            {
                continue;
            }

            var logits = blocks.At(block);
            for (var i = 0; i < LogitBlocks.Length; i += Lanes)
            {
                var bits = Vector256.GreaterThanOrEqual(Vector256.Load(logits + i), Vector256.Create(bound)).ExtractMostSignificantBits();
                for (; bits != 0; bits &= bits - 1)
                {
                    var lane = i + BitOperations.TrailingZeroCount(bits);
                    if (!(logits[lane] >= bound))
                    {
                        continue;
                    }

                    _order[found++] = Rank(logits[lane], (block * LogitBlocks.Length) + lane);
                    if (found == count * Slack)
                    {
                        _order.AsSpan(0, found).Sort();
                        found = count;
                        // What comes later is greater, so at the same logit it would be behind all of these.
                        bound = MathF.BitIncrement(LogitOf(_order[count - 1]));
                    }
                }
            }
        }

        _order.AsSpan(0, found).Sort();
        Count = Math.Min(found, count);
        for (var i = 0; i < Count; i++)
        {
            (_logits[i], _tokens[i]) = (LogitOf(_order[i]), (int)(uint)_order[i]);
        }
    }

    public bool Contains(int token) => Tokens.Contains(token);

    /// <inheritdoc cref="TokenCandidates.KeepFirst"/>
    public void KeepFirst(int count) => Count = Math.Min(Count, count);

    /// <inheritdoc cref="TokenCandidates.KeepProbable"/>
    public void KeepProbable(float share)
    {
        var wanted = share * Weigh(Exp2.Log2E) * Tolerance;
        var sum = (double)_weights[0];
        var kept = 1;
        while (kept < Count && sum < wanted)
        {
            sum += _weights[kept++];
        }

        Count = kept;
    }

    /// <inheritdoc cref="TokenCandidates.KeepTypical"/>
    public void KeepTypical(float share)
    {
        var total = Weigh(Exp2.Log2E);
        var expected = 0d;
        for (var i = 0; i < Count; i++)
        {
            expected += (double)(_logits[i] - Largest) * _weights[i];
        }

        var center = (float)(Largest + (expected / total));
        Span<ulong> order = stackalloc ulong[Count];
        for (var i = 0; i < Count; i++)
        {
            // Of numbers that are not negative, the bits are in the order of the numbers. Of equal distances the smaller token comes first.
            order[i] = ((ulong)BitConverter.SingleToUInt32Bits(MathF.Abs(_logits[i] - center)) << 32) | (uint)_tokens[i];
        }

        // Sorted with the ranks, which then say whose weight is next.
        Span<int> ranks = stackalloc int[Count];
        for (var i = 0; i < Count; i++)
        {
            ranks[i] = i;
        }

        order.Sort(ranks);
        var sum = (double)_weights[ranks[0]];
        var kept = 1;
        while (kept < Count && sum < share * total)
        {
            sum += _weights[ranks[kept++]];
        }

        ranks = ranks[..kept];
        ranks.Sort();
        for (var i = 0; i < kept; i++)
        {
            (_logits[i], _tokens[i]) = (_logits[ranks[i]], _tokens[ranks[i]]);
        }

        Count = kept;
    }

    /// <inheritdoc cref="TokenCandidates.KeepComparable"/>
    public void KeepComparable(float ratio)
    {
        var least = Largest + MathF.Log(ratio);
        while (Count > 1 && _logits[Count - 1] < least)
        {
            Count--;
        }
    }

    /// <inheritdoc cref="TokenCandidates.ExcludeTopChoices"/>
    public void ExcludeTopChoices(float threshold)
    {
        var wanted = Largest + (float)Math.Log(threshold * Weigh(Exp2.Log2E));
        var likely = 0;
        while (likely < Count && _logits[likely] >= wanted)
        {
            likely++;
        }

        if (likely > 1)
        {
            Count -= likely - 1;
            Array.Copy(_logits, likely - 1, _logits, 0, Count);
            Array.Copy(_tokens, likely - 1, _tokens, 0, Count);
        }
    }

    /// <summary>Draws one of the tokens by their probabilities, softened by the temperature.</summary>
    /// <param name="temperature">Divides the logits; above 0.</param>
    /// <param name="random">From 0 to below 1.</param>
    public int Draw(float temperature, double random)
    {
        var left = random * Weigh(Exp2.Log2E / temperature);
        for (var i = 0; i < Count; i++)
        {
            left -= _weights[i];
            if (left < 0)
            {
                return _tokens[i];
            }
        }

        return _tokens[0];
    }

    /// <summary>The exponentials relative to the largest, into <c>_weights</c>, and their sum.</summary>
    double Weigh(float scale)
    {
        for (var i = 0; i < Count; i += Lanes)
        {
            // Behind the last one stands anything, but nothing is read of it.
            Exp2.Approximate((Vector256.LoadUnsafe(ref _logits[i]) - Vector256.Create(Largest)) * scale).StoreUnsafe(ref _weights[i]);
        }

        var total = 0d;
        for (var i = 0; i < Count; i++)
        {
            total += _weights[i];
        }

        return total;
    }

    /// <summary>A logit that at least so many tokens reach, not far below that of the last of them.</summary>
    static float LowerBound(LogitBlocks blocks, int count)
    {
        if (blocks.Count < count)
        {
            return float.NegativeInfinity;
        }

        // Wide enough for all, in ever wider steps; then narrower while there are still enough.
        var width = 1f;
        while (blocks.CountFrom(blocks.Largest - width) < count)
        {
            width *= 4;
            if (width > MaxWidth)
            {
                return float.NegativeInfinity;
            }
        }

        var (bound, tooHigh) = (blocks.Largest - width, blocks.Largest);
        for (var halving = 0; halving < MaxHalvings; halving++)
        {
            var middle = bound + ((tooHigh - bound) / 2);
            if (blocks.CountFrom(middle) >= count)
            {
                bound = middle;
            }
            else
            {
                tooHigh = middle;
            }
        }

        return bound;
    }

    /// <summary>Ascending from the largest logit to the smallest, of equal ones from the smallest token to the largest.</summary>
    static ulong Rank(float logit, int token)
    {
        // Added to 0, a negative zero is the same as a positive one.
        var bits = BitConverter.SingleToUInt32Bits(logit + 0f);
        // Bits in the order of the numbers: those of negative ones all inverted, of others the sign; and then all of them inverted.
        var ascending = (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        return ((ulong)~ascending << 32) | (uint)token;
    }

    static float LogitOf(ulong rank)
    {
        var ascending = ~(uint)(rank >> 32);
        return BitConverter.UInt32BitsToSingle((ascending & 0x8000_0000) != 0 ? ascending & 0x7FFF_FFFF : ~ascending);
    }
}
