using System.Numerics;
using Noos.Core.Tools;

namespace Noos.Tools.Calculator;

/// <summary>
/// A rational number in lowest terms with a positive denominator. <see cref="IsExact"/> is false for the value of a root or of a
/// transcendental function, which is right to <see cref="WorkingDigits"/> significant digits and is kept rounded to them.
/// </summary>
readonly record struct Number
{
    /// <summary>Significant digits that an inexact number carries: far more than are shown.</summary>
    public const int WorkingDigits = 60;

    /// <summary>No numerator or denominator grows beyond this many decimal digits.</summary>
    public const int MaximumDigits = 10_000;

    const int MaximumBits = (int)(MaximumDigits * 3.3219280948873626);

    /// <summary>A difference of inexact numbers that is this much smaller than they are is taken for zero.</summary>
    const int CancellationDigits = 45;

    readonly BigInteger _denominatorMinusOne;

    Number(BigInteger numerator, BigInteger denominator, bool isExact)
    {
        Numerator = numerator;
        _denominatorMinusOne = denominator - 1;
        IsExact = isExact;
    }

    public static Number Zero => default(Number) with { IsExact = true };

    public static Number One => new(BigInteger.One, BigInteger.One, true);

    public BigInteger Numerator { get; }

    public BigInteger Denominator => _denominatorMinusOne + 1;

    public bool IsExact { get; private init; }

    public bool IsInteger => _denominatorMinusOne.IsZero;

    public bool IsZero => Numerator.IsZero;

    public int Sign => Numerator.Sign;

    public static Number From(BigInteger value) => new(value, BigInteger.One, true);

    /// <exception cref="ToolException">The number is too long, or the denominator is zero.</exception>
    public static Number From(BigInteger numerator, BigInteger denominator, bool isExact = true)
    {
        if (denominator.IsZero)
        {
            throw new ToolException("Division by zero is not possible.");
        }

        if (!isExact)
        {
            return Rounded(numerator, denominator);
        }

        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
        if (!divisor.IsOne)
        {
            numerator /= divisor;
            denominator /= divisor;
        }

        CheckBits(Math.Max(numerator.GetBitLength(), denominator.GetBitLength()));
        return new Number(numerator, denominator, true);
    }

    public static Number operator +(Number left, Number right)
    {
        var product = left.Numerator * right.Denominator;
        var sum = From(product + (right.Numerator * left.Denominator), left.Denominator * right.Denominator, left.IsExact && right.IsExact);
        if (sum.IsExact || sum.IsZero)
        {
            return sum;
        }

        // Two roundings of the same number differ by their noise only, as in sin(pi) or sqrt(2)*sqrt(3)-sqrt(6).
        return Magnitude(sum) < Math.Max(Magnitude(left), Magnitude(right)) - CancellationDigits ? Zero with { IsExact = false } : sum;
    }

    public static Number operator -(Number value) => new(-value.Numerator, value.Denominator, value.IsExact);

    public static Number operator -(Number left, Number right) => left + -right;

    public static Number operator *(Number left, Number right)
    {
        CheckBits(Math.Max(left.Numerator.GetBitLength() + right.Numerator.GetBitLength(),
            left._denominatorMinusOne.GetBitLength() + right._denominatorMinusOne.GetBitLength()) - 64);
        return From(left.Numerator * right.Numerator, left.Denominator * right.Denominator, left.IsExact && right.IsExact);
    }

    public static Number operator /(Number left, Number right) => left * right.Reciprocal();

    public Number Reciprocal() => From(Denominator, Numerator, IsExact);

    public Number Abs() => new(BigInteger.Abs(Numerator), Denominator, IsExact);

    /// <summary>The largest whole number that is not greater.</summary>
    public BigInteger Floor()
    {
        var quotient = BigInteger.DivRem(Numerator, Denominator, out var remainder);
        return remainder.Sign < 0 ? quotient - 1 : quotient;
    }

    /// <summary>Negative, zero or positive as <paramref name="left"/> is less, equal or greater.</summary>
    public static int Compare(Number left, Number right) => (left - right).Sign;

    /// <summary>The same value marked as rounded, as a result that follows from rounded numbers.</summary>
    public Number Inexact() => Rounded(Numerator, Denominator);

    /// <summary>The place of the first significant decimal digit: 0 for 1..9.99, -1 for 0.1..0.99. May be one too low or high.</summary>
    public static int Magnitude(Number value) => value.IsZero
        ? int.MinValue / 2
        : (int)Math.Floor((value.Numerator.GetBitLength() - value.Denominator.GetBitLength()) * 0.30102999566398120);

    public static bool HasRoom(double bits) => bits <= MaximumBits;

    /// <exception cref="ToolException">That many bits are more than a number may have.</exception>
    public static void CheckBits(double bits)
    {
        if (!HasRoom(bits))
        {
            throw new ToolException($"The result has more than {MaximumDigits} digits, which is too long.");
        }
    }

    /// <summary>Rounds half away from zero to a multiple of 10^-<paramref name="decimals"/>; gives that multiple.</summary>
    public BigInteger RoundToMultiple(int decimals)
    {
        var scaled = decimals >= 0 ? Numerator * BigInteger.Pow(10, decimals) : Numerator;
        var divisor = decimals >= 0 ? Denominator : Denominator * BigInteger.Pow(10, -decimals);
        var quotient = BigInteger.DivRem(BigInteger.Abs(scaled), divisor, out var remainder);
        if (remainder * 2 >= divisor)
        {
            quotient += 1;
        }

        return scaled.Sign < 0 ? -quotient : quotient;
    }

    static Number Rounded(BigInteger numerator, BigInteger denominator)
    {
        if (numerator.IsZero)
        {
            return Zero with { IsExact = false };
        }

        if (denominator.Sign < 0)
        {
            (numerator, denominator) = (-numerator, -denominator);
        }

        var value = new Number(numerator, denominator, false);
        var decimals = WorkingDigits - Magnitude(value);
        if (Math.Abs(decimals) > MaximumDigits + WorkingDigits)
        {
            throw new ToolException("The result is too large or too close to zero to be shown.");
        }

        var multiple = value.RoundToMultiple(decimals);
        var scale = BigInteger.Pow(10, Math.Abs(decimals));
        if (decimals <= 0)
        {
            return new Number(multiple * scale, BigInteger.One, false);
        }

        var divisor = BigInteger.GreatestCommonDivisor(multiple, scale);
        return new Number(multiple / divisor, scale / divisor, false);
    }
}
