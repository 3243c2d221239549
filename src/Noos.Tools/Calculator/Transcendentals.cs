using System.Numerics;
using Noos.Core.Tools;

namespace Noos.Tools.Calculator;

/// <summary>
/// Transcendental functions by power series in fixed-point binary arithmetic with 448 bits after the point (134 decimal digits),
/// after the usual reductions of the argument (Brent and Zimmermann, Modern Computer Arithmetic, chapter 4). Results are
/// right to more digits than <see cref="Number.WorkingDigits"/>.
/// </summary>
static class Transcendentals
{
    const int FractionBits = 448;
    const int MaximumAngleDigits = 50;
    const int TinyDigits = 35;

    static readonly BigInteger s_one = BigInteger.One << FractionBits;
    // Machin: pi = 16 atan(1/5) - 4 atan(1/239).
    static readonly BigInteger s_pi = (16 * AtanSeries(s_one / 5)) - (4 * AtanSeries(s_one / 239));
    static readonly BigInteger s_ln2 = 2 * AtanhSeries(s_one / 3);

    public static Number Pi { get; } = FromFixed(s_pi);

    public static Number Exp(Number value)
    {
        if (value.IsZero)
        {
            return Number.One;
        }

        if (Number.Magnitude(value) > 5)
        {
            return value.Sign > 0
                ? throw new ToolException($"The result has more than {Number.MaximumDigits} digits, which is too long.")
                : throw new ToolException("The result is too close to zero to be shown.");
        }

        var reduced = ToFixed(value);
        var shift = (int)Divide(reduced, s_ln2);
        reduced -= shift * s_ln2;
        var result = ExpSeries(reduced);
        return shift >= 0
            ? Number.From(result << shift, s_one, isExact: false)
            : Number.From(result, s_one << -shift, isExact: false);
    }

    /// <exception cref="ToolException">The value is not above zero.</exception>
    public static Number Ln(Number value)
    {
        if (value.Sign <= 0)
        {
            throw new ToolException("A logarithm needs a number above zero.");
        }

        if (value.IsExact && value == Number.One)
        {
            return Number.Zero;
        }

        var distance = value - Number.One;
        if (!distance.IsZero && Number.Magnitude(distance) < -TinyDigits)
        {
            return distance.Inexact();
        }

        // value = mantissa * 2^shift with the mantissa near one, where the series of atanh converges fast.
        var shift = (int)(value.Numerator.GetBitLength() - value.Denominator.GetBitLength());
        var mantissa = shift >= 0
            ? (value.Numerator << FractionBits) / (value.Denominator << shift)
            : (value.Numerator << (FractionBits - shift)) / value.Denominator;
        var logarithm = 2 * AtanhSeries(((mantissa - s_one) << FractionBits) / (mantissa + s_one));
        return FromFixed(logarithm + (shift * s_ln2));
    }

    public static Number Sin(Number angle)
    {
        if (angle.IsZero)
        {
            return angle;
        }

        if (Number.Magnitude(angle) < -TinyDigits)
        {
            return angle.Inexact();
        }

        return FromAngle(SinSeries(Reduce(angle)), angle);
    }

    public static Number Cos(Number angle) => angle.IsZero ? Number.One : FromAngle(SinSeries(Reduce(angle) + (s_pi / 2)), angle);

    public static Number Asin(Number value)
    {
        CheckUnit("asin", value);
        if (value.Abs() == Number.One)
        {
            return Pi * Number.From(value.Sign, 2);
        }

        return Atan(value / Roots.Root(Number.One - (value * value), 2));
    }

    public static Number Acos(Number value)
    {
        CheckUnit("acos", value);
        if (value == -Number.One)
        {
            return Pi;
        }

        return Number.From(2) * Atan(Roots.Root((Number.One - value) / (Number.One + value), 2));
    }

    public static Number Atan(Number value)
    {
        if (value.IsZero)
        {
            return value;
        }

        if (Number.Magnitude(value) < -TinyDigits)
        {
            return value.Inexact();
        }

        if (Number.Compare(value.Abs(), Number.One) > 0)
        {
            return (Pi * Number.From(value.Sign, 2)) - Atan(value.Reciprocal());
        }

        // Two halvings of the angle, atan x = 2 atan(x / (1 + sqrt(1 + x^2))), bring the argument below 0.2.
        var argument = ToFixed(value);
        for (var halving = 0; halving < 2; halving++)
        {
            var hypotenuse = SquareRoot(s_one + Multiply(argument, argument));
            argument = (argument << FractionBits) / (s_one + hypotenuse);
        }

        return FromFixed(4 * AtanSeries(argument));
    }

    /// <summary>Whether two numbers agree in all but their last digits.</summary>
    public static bool AreClose(Number left, Number right) => (left.Inexact() - right.Inexact()).IsZero;

    static void CheckUnit(string function, Number value)
    {
        if (Number.Compare(value.Abs(), Number.One) > 0)
        {
            throw new ToolException($"{function} needs a number from -1 to 1.");
        }
    }

    /// <summary>The angle less whole turns, between -pi and pi.</summary>
    static BigInteger Reduce(Number angle)
    {
        if (Number.Magnitude(angle) > MaximumAngleDigits)
        {
            throw new ToolException($"The angle is too large; it may have up to {MaximumAngleDigits} digits.");
        }

        var turn = 2 * s_pi;
        var value = ToFixed(angle);
        return value - (Divide(value + s_pi, turn) * turn);
    }

    static Number FromAngle(BigInteger value, Number angle)
    {
        // The angle is known to WorkingDigits only, so a sine below that noise, like sin(pi), is zero.
        var noiseDigits = Number.WorkingDigits - 2 - Math.Max(0, Number.Magnitude(angle));
        var isNoise = !angle.IsExact && BigInteger.Abs(value) * BigInteger.Pow(10, noiseDigits) < s_one;
        return isNoise ? Number.Zero : FromFixed(value);
    }

    static BigInteger ToFixed(Number value) => Divide(value.Numerator << FractionBits, value.Denominator);

    static Number FromFixed(BigInteger value) => Number.From(value, s_one, isExact: false);

    static BigInteger Multiply(BigInteger left, BigInteger right) => (left * right) >> FractionBits;

    static BigInteger Divide(BigInteger left, BigInteger right)
    {
        var quotient = BigInteger.DivRem(left, right, out var remainder);
        return remainder.Sign < 0 ? quotient - 1 : quotient;
    }

    static BigInteger SquareRoot(BigInteger value)
    {
        var target = value << FractionBits;
        var guess = BigInteger.One << ((int)(target.GetBitLength() / 2) + 1);
        while (true)
        {
            var next = (guess + (target / guess)) >> 1;
            if (next >= guess)
            {
                return guess;
            }

            guess = next;
        }
    }

    static BigInteger ExpSeries(BigInteger argument)
    {
        var (sum, term) = (s_one, s_one);
        for (var index = 1; !term.IsZero; index++)
        {
            term = Multiply(term, argument) / index;
            sum += term;
        }

        return sum;
    }

    static BigInteger SinSeries(BigInteger argument)
    {
        var square = Multiply(argument, argument);
        var (sum, term) = (argument, argument);
        for (var index = 2; !term.IsZero; index += 2)
        {
            term = -Multiply(term, square) / (index * (index + 1));
            sum += term;
        }

        return sum;
    }

    static BigInteger AtanSeries(BigInteger argument) => OddSeries(argument, -1);

    static BigInteger AtanhSeries(BigInteger argument) => OddSeries(argument, 1);

    /// <summary>x + s x^3/3 + x^5/5 + s x^7/7 + ...</summary>
    static BigInteger OddSeries(BigInteger argument, int sign)
    {
        var square = sign * Multiply(argument, argument);
        var (sum, power) = (argument, argument);
        for (var index = 3; !IsNegligible(power); index += 2)
        {
            power = Multiply(power, square);
            sum += power / index;
        }

        return sum;
    }

    // The shift of a negative product rounds towards minus infinity, so its last value is -1, never 0.
    static bool IsNegligible(BigInteger value) => value.IsZero || value == BigInteger.MinusOne;
}
