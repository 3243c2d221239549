using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels;

namespace Noos.Inference.Sampling;

/// <summary>
/// The tokens among which one is drawn, and the filters that leave fewer of them; each sees what the one before it left. The definitions
/// are
/// those of llama.cpp, but nothing is ever sorted or copied: every filter keeps the tokens whose logits lie in an interval, so a candidate
/// is
/// recognized by its logit, and a filter is a few vectorized passes over the vocabulary that find the ends of the interval. Sums run over
/// eight lanes and blocks of fixed length: the same on every machine. Valid while the logits given to <see cref="Begin"/> stay pinned.
/// </summary>
sealed unsafe class TokenCandidates
{
    const int Lanes = 8;

    // Sums of so many logits are taken in single precision, then added up in double: a sum of 262,144 floats would lose the small ones.
    const int BlockLength = 1024;

    // A float sum may be off by some units of the last place; a token must not come in because of that alone.
    const double Tolerance = 1 - 1e-6;

    readonly CandidateSelection _selection = new();
    float* _logits;
    int _length;
    float[] _weights = [];
    float[] _keys = [];
    double[] _blockSums = [];

    // Those at the lower end stay up to this token: of equal ones, the smaller tokens come first.
    float _low;
    int _lowLast;

    // Those at the upper end stay from this token on.
    float _high;
    int _highFirst;

    // Typical sampling keeps those at most so far from the expected surprise, at that distance up to this token.
    float _center;
    float _distance;
    int _distanceLast;

    /// <summary>The largest logit of a candidate; negative infinity where there is none.</summary>
    public float Largest { get; private set; }

    /// <summary>Begins anew with all tokens that are not forbidden; NaN counts as forbidden.</summary>
    /// <param name="logits">[length]; must stay where they are until the draw.</param>
    /// <param name="length">Number of tokens.</param>
    public void Begin(float* logits, int length)
    {
        _logits = logits;
        _length = length;
        (_low, _lowLast) = (float.MinValue, int.MaxValue);
        (_high, _highFirst) = (float.PositiveInfinity, 0);
        (_center, _distance, _distanceLast) = (0, float.PositiveInfinity, int.MaxValue);
        Largest = MaxLogit(logits, length);
    }

    /// <summary>The largest of some logits; negative infinity where all are forbidden.</summary>
    public static float MaxLogit(float* logits, int length)
    {
        var largest = Vector256.Create(float.NegativeInfinity);
        var i = 0;
        for (; i + Lanes <= length; i += Lanes)
        {
            // MaxNumber: a NaN loses against any number.
            largest = Vector256.MaxNumber(largest, Vector256.Load(logits + i));
        }

        var result = float.NegativeInfinity;
        for (var lane = 0; lane < Lanes; lane++)
        {
            result = float.MaxNumber(result, largest[lane]);
        }

        for (; i < length; i++)
        {
            result = float.MaxNumber(result, logits[i]);
        }

        return result;
    }

    /// <summary>Whether a token is still among the candidates.</summary>
    public bool Contains(int token) =>
        (Mask(Load(token / Lanes * Lanes), token / Lanes * Lanes).ExtractMostSignificantBits() >> (token % Lanes) & 1) != 0;

    /// <summary>Leaves those whose logits are at most so many standard deviations below the largest (Tang et al. 2024).</summary>
    public void KeepWithinDeviations(float count)
    {
        double sum = 0, squares = 0;
        long candidates = 0;
        for (var block = 0; block < _length; block += BlockLength)
        {
            var blockSum = Vector256<float>.Zero;
            for (var i = block; i < Math.Min(block + BlockLength, _length); i += Lanes)
            {
                var logits = Load(i);
                var mask = Mask(logits, i);
                candidates += BitOperations.PopCount(mask.ExtractMostSignificantBits());
                blockSum += logits & mask;
            }

            sum += HorizontalSum.ReduceToDouble(blockSum);
        }

        var mean = sum / candidates;
        for (var block = 0; block < _length; block += BlockLength)
        {
            var blockSum = Vector256<float>.Zero;
            for (var i = block; i < Math.Min(block + BlockLength, _length); i += Lanes)
            {
                var logits = Load(i);
                var difference = (logits - Vector256.Create((float)mean)) & Mask(logits, i);
                blockSum += difference * difference;
            }

            squares += HorizontalSum.ReduceToDouble(blockSum);
        }

        Raise((float)(Largest - (count * Math.Sqrt(squares / candidates))), int.MaxValue);
    }

    /// <summary>Leaves the <paramref name="count"/> likeliest.</summary>
    public void KeepFirst(int count)
    {
        var (key, last) = Select(center: null, weights: null, count);
        Raise(-key, last);
    }

    /// <summary>Leaves the fewest likeliest tokens that have so much probability together.</summary>
    public void KeepProbable(float share)
    {
        var total = Weigh(Exp2.Log2E);
        var (key, last) = Select(center: null, _weights, share * total * Tolerance);
        Raise(-key, last);
    }

    /// <summary>
    /// Leaves the tokens whose surprise is nearest to the expected one, until they have so much probability (Meister et al. 2022).
    /// </summary>
    public void KeepTypical(float share)
    {
        var total = Weigh(Exp2.Log2E);
        var expected = 0d;
        for (var block = 0; block < _length; block += BlockLength)
        {
            var sum = Vector256<float>.Zero;
            for (var i = block; i < Math.Min(block + BlockLength, _length); i += Lanes)
            {
                var logits = Load(i);
                sum += ((logits - Vector256.Create(Largest)) & Mask(logits, i)) * Vector256.LoadUnsafe(ref _weights[i]);
            }

            expected += HorizontalSum.ReduceToDouble(sum);
        }

        // The surprise of a token is log(total) - (logit - largest); expected above is the mean of what is subtracted, times the total.
        _center = (float)(Largest + (expected / total));
        var (key, last) = Select(_center, _weights, share * total);
        (_distance, _distanceLast) = (key, last);
        Largest = FindLargest();
    }

    /// <summary>Leaves the tokens that are at least so likely, relative to the likeliest.</summary>
    public void KeepComparable(float ratio) => Raise(Largest + MathF.Log(ratio), int.MaxValue);

    /// <summary>Takes away all tokens with at least so much probability but the least likely of them (XTC, p-e-w 2024).</summary>
    public void ExcludeTopChoices(float threshold)
    {
        var wanted = Largest + (float)Math.Log(threshold * Weigh(Exp2.Log2E));
        var least = Vector256.Create(float.PositiveInfinity);
        for (var i = 0; i < _length; i += Lanes)
        {
            var logits = Load(i);
            var likely = Mask(logits, i) & Vector256.GreaterThanOrEqual(logits, Vector256.Create(wanted));
            least = Vector256.Min(least, Vector256.ConditionalSelect(likely, logits, Vector256.Create(float.PositiveInfinity)));
        }

        var lowest = float.PositiveInfinity;
        for (var lane = 0; lane < Lanes; lane++)
        {
            lowest = MathF.Min(lowest, least[lane]);
        }

        if (lowest == float.PositiveInfinity)
        {
            return;
        }

        // Of equal ones, the last token is the least likely.
        var first = _length - 1;
        while (_logits[first] != lowest || !Contains(first))
        {
            first--;
        }

        (_high, _highFirst) = (lowest, first);
        Largest = lowest;
    }

    /// <summary>Draws one of the candidates by their probabilities, softened by the temperature.</summary>
    /// <param name="temperature">Divides the logits; above 0.</param>
    /// <param name="random">From 0 to below 1; candidates divide this range in the order of tokens.</param>
    /// <returns>A token, or -1 where there is no candidate.</returns>
    public int Draw(float temperature, double random)
    {
        if (Largest == float.NegativeInfinity)
        {
            return -1;
        }

        var left = random * Weigh(Exp2.Log2E / temperature);
        var last = -1;
        for (var block = 0; block * BlockLength < _length; block++)
        {
            if (_blockSums[block] == 0 || (left >= _blockSums[block] && (block + 1) * BlockLength < _length))
            {
                left -= _blockSums[block];
                continue;
            }

            for (var token = block * BlockLength; token < Math.Min((block + 1) * BlockLength, _length); token++)
            {
                if (_weights[token] > 0)
                {
                    last = token;
                    left -= _weights[token];
                    if (left < 0)
                    {
                        return token;
                    }
                }
            }

            // The block's sum was rounded up a little; what is left falls to the next one.
            left = 0;
        }

        return last >= 0 ? last : LastWithWeight();
    }

    int LastWithWeight()
    {
        var token = _length - 1;
        while (token >= 0 && !(_weights[token] > 0))
        {
            token--;
        }

        return token;
    }

    /// <summary>
    /// The exponentials of all candidates relative to the largest, 0 for other tokens: into <c>_weights</c> and the sums of blocks.
    /// </summary>
    /// <param name="scale">What differences of logits are multiplied with to become powers of two.</param>
    /// <returns>Their sum.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    double Weigh(float scale)
    {
        if (_weights.Length < _length + Lanes)
        {
            _weights = new float[_length + Lanes];
            _blockSums = new double[(_length + BlockLength - 1) / BlockLength];
        }

        var total = 0d;
        fixed (float* weights = _weights)
        {
            for (var block = 0; block < _length; block += BlockLength)
            {
                var sum = Vector256<float>.Zero;
                for (var i = block; i < Math.Min(block + BlockLength, _length); i += Lanes)
                {
                    var logits = Load(i);
                    var mask = Mask(logits, i);
                    var weight = Vector256<float>.Zero;
                    // After a filter hardly any group of eight has a candidate: then the exponential is the larger part of the work.
                    if (mask != Vector256<float>.Zero)
                    {
                        weight = Exp2.Approximate((logits - Vector256.Create(Largest)) * scale) & mask;
                        sum += weight;
                    }

                    weight.Store(weights + i);
                }

                _blockSums[block / BlockLength] = HorizontalSum.ReduceToDouble(sum);
                total += _blockSums[block / BlockLength];
            }
        }

        return total;
    }

    /// <summary>
    /// The candidates with the smallest keys, of equal ones the smaller tokens, until their weights reach <paramref name="wanted"/>.
    /// </summary>
    /// <param name="center">
    /// Null where the keys are the negative logits, so that the largest come first; else the keys are distances from it.
    /// </param>
    /// <param name="weights">[tokens]; null where each weighs one.</param>
    /// <param name="wanted">The sum to be reached.</param>
    /// <returns>The largest key that stays, and the last token that stays with it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    (float Key, int LastToken) Select(float? center, float[]? weights, double wanted)
    {
        if (_keys.Length < _length + Lanes)
        {
            _keys = new float[_length + Lanes];
        }

        var least = Vector256.Create(float.PositiveInfinity);
        var most = Vector256.Create(float.NegativeInfinity);
        fixed (float* keys = _keys)
        {
            for (var i = 0; i < _length; i += Lanes)
            {
                var logits = Load(i);
                var mask = Mask(logits, i);
                var key = center is { } middle ? Vector256.Abs(logits - Vector256.Create(middle)) : -logits;
                key = Vector256.ConditionalSelect(mask, key, Vector256.Create(float.PositiveInfinity));
                least = Vector256.Min(least, key);
                most = Vector256.Max(most, Vector256.ConditionalSelect(mask, key, Vector256.Create(float.NegativeInfinity)));
                key.Store(keys + i);
            }
        }

        var smallest = float.PositiveInfinity;
        var largest = float.NegativeInfinity;
        for (var lane = 0; lane < Lanes; lane++)
        {
            smallest = MathF.Min(smallest, least[lane]);
            largest = MathF.Max(largest, most[lane]);
        }

        return _selection.FindLast(_keys.AsSpan(0, _length), weights, smallest, largest, wanted);
    }

    /// <summary>Takes away the candidates below a logit, and those at it behind a token.</summary>
    void Raise(float low, int last)
    {
        if (low > _low)
        {
            (_low, _lowLast) = (low, last);
        }
        else if (low == _low)
        {
            _lowLast = Math.Min(_lowLast, last);
        }
    }

    float FindLargest()
    {
        var largest = Vector256.Create(float.NegativeInfinity);
        for (var i = 0; i < _length; i += Lanes)
        {
            var logits = Load(i);
            largest = Vector256.Max(
                largest, Vector256.ConditionalSelect(Mask(logits, i), logits, Vector256.Create(float.NegativeInfinity)));
        }

        var result = float.NegativeInfinity;
        for (var lane = 0; lane < Lanes; lane++)
        {
            result = MathF.Max(result, largest[lane]);
        }

        return result;
    }

    /// <summary>Which of eight tokens are candidates, as all or no bits. A NaN compares with nothing, so it is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Vector256<float> Mask(Vector256<float> logits, int token)
    {
        var low = Vector256.Create(_low);
        var tokens = Vector256.Create(token) + Vector256<int>.Indices;
        var mask = Vector256.GreaterThan(logits, low)
            | (Vector256.Equals(logits, low) & Vector256.LessThanOrEqual(tokens, Vector256.Create(_lowLast)).AsSingle());
        if (_high < float.PositiveInfinity)
        {
            var high = Vector256.Create(_high);
            mask &= Vector256.LessThan(logits, high)
                | (Vector256.Equals(logits, high) & Vector256.GreaterThanOrEqual(tokens, Vector256.Create(_highFirst)).AsSingle());
        }

        if (_distance < float.PositiveInfinity)
        {
            var key = Vector256.Abs(logits - Vector256.Create(_center));
            var distance = Vector256.Create(_distance);
            mask &= Vector256.LessThan(key, distance)
                | (Vector256.Equals(key, distance) & Vector256.LessThanOrEqual(tokens, Vector256.Create(_distanceLast)).AsSingle());
        }

        return mask;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Vector256<float> Load(int token) => token + Lanes <= _length ? Vector256.Load(_logits + token) : LoadEnd(token);

    /// <summary>The last tokens, where they are fewer than eight; what is missing counts as forbidden.</summary>
    Vector256<float> LoadEnd(int token)
    {
        var logits = Vector256.Create(float.NegativeInfinity);
        for (var i = token; i < _length; i++)
        {
            logits = logits.WithElement(i - token, _logits[i]);
        }

        return logits;
    }
}
