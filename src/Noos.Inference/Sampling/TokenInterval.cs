using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Sampling;

/// <summary>
/// Which tokens a chain of filters leaves: those whose logits lie between two bounds and near enough to a third number. At a bound itself,
/// tokens stay by their number, since of equal logits the smaller token comes first.
/// </summary>
struct TokenInterval
{
    // Those at the lower end stay up to this token.
    float _low;
    int _lowLast;

    // Those at the upper end stay from this token on.
    float _high;
    int _highFirst;

    // Typical sampling keeps those at most so far from the expected surprise, at that distance up to this token.
    float _center;
    float _distance;
    int _distanceLast;

    /// <summary>All tokens but forbidden ones.</summary>
    public static TokenInterval All => new()
    {
        _low = float.MinValue,
        _lowLast = int.MaxValue,
        _high = float.PositiveInfinity,
        _distance = float.PositiveInfinity,
        _distanceLast = int.MaxValue,
    };

    /// <summary>The lower bound.</summary>
    public readonly float Low => _low;

    /// <summary>Whether a token is in it exactly if its logit is at least <see cref="Low"/>.</summary>
    public readonly bool HasLowOnly =>
        _lowLast == int.MaxValue && _high == float.PositiveInfinity && _distance == float.PositiveInfinity;

    /// <summary>From where <see cref="TryGetBounds"/> counts distances.</summary>
    public readonly float Center => _center;

    /// <summary>Without the tokens below a logit, and those at it behind a token.</summary>
    public readonly TokenInterval From(float low, int last = int.MaxValue)
    {
        var result = this;
        if (low > _low)
        {
            (result._low, result._lowLast) = (low, last);
        }
        else if (low == _low)
        {
            result._lowLast = Math.Min(_lowLast, last);
        }

        return result;
    }

    /// <summary>Without the tokens above a logit, and those at it before a token.</summary>
    public readonly TokenInterval UpTo(float high, int first) => this with { _high = high, _highFirst = first };

    /// <summary>Without the tokens farther than a distance from a logit, and those at that distance behind a token.</summary>
    public readonly TokenInterval Around(float center, float distance, int last) =>
        this with { _center = center, _distance = distance, _distanceLast = last };

    /// <summary>Whether tokens whose largest logit is this can be in it.</summary>
    public readonly bool CanHold(float largest) =>
        largest >= _low && (_distance == float.PositiveInfinity || largest >= _center || MathF.Abs(largest - _center) <= _distance);

    public readonly bool Contains(float logit, int token) => Mask(Vector256.Create(logit), token).AsInt32().ToScalar() != 0;

    /// <summary>
    /// Where all or none of some tokens stay at each bound: the least logit that is in it and the largest distance, which is infinite where
    /// there is no such bound.
    /// </summary>
    /// <returns>False where a bound leaves some of the tokens at it, or the interval has an upper end.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool TryGetBounds(int firstToken, int count, out float low, out float distance)
    {
        low = firstToken > _lowLast ? MathF.BitIncrement(_low) : _low;
        distance = firstToken > _distanceLast ? MathF.BitDecrement(_distance) : _distance;
        return _high == float.PositiveInfinity && !IsBetween(_lowLast) && !IsBetween(_distanceLast);

        bool IsBetween(int last) => firstToken <= last && last < firstToken + count - 1;
    }

    /// <summary>Which of eight tokens are in it, as all or no bits. A NaN compares with nothing, so it is not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<float> Mask(Vector256<float> logits, int token)
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
}
