using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels;

namespace Noos.Inference.Sampling;

/// <summary>
/// The tokens among which one is drawn, and the filters that leave fewer of them; each sees what the one before it left. The definitions
/// are those of llama.cpp, but the vocabulary is never sorted or copied. A few likeliest tokens (top-k) are found by the largest logit of
/// each block and ranked. Else a token is drawn first, by rejection from an envelope over the blocks (von Neumann 1951), and only for that
/// token it is computed whether the filter would have left it; if not, another one is drawn, which comes to the same. What a filter leaves
/// is worked out as a whole only where too many draws are refused. Sums run over sixteen lanes and blocks of fixed length: the same on
/// every machine. Valid while the logits given to <see cref="Begin"/> stay pinned.
/// </summary>
sealed unsafe class TokenCandidates
{
    const int Lanes = 8;

    // A float sum may be off by some units of the last place; a token must not come in because of that alone.
    const double Tolerance = 1 - 1e-6;

    // A draw from the envelope succeeds once in as many tries as a block has tokens, or oftener.
    const int MaxTries = 50 * LogitBlocks.Length;

    // Tests of drawn tokens may take as long as so many passes over the vocabulary.
    const int MaxTestPasses = 3;

    readonly LogitBlocks _blocks = new();
    readonly RankedTokens _ranked = new();
    readonly CandidateSelection _selection = new();
    TokenInterval _interval;
    bool _isRanked;

    // The filter that is only applied to tokens that are drawn, and the tokens that it saw.
    DeferredFilter _deferred;
    TokenInterval _domain;
    float _share;

    // Where typical sampling has its middle.
    float _center;

    // All weights of the domain; NaN while unknown, of single blocks too.
    double _total;
    double[] _sums = [];

    // For draws: the weight that no token of a block exceeds, and their running sums.
    float[] _envelope = [];
    double[] _running = [];

    // For the deferred filter: the weight of the largest of each block.
    float[] _peaks = [];

    // [tokens, whole blocks]: the weights of the domain of typical sampling, whose middle needs them all; or, like the keys, those of a
    // filter that is worked out.
    float[] _weights = [];
    float[] _keys = [];

    enum DeferredFilter
    {
        None,
        TopP,
        Typical,
    }

    /// <summary>The largest logit of a candidate; negative infinity where there is none.</summary>
    public float Largest { get; private set; }

    /// <summary>The likeliest tokens in order, after <see cref="KeepFirst"/> with up to <see cref="RankedTokens.MaxCount"/>.</summary>
    public ReadOnlySpan<int> Ranked => _ranked.Tokens;

    /// <summary>Begins anew with all tokens that are not forbidden; NaN counts as forbidden.</summary>
    /// <param name="logits">[length]; must stay where they are until the draw.</param>
    /// <param name="length">Number of tokens.</param>
    public void Begin(float* logits, int length)
    {
        _blocks.Begin(logits, length);
        _interval = TokenInterval.All;
        _deferred = DeferredFilter.None;
        _isRanked = false;
        _ranked.Clear();
        Largest = _blocks.Largest;
        if (_sums.Length < _blocks.Count)
        {
            _sums = new double[_blocks.Count];
            _running = new double[_blocks.Count];
            _envelope = new float[_blocks.Count + Lanes];
            _peaks = new float[_blocks.Count + Lanes];
        }
    }

    /// <summary>The first token with the largest logit; -1 where there is none.</summary>
    public int IndexOfLargest() => _blocks.IndexOfLargest();

    /// <summary>Whether a token is still among the candidates.</summary>
    public bool Contains(int token)
    {
        if (_isRanked)
        {
            return _ranked.Contains(token);
        }

        var logit = _blocks.At(token / LogitBlocks.Length)[token % LogitBlocks.Length];
        return _interval.Contains(logit, token) && (_deferred == DeferredFilter.None || Passes(logit, token, out _));
    }

    /// <summary>The natural logarithm of the sum of e^logit over all candidates, before any filter.</summary>
    public double LogTotal() => Largest + Math.Log(Weigh(_interval, Exp2.Log2E));

    /// <summary>Leaves those whose logits are at most so many standard deviations below the largest (Tang et al. 2024).</summary>
    public void KeepWithinDeviations(float count)
    {
        Settle();
        double sum = 0, squares = 0;
        var counts = Vector256<int>.Zero;
        for (var block = 0; block < _blocks.Count; block++)
        {
            sum += SumLogits(block, ref counts);
        }

        var candidates = Vector256.Sum(counts);
        var mean = sum / candidates;
        for (var block = 0; block < _blocks.Count; block++)
        {
            squares += SumSquares(block, (float)mean);
        }

        _interval = _interval.From((float)(Largest - (count * Math.Sqrt(squares / candidates))));
    }

    /// <summary>Leaves the <paramref name="count"/> likeliest.</summary>
    public void KeepFirst(int count)
    {
        Settle();
        if (_isRanked)
        {
            _ranked.KeepFirst(count);
        }
        else if (_interval.HasLowOnly && count <= RankedTokens.MaxCount)
        {
            _ranked.Collect(_blocks, _interval.Low, count);
            _isRanked = _ranked.Count > 0;
        }
        else
        {
            var (key, last) = Select(_interval, center: null, isWeighed: false, count);
            _interval = _interval.From(-key, last);
        }
    }

    /// <summary>Leaves the fewest likeliest tokens that have so much probability together.</summary>
    public void KeepProbable(float share)
    {
        if (_isRanked)
        {
            _ranked.KeepProbable(share);
            return;
        }

        Defer(DeferredFilter.TopP, share);
    }

    /// <summary>
    /// Leaves the tokens whose surprise is nearest to the expected one, until they have so much probability (Meister et al. 2022).
    /// </summary>
    public void KeepTypical(float share)
    {
        if (_isRanked)
        {
            _ranked.KeepTypical(share);
            return;
        }

        Defer(DeferredFilter.Typical, share);
    }

    /// <summary>Leaves the tokens that are at least so likely, relative to the likeliest.</summary>
    public void KeepComparable(float ratio)
    {
        if (_isRanked)
        {
            _ranked.KeepComparable(ratio);
            return;
        }

        // Top-p always leaves the likeliest token, typical sampling does not.
        if (_deferred == DeferredFilter.Typical)
        {
            Settle();
        }

        _interval = _interval.From(Largest + MathF.Log(ratio));
    }

    /// <summary>Takes away all tokens with at least so much probability but the least likely of them (XTC, p-e-w 2024).</summary>
    public void ExcludeTopChoices(float threshold)
    {
        if (_isRanked)
        {
            _ranked.ExcludeTopChoices(threshold);
            return;
        }

        Settle();
        var wanted = Largest + (float)Math.Log(threshold * Weigh(_interval, Exp2.Log2E));
        var (lowest, first) = (float.PositiveInfinity, 0);
        for (var block = 0; block < _blocks.Count; block++)
        {
            if (_blocks.Maxima[block] < wanted)
            {
                continue;
            }

            var logits = _blocks.At(block);
            for (var i = 0; i < LogitBlocks.Length; i++)
            {
                var token = (block * LogitBlocks.Length) + i;
                // Of equal ones, the last token is the least likely.
                if (logits[i] >= wanted && logits[i] <= lowest && _interval.Contains(logits[i], token))
                {
                    (lowest, first) = (logits[i], token);
                }
            }
        }

        if (lowest < float.PositiveInfinity)
        {
            _interval = _interval.UpTo(lowest, first);
            Largest = lowest;
        }
    }

    /// <summary>Draws one of the candidates by their probabilities, softened by the temperature.</summary>
    /// <param name="temperature">Divides the logits; above 0.</param>
    /// <param name="random">Numbers for this draw alone: how many it takes depends on the logits.</param>
    /// <returns>A token, or -1 where there is no candidate.</returns>
    public int Draw(float temperature, SplitMix64 random)
    {
        if (_isRanked)
        {
            return _ranked.Draw(temperature, random.NextDouble());
        }

        if (Largest == float.NegativeInfinity)
        {
            return -1;
        }

        // Where the likeliest tokens are taken away, the envelope would lie far above what is left.
        if (_interval.HasLowOnly && DrawByRejection(temperature, ref random) is var token and >= 0)
        {
            return token;
        }

        Settle();
        return DrawBySums(temperature, random.NextDouble());
    }

    /// <summary>Draws a token as <see cref="Draw"/> does, with one random number and the exact weights of all candidates.</summary>
    /// <param name="random">From 0 to below 1; candidates divide this range in the order of tokens.</param>
    internal int DrawBySums(float temperature, double random)
    {
        var scale = Exp2.Log2E / temperature;
        var left = random * Weigh(_interval, scale, _sums);
        var last = -1;
        for (var block = 0; block < _blocks.Count; block++)
        {
            if (_sums[block] == 0 || (left >= _sums[block] && block + 1 < _blocks.Count))
            {
                left -= _sums[block];
                continue;
            }

            var logits = _blocks.At(block);
            for (var i = 0; i < LogitBlocks.Length; i++)
            {
                var token = (block * LogitBlocks.Length) + i;
                if (!_interval.Contains(logits[i], token) || Exp2.Approximate((logits[i] - Largest) * scale) is not (> 0 and var weight))
                {
                    continue;
                }

                last = token;
                left -= weight;
                if (left < 0)
                {
                    return token;
                }
            }

            // The block's sum was rounded up a little; what is left falls to the next one.
            left = 0;
        }

        return last >= 0 ? last : LastCandidate();
    }

    int LastCandidate()
    {
        for (var token = (_blocks.Count * LogitBlocks.Length) - 1; token >= 0; token--)
        {
            var block = token / LogitBlocks.Length;
            if (_sums[block] > 0 && _interval.Contains(_blocks.At(block)[token % LogitBlocks.Length], token))
            {
                return token;
            }
        }

        return -1;
    }

    /// <summary>
    /// Draws a block by an upper bound of its weight, then one of its tokens, which is taken as often as its weight reaches the bound and
    /// the deferred filter leaves it.
    /// </summary>
    /// <returns>A token; -1 where none was taken in too many tries.</returns>
    int DrawByRejection(float temperature, ref SplitMix64 random)
    {
        var scale = Exp2.Log2E / temperature;
        var allowed = _interval;
        FindPeaks(_envelope, scale);
        var total = 0d;
        for (var block = 0; block < _blocks.Count; block++)
        {
            total += _blocks.Maxima[block] >= allowed.Low ? _envelope[block] : 0;
            _running[block] = total;
        }

        var left = MaxTestPasses * (_blocks.Count + 1);
        for (var tries = 0; tries < MaxTries && left > 0 && total > 0; tries++)
        {
            var block = FirstAbove(random.NextDouble() * total);
            // One number for two choices: the lower bits and the upper ones do not know of each other.
            var number = random.NextUInt64();
            var (place, height) = ((int)(number % LogitBlocks.Length), SplitMix64.ToDouble(number));
            var (logit, token) = (_blocks.At(block)[place], (block * LogitBlocks.Length) + place);
            if (!allowed.Contains(logit, token) || height * _envelope[block] >= Exp2.Approximate((logit - Largest) * scale))
            {
                continue;
            }

            if (_deferred == DeferredFilter.None || Passes(logit, token, out var visited))
            {
                return token;
            }

            left -= visited + 1;
            // No token behind a refused one is left either.
            allowed = Before(allowed, logit, token);
        }

        return -1;
    }

    /// <summary>The first block whose running sum is above a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int FirstAbove(double number)
    {
        var (low, high) = (0, _blocks.Count - 1);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (_running[middle] > number)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    void Defer(DeferredFilter filter, float share)
    {
        Settle();
        (_deferred, _domain, _share) = (filter, _interval, share);
        _sums.AsSpan(0, _blocks.Count).Fill(double.NaN);
        _total = double.NaN;
        if (filter == DeferredFilter.Typical)
        {
            FindCenter();
        }
        else
        {
            FindPeaks(_peaks, Exp2.Log2E);
        }

        // The weights of the largest of each block count as those of candidates.
        if (!_domain.HasLowOnly)
        {
            Settle();
        }
    }

    /// <summary>
    /// Whether the deferred filter leaves a token: whether those that come before it have less than the share that is wanted.
    /// </summary>
    /// <param name="visited">Blocks that had to be read for the answer.</param>
    bool Passes(float logit, int token, out int visited)
    {
        var before = WeighBefore(Before(_domain, logit, token), out visited);
        if (before == 0)
        {
            return true;
        }

        if (_deferred == DeferredFilter.TopP && double.IsNaN(_total))
        {
            // What is known of the total is often enough.
            if (before < Wanted(KnownTotal()))
            {
                return true;
            }

            visited += FindTotal();
        }

        return before < Wanted(_total);
    }

    double Wanted(double total) => _deferred == DeferredFilter.TopP ? _share * total * Tolerance : _share * total;

    /// <summary>The tokens of an interval that come before one in the order of the deferred filter.</summary>
    TokenInterval Before(in TokenInterval interval, float logit, int token) => _deferred == DeferredFilter.Typical
        ? interval.Around(_center, MathF.Abs(logit - _center), token - 1)
        : interval.From(logit, token - 1);

    /// <summary>At least so much have all tokens of the domain together.</summary>
    double KnownTotal()
    {
        var total = 0d;
        for (var block = 0; block < _blocks.Count; block++)
        {
            total += !double.IsNaN(_sums[block]) ? _sums[block] : _blocks.Maxima[block] >= _domain.Low ? _peaks[block] : 0;
        }

        return total;
    }

    /// <summary>Reads the blocks that are not known yet, and says how many.</summary>
    int FindTotal()
    {
        var visited = 0;
        _total = 0;
        for (var block = 0; block < _blocks.Count; block++)
        {
            if (double.IsNaN(_sums[block]))
            {
                _sums[block] = WeighBlock(block, _domain, Exp2.Log2E);
                visited++;
            }

            _total += _sums[block];
        }

        return visited;
    }

    /// <summary>Works the deferred filter out, so that the interval alone says which tokens are left.</summary>
    void Settle()
    {
        var filter = _deferred;
        if (filter == DeferredFilter.None)
        {
            return;
        }

        if (double.IsNaN(_total))
        {
            FindTotal();
        }

        var isTypical = filter == DeferredFilter.Typical;
        var (key, last) = Select(_domain, isTypical ? _center : null, isWeighed: true, Wanted(_total));
        _deferred = DeferredFilter.None;
        if (isTypical)
        {
            _interval = _interval.Around(_center, key, last);
            Largest = FindLargest();
        }
        else
        {
            _interval = _interval.From(-key, last);
        }
    }

    /// <summary>The weights that the largest logits of all blocks have.</summary>
    void FindPeaks(float[] peaks, float scale)
    {
        fixed (float* maxima = _blocks.PaddedMaxima)
        fixed (float* peak = peaks)
        {
            for (var block = 0; block < _blocks.Count; block += Lanes)
            {
                Exp2.Approximate((Vector256.Load(maxima + block) - Vector256.Create(Largest)) * scale).Store(peak + block);
            }
        }
    }

    /// <summary>The weights of all candidates together.</summary>
    /// <param name="interval">The candidates.</param>
    /// <param name="scale">What differences of logits are multiplied with to become powers of two.</param>
    /// <param name="sums">Null, or where those of the single blocks go.</param>
    double Weigh(TokenInterval interval, float scale, double[]? sums = null)
    {
        var total = 0d;
        for (var block = 0; block < _blocks.Count; block++)
        {
            var sum = interval.CanHold(_blocks.Maxima[block]) ? WeighBlock(block, interval, scale) : 0;
            total += sum;
            if (sums is not null)
            {
                sums[block] = sum;
            }
        }

        return total;
    }

    /// <summary>The weights of a part of the domain together.</summary>
    double WeighBefore(TokenInterval part, out int visited)
    {
        var total = 0d;
        visited = 0;
        for (var block = 0; block < _blocks.Count; block++)
        {
            if (part.CanHold(_blocks.Maxima[block]))
            {
                total += _deferred == DeferredFilter.Typical ? SumWeights(block, part)
                    : double.IsNaN(_sums[block]) ? WeighBlock(block, part)
                    : WeighBlock(block, part, Exp2.Log2E);
                visited++;
            }
        }

        return total;
    }

    /// <summary>The weights of the candidates of a block; what it returns in single precision is a sum of few numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    float WeighBlock(int block, in TokenInterval interval, float scale)
    {
        var logits = _blocks.At(block);
        var token = block * LogitBlocks.Length;
        var largest = Vector256.Create(Largest);
        var (even, odd) = (Vector256<float>.Zero, Vector256<float>.Zero);
        if (!interval.TryGetBounds(token, LogitBlocks.Length, out var bound, out var distance))
        {
            for (var i = 0; i < LogitBlocks.Length; i += 2 * Lanes)
            {
                var (a, b) = (Vector256.Load(logits + i), Vector256.Load(logits + i + Lanes));
                even += Exp2.Approximate((a - largest) * scale) & interval.Mask(a, token + i);
                odd += Exp2.Approximate((b - largest) * scale) & interval.Mask(b, token + i + Lanes);
            }
        }
        else if (distance == float.PositiveInfinity)
        {
            var low = Vector256.Create(bound);
            for (var i = 0; i < LogitBlocks.Length; i += 2 * Lanes)
            {
                var (a, b) = (Vector256.Load(logits + i), Vector256.Load(logits + i + Lanes));
                even += Exp2.Approximate((a - largest) * scale) & Vector256.GreaterThanOrEqual(a, low);
                odd += Exp2.Approximate((b - largest) * scale) & Vector256.GreaterThanOrEqual(b, low);
            }
        }
        else
        {
            var (low, center, most) = (Vector256.Create(bound), Vector256.Create(interval.Center), Vector256.Create(distance));
            for (var i = 0; i < LogitBlocks.Length; i += 2 * Lanes)
            {
                var (a, b) = (Vector256.Load(logits + i), Vector256.Load(logits + i + Lanes));
                even += Exp2.Approximate((a - largest) * scale) & Vector256.GreaterThanOrEqual(a, low)
                    & Vector256.LessThanOrEqual(Vector256.Abs(a - center), most);
                odd += Exp2.Approximate((b - largest) * scale) & Vector256.GreaterThanOrEqual(b, low)
                    & Vector256.LessThanOrEqual(Vector256.Abs(b - center), most);
            }
        }

        return HorizontalSum.Reduce(even + odd);
    }

    /// <summary>
    /// The weights of the tokens of a block that are in a part of the domain; those of the whole domain go into <c>_sums</c>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    float WeighBlock(int block, in TokenInterval part)
    {
        var logits = _blocks.At(block);
        var token = block * LogitBlocks.Length;
        var (largest, low) = (Vector256.Create(Largest), Vector256.Create(_domain.Low));
        var (even, odd) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var (evenPart, oddPart) = (Vector256<float>.Zero, Vector256<float>.Zero);
        if (part.TryGetBounds(token, LogitBlocks.Length, out var bound, out var distance) && distance == float.PositiveInfinity)
        {
            var partLow = Vector256.Create(bound);
            for (var i = 0; i < LogitBlocks.Length; i += 2 * Lanes)
            {
                var (a, b) = (Vector256.Load(logits + i), Vector256.Load(logits + i + Lanes));
                var aWeights = Exp2.Approximate((a - largest) * Exp2.Log2E);
                var bWeights = Exp2.Approximate((b - largest) * Exp2.Log2E);
                even += aWeights & Vector256.GreaterThanOrEqual(a, low);
                odd += bWeights & Vector256.GreaterThanOrEqual(b, low);
                evenPart += aWeights & Vector256.GreaterThanOrEqual(a, partLow);
                oddPart += bWeights & Vector256.GreaterThanOrEqual(b, partLow);
            }
        }
        else
        {
            for (var i = 0; i < LogitBlocks.Length; i += 2 * Lanes)
            {
                var (a, b) = (Vector256.Load(logits + i), Vector256.Load(logits + i + Lanes));
                var aWeights = Exp2.Approximate((a - largest) * Exp2.Log2E);
                var bWeights = Exp2.Approximate((b - largest) * Exp2.Log2E);
                even += aWeights & Vector256.GreaterThanOrEqual(a, low);
                odd += bWeights & Vector256.GreaterThanOrEqual(b, low);
                evenPart += aWeights & part.Mask(a, token + i);
                oddPart += bWeights & part.Mask(b, token + i + Lanes);
            }
        }

        _sums[block] = HorizontalSum.Reduce(even + odd);
        return HorizontalSum.Reduce(evenPart + oddPart);
    }

    /// <summary>The weights of the tokens of a block that are in a part of the domain, after <see cref="FindCenter"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    float SumWeights(int block, in TokenInterval part)
    {
        var logits = _blocks.At(block);
        var token = block * LogitBlocks.Length;
        var (even, odd) = (Vector256<float>.Zero, Vector256<float>.Zero);
        fixed (float* weights = &_weights[token])
        {
            if (part.TryGetBounds(token, LogitBlocks.Length, out var bound, out var distance))
            {
                if (Vector512.IsHardwareAccelerated)
                {
                    // The two halves are the even and the odd sums below: the same bits.
                    var sums = Vector512<float>.Zero;
                    for (var i = 0; i < LogitBlocks.Length; i += 2 * Lanes)
                    {
                        var some = Vector512.Load(logits + i);
                        sums += Vector512.Load(weights + i) & Vector512.GreaterThanOrEqual(some, Vector512.Create(bound))
                            & Vector512.LessThanOrEqual(Vector512.Abs(some - Vector512.Create(part.Center)), Vector512.Create(distance));
                    }

                    return HorizontalSum.Reduce(sums.GetLower() + sums.GetUpper());
                }

                var (low, center, most) = (Vector256.Create(bound), Vector256.Create(part.Center), Vector256.Create(distance));
                for (var i = 0; i < LogitBlocks.Length; i += 2 * Lanes)
                {
                    var (a, b) = (Vector256.Load(logits + i), Vector256.Load(logits + i + Lanes));
                    even += Vector256.Load(weights + i) & Vector256.GreaterThanOrEqual(a, low)
                        & Vector256.LessThanOrEqual(Vector256.Abs(a - center), most);
                    odd += Vector256.Load(weights + i + Lanes) & Vector256.GreaterThanOrEqual(b, low)
                        & Vector256.LessThanOrEqual(Vector256.Abs(b - center), most);
                }
            }
            else
            {
                for (var i = 0; i < LogitBlocks.Length; i += 2 * Lanes)
                {
                    even += Vector256.Load(weights + i) & part.Mask(Vector256.Load(logits + i), token + i);
                    odd += Vector256.Load(weights + i + Lanes) & part.Mask(Vector256.Load(logits + i + Lanes), token + i + Lanes);
                }
            }
        }

        return HorizontalSum.Reduce(even + odd);
    }

    /// <summary>The logit whose surprise is the expected one, and with it the total and the weights of all tokens.</summary>
    void FindCenter()
    {
        Grow(ref _weights, _blocks.Count * LogitBlocks.Length);
        var expected = 0d;
        _total = 0;
        for (var block = 0; block < _blocks.Count; block++)
        {
            if (!_domain.CanHold(_blocks.Maxima[block]))
            {
                _sums[block] = 0;
                continue;
            }

            var logits = _blocks.At(block);
            var token = block * LogitBlocks.Length;
            var largest = Vector256.Create(Largest);
            var (even, odd) = (Vector256<float>.Zero, Vector256<float>.Zero);
            var (evenExpected, oddExpected) = (Vector256<float>.Zero, Vector256<float>.Zero);
            var hasBound = _domain.TryGetBounds(token, LogitBlocks.Length, out var bound, out var distance)
                && distance == float.PositiveInfinity;
            var low = Vector256.Create(bound);
            ref var weights = ref _weights[token];
            if (Vector512.IsHardwareAccelerated && hasBound)
            {
                // The two halves are the even and the odd sums below: the same bits.
                var (sums, products) = (Vector512<float>.Zero, Vector512<float>.Zero);
                for (var i = 0; i < LogitBlocks.Length; i += 2 * Lanes)
                {
                    var some = Vector512.Load(logits + i);
                    var mask = Vector512.GreaterThanOrEqual(some, Vector512.Create(bound));
                    some = (some - Vector512.Create(Largest)) & mask;
                    var someWeights = Exp2.Approximate(some * Exp2.Log2E) & mask;
                    someWeights.StoreUnsafe(ref weights, (nuint)i);
                    sums += someWeights;
                    products += some * someWeights;
                }

                _sums[block] = HorizontalSum.Reduce(sums.GetLower() + sums.GetUpper());
                _total += _sums[block];
                expected += HorizontalSum.Reduce(products.GetLower() + products.GetUpper());
                continue;
            }

            for (var i = 0; i < LogitBlocks.Length; i += 2 * Lanes)
            {
                var (a, b) = (Vector256.Load(logits + i), Vector256.Load(logits + i + Lanes));
                var aMask = hasBound ? Vector256.GreaterThanOrEqual(a, low) : _domain.Mask(a, token + i);
                var bMask = hasBound ? Vector256.GreaterThanOrEqual(b, low) : _domain.Mask(b, token + i + Lanes);
                // Masked before they are multiplied: infinity times 0 is no number.
                (a, b) = ((a - largest) & aMask, (b - largest) & bMask);
                var aWeights = Exp2.Approximate(a * Exp2.Log2E) & aMask;
                var bWeights = Exp2.Approximate(b * Exp2.Log2E) & bMask;
                aWeights.StoreUnsafe(ref weights, (nuint)i);
                bWeights.StoreUnsafe(ref weights, (nuint)(i + Lanes));
                even += aWeights;
                odd += bWeights;
                evenExpected += a * aWeights;
                oddExpected += b * bWeights;
            }

            _sums[block] = HorizontalSum.Reduce(even + odd);
            _total += _sums[block];
            expected += HorizontalSum.Reduce(evenExpected + oddExpected);
        }

        // The surprise of a token is log(total) - (logit - largest); expected above is the mean of what is subtracted, times the total.
        _center = (float)(Largest + (expected / _total));
    }

    /// <summary>
    /// The tokens of an interval with the smallest keys, of equal ones the smaller tokens, until their weights reach
    /// <paramref name="wanted"/>.
    /// </summary>
    /// <param name="center">
    /// Null where the keys are the negative logits, so that the largest come first; else the keys are distances from it.
    /// </param>
    /// <param name="isWeighed">Whether they weigh what they are probable; else each weighs one.</param>
    /// <param name="wanted">The sum to be reached.</param>
    /// <returns>The largest key that stays, and the last token that stays with it.</returns>
    (float Key, int LastToken) Select(TokenInterval interval, float? center, bool isWeighed, double wanted)
    {
        var length = _blocks.Count * LogitBlocks.Length;
        Grow(ref _keys, length);
        Grow(ref _weights, length);
        var least = Vector256.Create(float.PositiveInfinity);
        var most = Vector256.Create(float.NegativeInfinity);
        fixed (float* keys = _keys)
        fixed (float* weights = _weights)
        {
            for (var token = 0; token < length; token += Lanes)
            {
                var logits = Vector256.Load(_blocks.At(token / LogitBlocks.Length) + (token % LogitBlocks.Length));
                var mask = interval.Mask(logits, token);
                var key = center is { } middle ? Vector256.Abs(logits - Vector256.Create(middle)) : -logits;
                key = Vector256.ConditionalSelect(mask, key, Vector256.Create(float.PositiveInfinity));
                least = Vector256.Min(least, key);
                most = Vector256.Max(most, Vector256.ConditionalSelect(mask, key, Vector256.Create(float.NegativeInfinity)));
                key.Store(keys + token);
                if (isWeighed)
                {
                    (Exp2.Approximate((logits - Vector256.Create(Largest)) * Exp2.Log2E) & mask).Store(weights + token);
                }
            }
        }

        var smallest = float.PositiveInfinity;
        var largest = float.NegativeInfinity;
        for (var lane = 0; lane < Lanes; lane++)
        {
            smallest = MathF.Min(smallest, least[lane]);
            largest = MathF.Max(largest, most[lane]);
        }

        return _selection.FindLast(_keys.AsSpan(0, length), isWeighed ? _weights.AsSpan(0, length) : default, smallest, largest, wanted);
    }

    static void Grow(ref float[] array, int length)
    {
        if (array.Length < length)
        {
            array = new float[length];
        }
    }

    float FindLargest()
    {
        var result = float.NegativeInfinity;
        for (var block = 0; block < _blocks.Count; block++)
        {
            if (!_interval.CanHold(_blocks.Maxima[block]))
            {
                continue;
            }

            var logits = _blocks.At(block);
            var largest = Vector256.Create(float.NegativeInfinity);
            for (var i = 0; i < LogitBlocks.Length; i += Lanes)
            {
                var some = Vector256.Load(logits + i);
                var mask = _interval.Mask(some, (block * LogitBlocks.Length) + i);
                largest = Vector256.Max(largest, Vector256.ConditionalSelect(mask, some, Vector256.Create(float.NegativeInfinity)));
            }

            for (var lane = 0; lane < Lanes; lane++)
            {
                result = MathF.Max(result, largest[lane]);
            }
        }

        return result;
    }

    /// <summary>The sum of the candidates of a block.</summary>
    /// <param name="counts">How many they are is added to it, in eight lanes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    float SumLogits(int block, ref Vector256<int> counts)
    {
        var logits = _blocks.At(block);
        var (isPlain, low) = (_interval.HasLowOnly, Vector256.Create(_interval.Low));
        var (even, odd) = (Vector256<float>.Zero, Vector256<float>.Zero);
        for (var i = 0; i < LogitBlocks.Length; i += 2 * Lanes)
        {
            var (a, b) = (Vector256.Load(logits + i), Vector256.Load(logits + i + Lanes));
            var (aMask, bMask) = (Mask(a, block, i, isPlain, low), Mask(b, block, i + Lanes, isPlain, low));
            counts -= aMask.AsInt32() + bMask.AsInt32();
            even += a & aMask;
            odd += b & bMask;
        }

        return HorizontalSum.Reduce(even + odd);
    }

    /// <summary>The sum of the squares of what the candidates of a block differ by from a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    float SumSquares(int block, float mean)
    {
        var logits = _blocks.At(block);
        var (isPlain, low) = (_interval.HasLowOnly, Vector256.Create(_interval.Low));
        var (even, odd) = (Vector256<float>.Zero, Vector256<float>.Zero);
        for (var i = 0; i < LogitBlocks.Length; i += 2 * Lanes)
        {
            var (a, b) = (Vector256.Load(logits + i), Vector256.Load(logits + i + Lanes));
            var aOff = (a - Vector256.Create(mean)) & Mask(a, block, i, isPlain, low);
            var bOff = (b - Vector256.Create(mean)) & Mask(b, block, i + Lanes, isPlain, low);
            even += aOff * aOff;
            odd += bOff * bOff;
        }

        return HorizontalSum.Reduce(even + odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Vector256<float> Mask(Vector256<float> logits, int block, int place, bool isPlain, Vector256<float> low) =>
        isPlain ? Vector256.GreaterThanOrEqual(logits, low) : _interval.Mask(logits, (block * LogitBlocks.Length) + place);
}
